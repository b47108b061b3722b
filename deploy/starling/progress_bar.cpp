#include "deploy/starling/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::cli {

std::string progress_bar::update(std::string_view stage, uint64_t count,
                                 uint64_t total) {
  constexpr uint64_t width = 30;
  const auto part
    = [&](uint64_t of) { return std::min(count, total) * of / total; };
  auto text = std::string{};
  if (total == 0)
    text = stage;
  else if (terminal_)
    text = fmt::format("{:<10} [{:<{}}] {:3} %  {} of {} {}", stage,
                       std::string(part(width), '#'), width, part(100), count,
                       total, unit_);
  else
    text = fmt::format("{:<10} {:3} % of {} {}", stage, part(10) * 10, total,
                       unit_);
  if (text == last_)
    return "";
  last_ = text;
  drawn_ = true;
  return terminal_ ? "\r\x1b[K" + text : text + "\n";
}

std::string progress_bar::finish() {
  return terminal_ && drawn_ ? "\n" : "";
}

} // namespace starling::cli
