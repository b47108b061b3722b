#pragma once

#include "runtime/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace starling::cli {

/// One command, as a shell completes it.
struct command_words {
  /// Empty for the program itself, else "plugin new".
  std::string path;
  std::string help;
  /// What may follow: commands and long options, by name.
  std::vector<std::string> commands;
  std::vector<std::string> options;
};

/// Returns all commands of a command line, the program itself first.
[[nodiscard]] std::vector<command_words> words_of(const CLI::App& app);

/// Returns a script that completes the command line in "bash", "zsh" or "fish".
/// Errors: invalid_option (another shell).
[[nodiscard]] result<std::string>
completion_script(std::string_view shell,
                  const std::vector<command_words>& words);

} // namespace starling::cli
