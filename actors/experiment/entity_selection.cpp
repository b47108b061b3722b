#include "actors/experiment/entity_selection.hpp"

#include "actors/experiment/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace starling::experiment {

bool matches(std::string_view name, std::string_view pattern) {
  // On a mismatch only the last star has to be tried again, so the time stays
  // quadratic even for patterns made to hurt.
  auto at = size_t{0};
  auto p = size_t{0};
  auto star = std::string_view::npos;
  auto star_at = size_t{0};
  while (at < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_at = at;
    } else if (p < pattern.size()
               && (pattern[p] == '?' || pattern[p] == name[at])) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

result<std::vector<std::string>>
select_entities(const std::vector<std::string>& available,
                const std::vector<std::string>& patterns) {
  if (patterns.empty())
    return available;
  for (const auto& pattern : patterns) {
    const auto fits = [&](const auto& name) { return matches(name, pattern); };
    if (std::ranges::none_of(available, fits))
      return failure{
        ec::unknown_name,
        fmt::format("{} matches none of the {} entities; the first "
                    "is {}",
                    shown(pattern), available.size(),
                    available.empty() ? "'-'" : shown(available.front()))};
  }
  auto out = std::vector<std::string>{};
  std::ranges::copy_if(
    available, std::back_inserter(out), [&](const auto& name) {
      return std::ranges::any_of(
        patterns, [&](const auto& pattern) { return matches(name, pattern); });
    });
  return out;
}

} // namespace starling::experiment
