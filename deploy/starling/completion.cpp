#include "deploy/starling/completion.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace starling::cli {

namespace {

void collect(const CLI::App& app, const std::string& path,
             std::vector<command_words>& all) {
  auto words = command_words{path, app.get_description(), {}, {}};
  const auto commands = app.get_subcommands({});
  for (const auto* sub : commands)
    words.commands.push_back(sub->get_name());
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      words.options.push_back("--" + name);
  std::ranges::sort(words.options);
  all.push_back(std::move(words));
  for (const auto* sub : commands)
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(),
            all);
}

/// Quotes for fish and zsh, where '' in a quoted text ends it.
std::string quoted(std::string text) {
  for (size_t i = 0; (i = text.find('\'', i)) != std::string::npos; i += 4)
    text.replace(i, 1, "'\\''");
  return "'" + text + "'";
}

/// One branch a command: bash and zsh share the body.
std::string cases(const std::vector<command_words>& words) {
  const auto& global = words.front().options;
  auto text = std::string{};
  for (const auto& x : words) {
    auto all = x.commands;
    all.insert(all.end(), x.options.begin(), x.options.end());
    for (const auto& option : global)
      if (std::ranges::find(all, option) == all.end())
        all.push_back(option);
    text += fmt::format("    \"{}\") offered=\"{}\" ;;\n", x.path,
                        fmt::join(all, " "));
  }
  return text;
}

/// Returns the commands that have commands below them, as a pattern.
std::string groups(const std::vector<command_words>& words) {
  auto names = std::vector<std::string>{};
  for (const auto& x : words)
    if (!x.path.empty() && !x.commands.empty())
      names.push_back(x.path);
  return fmt::format("{}", fmt::join(names, "|"));
}

std::string bash(const std::vector<command_words>& words) {
  return fmt::format(R"(# bash completion for starling
_starling() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" path="" word offered=""
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in -*) continue ;; esac
    if [ -z "$path" ]; then
      path="$word"
    else
      case "$path" in {}) path="$path $word" ;; esac
    fi
  done
  case "$path" in
{}  esac
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}}
complete -o default -F _starling starling
)",
                     groups(words), cases(words));
}

std::string zsh(const std::vector<command_words>& words) {
  return fmt::format(R"(#compdef starling
# zsh completion for starling
_starling() {{
  local given="" word offered=""
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    case "$word" in -*) continue ;; esac
    if [ -z "$given" ]; then
      given="$word"
    else
      case "$given" in {}) given="$given $word" ;; esac
    fi
  done
  case "$given" in
{}  esac
  compadd -- ${{=offered}}
  _files
}}
compdef _starling starling
)",
                     groups(words), cases(words));
}

std::string fish(const std::vector<command_words>& words) {
  auto text = std::string{"# fish completion for starling\n"};
  for (const auto& x : words) {
    // Every word of the path was typed, and none of what may follow.
    auto condition = std::string{"__fish_use_subcommand"};
    if (!x.path.empty()) {
      auto path = x.path;
      const auto blank = path.find(' ');
      condition = "__fish_seen_subcommand_from " + path.substr(0, blank);
      if (blank != std::string::npos)
        condition
          += "; and __fish_seen_subcommand_from " + path.substr(blank + 1);
      else if (!x.commands.empty())
        condition += fmt::format("; and not __fish_seen_subcommand_from {}",
                                 fmt::join(x.commands, " "));
    }
    for (const auto& command : x.commands) {
      const auto path = x.path.empty() ? command : x.path + " " + command;
      const auto found = std::ranges::find(words, path, &command_words::path);
      text += fmt::format("complete -c starling -f -n {} -a {} -d {}\n",
                          quoted(condition), command, quoted(found->help));
    }
    for (const auto& option : x.options)
      text += x.path.empty()
                ? fmt::format("complete -c starling -l {}\n", option.substr(2))
                : fmt::format("complete -c starling -n {} -l {}\n",
                              quoted(condition), option.substr(2));
  }
  return text;
}

} // namespace

std::vector<command_words> words_of(const CLI::App& app) {
  auto all = std::vector<command_words>{};
  collect(app, "", all);
  return all;
}

result<std::string> completion_script(std::string_view shell,
                                      const std::vector<command_words>& words) {
  if (shell == "bash")
    return bash(words);
  if (shell == "zsh")
    return zsh(words);
  if (shell == "fish")
    return fish(words);
  return failure{ec::invalid_option,
                 fmt::format("no completion for '{}'; there is bash, zsh and "
                             "fish",
                             shell)};
}

} // namespace starling::cli
