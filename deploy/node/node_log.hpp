#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace starling::deploy {

/// How much a node tells, see `log_level` of the node file.
enum class log_level { quiet, error, warning, info, debug, trace };

/// Reads the name of a level; `info` for any other text.
[[nodiscard]] log_level log_level_from(std::string_view name);

/// Writes lines such as
///
///     2026-03-01T12:00:00.123Z info  alpha  ready
///
/// to standard error. May be used from several threads.
class node_log {
public:
  node_log(std::string node, log_level level);

  void error(std::string_view text);
  void warning(std::string_view text);
  void info(std::string_view text);
  void debug(std::string_view text);

private:
  void write(log_level level, std::string_view name, std::string_view text);

  std::string node_;
  log_level level_;
  std::mutex mutex_;
};

} // namespace starling::deploy
