#include "runtime/config/nearest_key.hpp"

#include <algorithm>

namespace starling::config {

namespace {

/// Keys are short; a long text from a hostile file must not cost a square.
constexpr size_t compared_max = 100;

} // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: distances from prefixes of a to prefixes of b.
  auto before = std::vector<size_t>(b.size() + 1);
  auto above = before;
  auto current = before;
  for (size_t j = 0; j <= b.size(); ++j)
    above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const auto other = size_t{a[i - 1] != b[j - 1]};
      current[j]
        = std::min({above[j] + 1, current[j - 1] + 1, above[j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, current);
  }
  return above[b.size()];
}

std::optional<std::string> nearest_key(std::string_view key,
                                       const std::vector<std::string>& known) {
  if (key.size() > compared_max)
    return std::nullopt;
  auto result = std::optional<std::string>{};
  auto best = size_t{0};
  for (const auto& candidate : known) {
    const auto allowed
      = std::max(std::max(key.size(), candidate.size()) / 3, size_t{1});
    const auto distance = edit_distance(key, candidate);
    if (distance <= allowed && (!result || distance < best)) {
      result = candidate;
      best = distance;
    }
  }
  return result;
}

} // namespace starling::config
