#include "actors/experiment/injected_data.hpp"

#include "actors/experiment/csv.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <system_error>
#include <utility>

namespace fs = std::filesystem;

namespace starling::experiment {

namespace {

constexpr mode_t data_mode = 0644;

/// Owns the handle of zlib. zlib writes neither name nor time into its header.
class zipped_file {
public:
  explicit zipped_file(const fs::path& file)
    : handle_{gzopen(file.c_str(), "wb6")} {
    // nop
  }

  zipped_file(const zipped_file&) = delete;
  zipped_file& operator=(const zipped_file&) = delete;

  ~zipped_file() {
    close();
  }

  bool write(const std::string& text) {
    return handle_ != nullptr
           && (text.empty()
               || gzwrite(handle_, text.data(),
                          static_cast<unsigned>(text.size()))
                    > 0);
  }

  bool close() {
    return handle_ != nullptr
           && gzclose(std::exchange(handle_, nullptr)) == Z_OK;
  }

private:
  gzFile handle_;
};

void append_row(std::string& line, const table& content, size_t t) {
  append_number(line, content.t[t]);
  if (!content.labels.empty())
    line += content.labels[t] != 0 ? ",1" : ",0";
  for (auto x : content.row(t)) {
    line += ',';
    // An empty cell is a missing value.
    if (std::isfinite(x))
      append_number(line, x);
  }
  line += '\n';
}

failure not_written(const fs::path& file) {
  return {ec::file_error, file.string()
                            + ": can't be written; check permission and "
                              "room on the disk"};
}

result<void> copy_training(const fs::path& from, const fs::path& to,
                           const std::string& entity) {
  const auto file = entity_file(from, entity, "train");
  if (!file)
    return file.error();
  auto code = std::error_code{};
  fs::copy_file(*file, to / file->filename(),
                fs::copy_options::overwrite_existing, code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be copied to {}: {}", file->string(),
                               to.string(), code.message())};
  return {};
}

void append_stretches(std::string& lines, const table& rows,
                      const injection_choice& choice,
                      const std::vector<injected_stretch>& stretches) {
  for (const auto& x : stretches) {
    append_csv_field(lines, rows.entity);
    lines += fmt::format(",{},{},{},{},", x.begin, x.end, choice.kind,
                         choice.strength);
    auto features = std::string{};
    for (auto i : x.features)
      features += (features.empty() ? "" : " ") + rows.names[i];
    append_csv_field(lines, features);
    lines += '\n';
  }
}

} // namespace

result<table> load_alike(const fs::path& folder, const table& like,
                         bool training, const dataset_limits& limits) {
  auto names = list_entities(folder, limits);
  if (!names)
    return names.error();
  const auto self = std::ranges::find(*names, like.entity);
  if (self != names->end())
    std::ranges::rotate(*names, self + 1);
  for (const auto& other : *names) {
    if (other == like.entity)
      continue;
    auto loaded = training ? load_train(folder, other, 0, limits)
                           : load_test(folder, other, 0, limits);
    if (!loaded || loaded->features() == like.features())
      return loaded;
  }
  return failure{ec::invalid_option,
                 fmt::format("entity '{}': the kind that was asked for needs "
                             "another entity with {} features in {}; choose "
                             "another kind",
                             like.entity, like.features(), folder.string())};
}

result<table> load_injected(const fs::path& folder, std::string_view entity,
                            size_t rows_max, const injection_choice& choice,
                            const dataset_limits& limits,
                            std::vector<injected_stretch>* stretches) {
  auto rows = load_test(folder, entity, rows_max, limits);
  if (!rows)
    return rows;
  const auto training = load_train(folder, entity, 0, limits);
  if (!training)
    return training;
  auto donor = std::optional<table>{};
  if (needs_donor(choice)) {
    auto found = load_alike(folder, *rows, true, limits);
    if (!found)
      return found;
    donor = std::move(*found);
  }
  auto found = inject(*rows, *training, donor ? &*donor : nullptr, choice);
  if (!found)
    return found.error();
  if (stretches != nullptr)
    *stretches = std::move(*found);
  return rows;
}

result<void> write_table(const fs::path& file, const table& content) {
  auto part = file;
  part += ".part";
  auto out = zipped_file{part};
  auto text = std::string{content.labels.empty() ? "t" : "t,label"};
  for (const auto& name : content.names)
    text += "," + name;
  text += '\n';
  auto good = true;
  for (size_t t = 0; t < content.rows() && good; ++t) {
    append_row(text, content, t);
    if (text.size() >= size_t{1} << 16) {
      good = out.write(text);
      text.clear();
    }
  }
  good = good && out.write(text);
  if (!out.close() || !good)
    return not_written(file);
  auto code = std::error_code{};
  fs::rename(part, file, code);
  if (code)
    return not_written(file);
  return {};
}

result<injected_folder>
write_injected(const fs::path& from, const fs::path& to,
               const std::vector<std::string>& entities,
               const injection_choice& choice,
               const std::function<void(size_t)>& done) {
  auto code = std::error_code{};
  fs::create_directories(to, code);
  if (fs::equivalent(from, to, code))
    return failure{ec::invalid_option,
                   to.string()
                     + ": is the data folder itself; name another "
                       "one"};
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be made: {}; choose another folder",
                               to.string(), code.message())};
  auto out = injected_folder{};
  auto lines = std::string{"entity,begin,end,kind,strength,features\n"};
  for (const auto& entity : entities) {
    auto stretches = std::vector<injected_stretch>{};
    const auto rows = load_injected(from, entity, 0, choice, {}, &stretches);
    if (!rows)
      return rows.error();
    if (auto copied = copy_training(from, to, entity); !copied)
      return copied.error();
    if (auto written = write_table(to / (entity + ".test.csv.gz"), *rows);
        !written)
      return written.error();
    append_stretches(lines, *rows, choice, stretches);
    ++out.entities;
    out.rows += rows->rows();
    out.anomalous_rows += static_cast<size_t>(
      std::ranges::count_if(rows->labels, [](auto x) { return x != 0; }));
    out.stretches += stretches.size();
    if (done)
      done(out.entities);
  }
  if (auto written = write_file_atomically(to / "injection.csv",
                                           std::string_view{lines}, data_mode);
      !written)
    return written.error();
  return out;
}

} // namespace starling::experiment
