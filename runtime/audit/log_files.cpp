#include "runtime/audit/log_files.hpp"

#include "runtime/audit/append_file.hpp"
#include "runtime/file_io.hpp"
#include "runtime/identity/identity_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace starling::audit {

namespace {

namespace fs = std::filesystem;

constexpr size_t seq_digits = 20;

struct file_closer {
  void operator()(std::FILE* file) const {
    // Only read from: nothing can be lost here.
    static_cast<void>(std::fclose(file));
  }
};

using open_file = std::unique_ptr<std::FILE, file_closer>;

failure cant_read(const fs::path& file, int code) {
  return {ec::file_error, fmt::format("{}: can't be read: {}", file.string(),
                                      std::strerror(code))};
}

bool is_segment_of(const std::string& log, const std::string& name) {
  return name.size() == log.size() + 1 + seq_digits && name.starts_with(log)
         && name[log.size()] == '.'
         && std::all_of(name.end() - seq_digits, name.end(),
                        [](char c) { return c >= '0' && c <= '9'; });
}

/// Splits what comes in pieces into lines.
class line_splitter {
public:
  template <class Sink>
  void feed(std::string_view piece, Sink&& sink) {
    for (auto end = piece.find('\n'); end != std::string_view::npos;
         end = piece.find('\n')) {
      keep(piece.substr(0, end));
      sink(std::string_view{line_});
      line_.clear();
      open_bytes_ = 0;
      piece.remove_prefix(end + 1);
    }
    keep(piece);
  }

  /// Returns the bytes since the last line break.
  [[nodiscard]] uint64_t open_bytes() const {
    return open_bytes_;
  }

private:
  /// One byte more than a line may have tells that it is too long.
  void keep(std::string_view part) {
    open_bytes_ += part.size();
    line_
      += part.substr(0, line_max + 1 - std::min(line_.size(), line_max + 1));
  }

  std::string line_;
  uint64_t open_bytes_ = 0;
};

/// Feeds files in order; torn bytes are fine in the last one only.
result<report> inspect_files(const std::vector<fs::path>& files,
                             verifier& checker) {
  for (const auto& file : files) {
    checker.begin_file(file.filename().string());
    const auto torn = feed_file(file, checker);
    if (!torn)
      return torn.error();
    if (*torn > 0 && file == files.back())
      checker.torn(*torn);
    else if (*torn > 0)
      checker.feed("");
  }
  return checker.finish();
}

result<report> inspect_once(const fs::path& log, const notary& signer) {
  // The head first: what is written meanwhile only makes the log longer.
  const auto head = read_head(log, signer);
  auto files = rotated_segments(log);
  if (!files)
    return files.error();
  auto code = std::error_code{};
  if (fs::exists(log, code))
    files->push_back(log);
  if (files->empty())
    return failure{ec::file_error,
                   fmt::format("{}: there is no audit log", log.string())};
  auto checker = verifier{
    signer,
    {.any_start = false, .head = head ? std::optional{*head} : std::nullopt}};
  auto found = inspect_files(*files, checker);
  if (found && found->intact() && !head)
    found->problem = finding{
      flaw::head_missing, head_path(log).filename().string(), 0,
      fmt::format("a cut tail could not be noticed: {}", head.error().text)};
  return found;
}

} // namespace

fs::path segment_path(const fs::path& log, uint64_t first_seq) {
  return fmt::format("{}.{:020}", log.string(), first_seq);
}

fs::path head_path(const fs::path& log) {
  return log.string() + ".head";
}

result<std::vector<fs::path>> rotated_segments(const fs::path& log) {
  const auto folder = log.has_parent_path() ? log.parent_path() : fs::path{"."};
  auto found = std::vector<fs::path>{};
  auto code = std::error_code{};
  for (auto i = fs::directory_iterator{folder, code};
       !code && i != fs::directory_iterator{}; i.increment(code))
    if (is_segment_of(log.filename().string(), i->path().filename().string()))
      found.push_back(log.parent_path() / i->path().filename());
  if (code)
    return failure{
      ec::file_error,
      fmt::format("{}: can't be listed: {}", folder.string(), code.message())};
  std::ranges::sort(found);
  return found;
}

result<uint64_t> read_lines(const fs::path& file,
                            const std::function<void(std::string_view)>& sink) {
  const auto in = open_file{std::fopen(file.c_str(), "rbe")};
  if (!in)
    return cant_read(file, errno);
  auto lines = line_splitter{};
  auto buffer = std::array<char, 64 * 1024>{};
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), in.get()))
    lines.feed({buffer.data(), got}, sink);
  if (std::ferror(in.get()) != 0)
    return cant_read(file, EIO);
  return lines.open_bytes();
}

result<uint64_t> feed_file(const fs::path& file, verifier& target) {
  return read_lines(file,
                    [&target](std::string_view line) { target.feed(line); });
}

result<std::string> last_bytes(const fs::path& file, size_t count) {
  const auto in = open_file{std::fopen(file.c_str(), "rbe")};
  if (!in || std::fseek(in.get(), 0, SEEK_END) != 0)
    return cant_read(file, errno);
  const auto size = std::ftell(in.get());
  if (size < 0)
    return cant_read(file, errno);
  auto result = std::string(std::min(count, static_cast<size_t>(size)), '\0');
  if (std::fseek(in.get(), -static_cast<long>(result.size()), SEEK_END) != 0
      || std::fread(result.data(), 1, result.size(), in.get()) != result.size())
    return cant_read(file, EIO);
  return result;
}

result<record> first_record(const fs::path& file) {
  const auto in = open_file{std::fopen(file.c_str(), "rbe")};
  if (!in)
    return cant_read(file, errno);
  auto line = std::string(line_max + 1, '\0');
  line.resize(std::fread(line.data(), 1, line.size(), in.get()));
  return parse_record(std::string_view{line}.substr(0, line.find('\n')));
}

result<position> read_head(const fs::path& log, const notary& signer) {
  auto text = read_text_file(head_path(log), line_max + 1);
  if (!text)
    return failure{ec::file_error, text.error().text};
  if (text->ends_with('\n'))
    text->pop_back();
  const auto anchor = parse_record(*text);
  if (!anchor || anchor->hash != hash_of(*anchor)
      || !verify_anchor(*anchor, signer))
    return failure{ec::authentication_failed,
                   fmt::format("{}: is not an anchor signed by {}",
                               head_path(log).string(), to_string(signer.id))};
  return anchor->place();
}

result<void> write_head(const fs::path& log, const std::string& line,
                        bool synced) {
  const auto path = head_path(log);
  if (synced)
    return write_file_atomically(path, line + "\n", private_file_mode);
  const auto fresh = fs::path{path.string() + ".new"};
  auto code = std::error_code{};
  fs::remove(fresh, code);
  auto file = append_file{};
  if (auto ok = file.open(fresh); !ok)
    return ok;
  if (auto ok = file.append(line + "\n", false); !ok)
    return ok;
  fs::rename(fresh, path, code);
  if (code)
    return failure{ec::file_error, fmt::format("{}: can't be replaced: {}",
                                               path.string(), code.message())};
  return {};
}

result<report> inspect_log(const fs::path& log, const notary& signer) {
  // A rotation between listing and reading looks like a gap: look again.
  constexpr auto attempts = 3;
  for (auto attempt = 1;; ++attempt) {
    const auto before = rotated_segments(log);
    auto found = inspect_once(log, signer);
    if ((found && found->intact()) || attempt == attempts || !before)
      return found;
    const auto after = rotated_segments(log);
    if (!after || *before == *after)
      return found;
  }
}

result<report> verify_file(const fs::path& log,
                           const identity::public_key& owner) {
  auto found = inspect_log(log, notary_for(owner));
  if (!found || found->intact())
    return found;
  const auto& problem = *found->problem;
  return failure{
    ec::tampered,
    problem.line == 0
      ? fmt::format("{}: {}", problem.file, problem.text)
      : fmt::format("{}:{}: {}", problem.file, problem.line, problem.text)};
}

} // namespace starling::audit
