#include "runtime/audit/log_history.hpp"

#include "runtime/audit/log_files.hpp"

#include <deque>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

namespace starling::audit {

result<std::vector<record>>
last_entries(const std::filesystem::path& log, size_t count,
             const std::function<bool(const record&)>& wanted) {
  auto files = rotated_segments(log);
  if (!files)
    return files.error();
  files->push_back(log);
  auto found = std::deque<record>{};
  const auto keep = [&](std::string_view line) {
    auto entry = parse_record(line);
    if (!entry || !wanted(*entry))
      return;
    found.push_back(std::move(*entry));
    if (found.size() > count)
      found.pop_front();
  };
  for (const auto& file : *files) {
    // One that was retired since they were listed is no fault.
    if (auto code = std::error_code{}; !std::filesystem::exists(file, code))
      continue;
    if (auto read = read_lines(file, keep); !read)
      return read.error();
  }
  return std::vector<record>{std::make_move_iterator(found.begin()),
                             std::make_move_iterator(found.end())};
}

} // namespace starling::audit
