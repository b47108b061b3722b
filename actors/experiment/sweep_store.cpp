#include "actors/experiment/sweep_store.hpp"

#include "actors/experiment/dataset.hpp"
#include "runtime/file_io.hpp"

#include <botan/hash.h>
#include <botan/hex.h>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <system_error>
#include <utility>

namespace fs = std::filesystem;

namespace starling::experiment {

namespace {

constexpr mode_t options_mode = 0644;
constexpr auto options_name = "run.toml";
/// Digits are enough to tell 10,000 runs apart: two collide once in 10^11
/// sweeps.
constexpr size_t id_digits = 16;

/// Each part with its length before it, so that no two lists of parts look the
/// same.
void add(Botan::HashFunction& hash, std::string_view part) {
  const auto size = static_cast<uint64_t>(part.size());
  hash.update_be(size);
  hash.update(part);
}

std::string hex_of(Botan::HashFunction& hash) {
  return Botan::hex_encode(hash.final(), false);
}

result<std::string> hash_of_file(const fs::path& file) {
  auto in = std::ifstream{file, std::ios::binary};
  const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  auto buffer = std::vector<char>(size_t{1} << 16);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hash->update(
      std::string_view{buffer.data(), static_cast<size_t>(in.gcount())});
  }
  if (!in.eof())
    return failure{ec::file_error,
                   file.string() + ": can't be read; check its permission"};
  return hex_of(*hash);
}

failure not_made(const fs::path& folder, const std::error_code& code) {
  return {ec::file_error,
          fmt::format("{}: can't be written: {}; choose another folder",
                      folder.string(), code.message())};
}

} // namespace

result<std::string> data_fingerprint(const fs::path& folder,
                                     const std::vector<std::string>& entities) {
  const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  for (const auto& entity : entities)
    for (const auto* kind : {"train", "test"}) {
      const auto file = entity_file(folder, entity, kind);
      if (!file)
        return file.error();
      const auto content = hash_of_file(*file);
      if (!content)
        return content.error();
      add(*hash, file->filename().string());
      add(*hash, *content);
    }
  return hex_of(*hash);
}

std::string run_id(std::string_view options, std::string_view fingerprint,
                   std::string_view program_version) {
  const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  for (auto part : {options, fingerprint, program_version})
    add(*hash, part);
  return hex_of(*hash).substr(0, id_digits);
}

sweep_store::sweep_store(fs::path out) : runs_{std::move(out) / "runs"} {
  // nop
}

result<void> sweep_store::open() const {
  auto code = std::error_code{};
  fs::create_directories(runs_, code);
  if (code)
    return not_made(runs_, code);
  return {};
}

fs::path sweep_store::folder(std::string_view id) const {
  return runs_ / id;
}

fs::path sweep_store::part(std::string_view id) const {
  return runs_ / fmt::format(".{}.part", id);
}

bool sweep_store::is_finished(std::string_view id) const {
  auto code = std::error_code{};
  return fs::is_regular_file(folder(id) / options_name, code)
         && fs::is_regular_file(folder(id) / "summary.json", code);
}

result<fs::path> sweep_store::begin(std::string_view id) const {
  auto code = std::error_code{};
  const auto target = part(id);
  fs::remove_all(target, code);
  if (!code)
    fs::create_directories(target, code);
  if (code)
    return not_made(target, code);
  return target;
}

result<void> sweep_store::finish(std::string_view id,
                                 std::string_view options) const {
  if (auto done
      = write_file_atomically(part(id) / options_name, options, options_mode);
      !done)
    return done;
  auto code = std::error_code{};
  // A folder of that name can only be a damaged run, or it would have been
  // used.
  fs::remove_all(folder(id), code);
  if (!code)
    fs::rename(part(id), folder(id), code);
  if (code)
    return not_made(folder(id), code);
  return {};
}

result<void> sweep_store::remove(std::string_view id) const {
  auto code = std::error_code{};
  fs::remove_all(part(id), code);
  if (!code)
    fs::remove_all(folder(id), code);
  if (code)
    return not_made(folder(id), code);
  return {};
}

} // namespace starling::experiment
