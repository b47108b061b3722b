#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment::test {

/// Returns the first thing wrong with the nesting of elements, or nothing.
/// Knows what this project writes: no comments, no '<' or '>' inside
/// attributes.
inline std::string imbalance_of(std::string_view text) {
  auto open = std::vector<std::string>{};
  for (auto pos = text.find('<'); pos != std::string_view::npos;
       pos = text.find('<', pos)) {
    const auto end = text.find('>', pos);
    if (end == std::string_view::npos)
      return "a tag without end";
    auto tag = text.substr(pos + 1, end - pos - 1);
    pos = end;
    if (tag.find('<') != std::string_view::npos)
      return "a tag inside a tag";
    if (tag.starts_with('!') || tag.starts_with("meta") || tag.ends_with('/'))
      continue;
    const auto closing = tag.starts_with('/');
    if (closing)
      tag.remove_prefix(1);
    const auto name = std::string{tag.substr(0, tag.find_first_of(" \n"))};
    if (!closing)
      open.push_back(name);
    else if (open.empty() || open.back() != name)
      return "</" + name + "> closes nothing";
    else
      open.pop_back();
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

/// Counts how often a text occurs.
inline size_t count_of(std::string_view text, std::string_view what) {
  auto count = size_t{0};
  for (auto pos = text.find(what); pos != std::string_view::npos;
       pos = text.find(what, pos + what.size()))
    ++count;
  return count;
}

} // namespace starling::experiment::test
