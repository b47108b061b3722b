#include "runtime/audit/audit_log.hpp"

#include "runtime/audit/log_files.hpp"
#include "runtime/audit/verifier.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

namespace starling::audit {

namespace {

namespace fs = std::filesystem;

constexpr size_t segment_min = 64 * 1024;

/// Kept free for what the log writes about itself at once: at most an anchor, a
/// retired, an anchor, a rotated, a closed and an anchor entry of 7 kB each.
constexpr uint64_t reserve = 48 * 1024;

/// Torn lines that are kept aside at a time.
constexpr size_t torn_files_max = 1000;

result<void> check(const audit_log::options& opts, const notary& owner) {
  const auto wrong = [&opts](std::string_view why) {
    return failure{ec::invalid_option,
                   fmt::format("audit log '{}': {}", opts.path.string(), why)};
  };
  if (opts.path.empty() || !opts.path.has_filename())
    return wrong("the path must name a file");
  if (opts.segment_max < segment_min)
    return wrong(fmt::format("segment_max must be at least {}", segment_min));
  if (opts.storage_max / 4 < opts.segment_max)
    return wrong("storage_max must be at least four times segment_max");
  if (opts.anchor_entries == 0)
    return wrong("anchor_entries must be at least 1");
  if (!owner.sign || !owner.verify)
    return wrong("a key that signs is needed");
  return {};
}

uint64_t size_of(const fs::path& file) {
  auto code = std::error_code{};
  const auto size = fs::file_size(file, code);
  return code ? 0 : size;
}

uint64_t number_in(const fs::path& segment) {
  const auto digits = segment.extension().string().substr(1);
  auto result = uint64_t{0};
  std::from_chars(digits.data(), digits.data() + digits.size(), result);
  return result;
}

result<fs::path> free_torn_path(const fs::path& log) {
  for (size_t i = 1; i <= torn_files_max; ++i) {
    auto candidate = fs::path{fmt::format("{}.torn.{}", log.string(), i)};
    auto code = std::error_code{};
    if (!fs::exists(candidate, code))
      return candidate;
  }
  return failure{ec::limit_reached,
                 fmt::format("{}.torn.*: {} torn lines are kept already, move "
                             "them away",
                             log.string(), torn_files_max)};
}

} // namespace

audit_log::audit_log(options opts, notary owner)
  : opts_{std::move(opts)},
    owner_{std::move(owner)} {
  // nop
}

result<std::unique_ptr<audit_log>> audit_log::open(options opts, notary owner,
                                                   clock::timestamp now) {
  if (auto ok = check(opts, owner); !ok)
    return ok.error();
  auto log = std::unique_ptr<audit_log>{
    new audit_log{std::move(opts), std::move(owner)}};
  if (auto ok = log->lock_.take(log->opts_.path.string() + ".lock"); !ok)
    return ok.error();
  if (auto ok = log->load(); !ok)
    return ok.error();
  if (auto ok = log->write_opening(now); !ok)
    return ok.error();
  return log;
}

result<void> audit_log::load() {
  const auto files = rotated_segments(opts_.path);
  if (!files)
    return files.error();
  for (const auto& file : *files)
    rotated_.push_back({file, number_in(file), size_of(file)});
  if (auto ok = set_torn_line_aside(); !ok)
    return ok;
  if (auto ok = check_newest(); !ok)
    return ok;
  return current_.open(opts_.path);
}

/// A crash can cut the line that was being written, but none before it.
result<void> audit_log::set_torn_line_aside() {
  auto code = std::error_code{};
  const auto size = size_of(opts_.path);
  if (size == 0)
    return {};
  const auto tail = last_bytes(opts_.path, line_max + 1);
  if (!tail)
    return tail.error();
  const auto end = tail->rfind('\n');
  if (end == std::string::npos && tail->size() > line_max)
    return failure{
      ec::tampered,
      fmt::format("{}: ends in {} bytes without a line break, more "
                  "than any entry has",
                  opts_.path.string(), tail->size())};
  const auto torn = tail->substr(end == std::string::npos ? 0 : end + 1);
  if (torn.empty())
    return {};
  const auto aside = free_torn_path(opts_.path);
  if (!aside)
    return aside.error();
  if (auto ok = write_file_atomically(*aside, torn, private_file_mode); !ok)
    return ok;
  fs::resize_file(opts_.path, size - torn.size(), code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be shortened: {}",
                               opts_.path.string(), code.message())};
  torn_bytes_ = torn.size();
  recovery_ = {{"bytes", fmt::to_string(torn_bytes_)},
               {"file", aside->filename().string()}};
  return {};
}

/// Checks the newest file against the head and continues after its last entry.
result<void> audit_log::check_newest() {
  const auto is_new = size_of(opts_.path) == 0;
  if (is_new && !rotated_.empty() && rotated_.back().bytes == 0)
    return failure{ec::tampered,
                   fmt::format("{}: is empty", rotated_.back().file.string())};
  const auto head = read_head(opts_.path, owner_);
  auto code = std::error_code{};
  const auto has_head = fs::exists(head_path(opts_.path), code);
  if (!head && has_head)
    return failure{ec::tampered, head.error().text};
  auto checker = verifier{owner_,
                          {.any_start = !rotated_.empty(),
                           .head = head ? std::optional{*head} : std::nullopt}};
  const auto newest
    = is_new && !rotated_.empty() ? rotated_.back().file : opts_.path;
  checker.begin_file(newest.filename().string());
  if (!is_new || !rotated_.empty())
    if (const auto torn = feed_file(newest, checker); !torn)
      return torn.error();
  const auto found = checker.finish();
  if (found.problem)
    return failure{ec::tampered,
                   fmt::format("{}:{}: {}; move the log and its head away to "
                               "start a new one",
                               newest.string(), found.problem->line,
                               found.problem->text)};
  // Only a crash between the very first anchor and its head leaves no head.
  if (!head && (found.anchors > 1 || found.first > 1))
    return failure{ec::tampered, fmt::format("{}: the log was signed, but its "
                                             "head is missing",
                                             head_path(opts_.path).string())};
  chain_ = chain{found.last};
  last_time_ = found.last_time;
  unsigned_entries_ = found.unsigned_tail;
  unsigned_since_ = found.last_time;
  current_first_
    = is_new ? found.last.seq + 1 : std::max<uint64_t>(found.first, 1);
  return {};
}

result<void> audit_log::write_opening(clock::timestamp now) {
  if (auto ok = make_room(0, now); !ok)
    return ok;
  if (!recovery_.empty())
    if (auto ok = write_own(kind::recovered, now, recovery_); !ok)
      return ok;
  if (auto ok = write_own(kind::opened, now, {{"node", to_string(owner_.id)}});
      !ok)
    return ok;
  return write_anchor(now);
}

result<void> audit_log::append(const event& what) {
  if (closed_)
    return failure{ec::wrong_state, fmt::format("{}: the audit log is closed",
                                                opts_.path.string())};
  auto next = chain_;
  auto line = next.append(what);
  if (!line)
    return line.error();
  if (auto ok = make_room(line->size() + 1, what.time); !ok)
    return ok;
  // Making room can have written entries of the log's own.
  next = chain_;
  line = next.append(what);
  if (auto ok = write(next, std::move(*line), what.time); !ok)
    return ok;
  if (unsigned_entries_ >= opts_.anchor_entries)
    return write_anchor(what.time);
  return {};
}

result<void> audit_log::tick(clock::timestamp now) {
  if (closed_ || unsigned_entries_ == 0
      || now.physical() - unsigned_since_.physical() < opts_.anchor_interval)
    return {};
  return write_anchor(now);
}

result<void> audit_log::anchor(clock::timestamp now) {
  return closed_ || unsigned_entries_ == 0 ? result<void>{} : write_anchor(now);
}

result<void> audit_log::close(clock::timestamp now) {
  if (closed_)
    return {};
  if (auto ok = write_own(kind::closed, now, {}); !ok)
    return ok;
  if (auto ok = write_anchor(now); !ok)
    return ok;
  closed_ = true;
  current_.close();
  return {};
}

uint64_t audit_log::stored_bytes() const {
  auto result = current_.size();
  for (const auto& old : rotated_)
    result += old.bytes;
  return result;
}

/// Writes a line that takes the chain from where it is to `next`.
result<void> audit_log::write(chain next, std::string line,
                              clock::timestamp time) {
  // After a rotation whose second half has failed.
  if (!current_.is_open())
    if (auto ok = current_.open(opts_.path); !ok)
      return ok;
  line += '\n';
  if (auto ok = current_.append(line, opts_.when_synced == sync::entry); !ok)
    return ok;
  chain_ = next;
  last_time_ = std::max(last_time_, time);
  if (unsigned_entries_++ == 0)
    unsigned_since_ = time;
  return {};
}

result<void> audit_log::write_own(std::string_view kind, clock::timestamp now,
                                  details detail) {
  auto next = chain_;
  auto line = next.append_own(kind, now, std::move(detail));
  return write(next, std::move(line), now);
}

/// The head is written last: it must never be ahead of the log.
result<void> audit_log::write_anchor(clock::timestamp now) {
  auto next = chain_;
  auto line = std::string{};
  try {
    line = next.anchor(now, owner_);
  } catch (const std::exception& error) {
    return failure{ec::wrong_state,
                   fmt::format("{}: the audit log can't be signed: {}",
                               opts_.path.string(), error.what())};
  }
  if (auto ok = write(next, line, now); !ok)
    return ok;
  if (opts_.when_synced == sync::anchor)
    if (auto ok = current_.sync(); !ok)
      return ok;
  if (auto ok = write_head(opts_.path, line, opts_.when_synced != sync::never);
      !ok)
    return ok;
  unsigned_entries_ = 0;
  return {};
}

result<void> audit_log::make_room(uint64_t bytes, clock::timestamp now) {
  if (current_.size() > 0 && current_.size() + bytes > opts_.segment_max)
    if (auto ok = rotate(now); !ok)
      return ok;
  while (stored_bytes() + bytes + reserve > opts_.storage_max) {
    if (opts_.policy == when_full::refuse || rotated_.empty())
      return failure{
        ec::limit_reached,
        fmt::format("{}: the audit log has {} of {} bytes; raise "
                    "storage_max, or copy its oldest files away and "
                    "let the log retire them",
                    opts_.path.string(), stored_bytes(), opts_.storage_max)};
    if (auto ok = retire_oldest(now); !ok)
      return ok;
  }
  return claim_storage(bytes, now);
}

/// Claims the bytes from the node's storage. The log's oldest files go for
/// that, but only if the operator lets them.
result<void> audit_log::claim_storage(uint64_t bytes, clock::timestamp now) {
  while (opts_.resources && bytes > 0) {
    auto room = opts_.resources->claim_storage(bytes, opts_.path.string());
    if (room) {
      overdrawn_ = 0;
      break;
    }
    if (overdrawn_ + bytes <= overdraft) {
      overdrawn_ += bytes;
      opts_.resources->add_storage(bytes);
      break;
    }
    if (opts_.policy == when_full::refuse || rotated_.empty())
      return room;
    const auto freed = rotated_.front().bytes;
    if (auto ok = retire_oldest(now); !ok)
      return ok;
    overdrawn_ -= std::min(overdrawn_, freed);
  }
  return {};
}

/// The chain goes on in a new file, whose first entry names the old one.
result<void> audit_log::rotate(clock::timestamp now) {
  if (unsigned_entries_ > 0)
    if (auto ok = write_anchor(now); !ok)
      return ok;
  auto old = segment{segment_path(opts_.path, current_first_), current_first_,
                     current_.size()};
  auto code = std::error_code{};
  fs::rename(opts_.path, old.file, code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be renamed to {}: {}",
                               opts_.path.string(), old.file.string(),
                               code.message())};
  const auto name = old.file.filename().string();
  rotated_.push_back(std::move(old));
  current_.close();
  current_first_ = chain_.last().seq + 1;
  return write_own(kind::rotated, now, {{"file", name}});
}

/// Deletes the oldest file once a signed entry says that it is gone.
result<void> audit_log::retire_oldest(clock::timestamp now) {
  const auto oldest = rotated_.front();
  const auto next = rotated_.size() > 1 ? rotated_[1].file : opts_.path;
  const auto successor = first_record(next);
  if (!successor)
    return successor.error();
  auto detail = details{{"file", oldest.file.filename().string()},
                        {"first", fmt::to_string(oldest.first)},
                        {"last", fmt::to_string(successor->seq - 1)},
                        {"hash", to_text(successor->prev)},
                        {"bytes", fmt::to_string(oldest.bytes)}};
  if (auto ok = write_own(kind::retired, now, std::move(detail)); !ok)
    return ok;
  if (auto ok = write_anchor(now); !ok)
    return ok;
  auto code = std::error_code{};
  fs::remove(oldest.file, code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be deleted: {}", oldest.file.string(),
                               code.message())};
  rotated_.erase(rotated_.begin());
  if (opts_.resources)
    opts_.resources->release_storage(oldest.bytes);
  return {};
}

} // namespace starling::audit
