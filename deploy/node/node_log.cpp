#include "deploy/node/node_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace starling::deploy {

log_level log_level_from(std::string_view name) {
  static constexpr auto names = std::to_array<std::string_view>(
    {"quiet", "error", "warning", "info", "debug", "trace"});
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? log_level::info
                              : static_cast<log_level>(found - names.begin());
}

node_log::node_log(std::string node, log_level level)
  : node_{std::move(node)},
    level_{level} {
  // nop
}

void node_log::error(std::string_view text) {
  write(log_level::error, "error", text);
}

void node_log::warning(std::string_view text) {
  write(log_level::warning, "warn ", text);
}

void node_log::info(std::string_view text) {
  write(log_level::info, "info ", text);
}

void node_log::debug(std::string_view text) {
  write(log_level::debug, "debug", text);
}

void node_log::write(log_level level, std::string_view name,
                     std::string_view text) {
  if (level > level_)
    return;
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto seconds = time_point_cast<std::chrono::seconds>(now);
  const auto rest = duration_cast<milliseconds>(now - seconds).count();
  const auto line = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z {} {}  {}\n",
                                fmt::gmtime(system_clock::to_time_t(seconds)),
                                rest, name, node_, text);
  auto guard = std::lock_guard{mutex_};
  std::fputs(line.c_str(), stderr);
}

} // namespace starling::deploy
