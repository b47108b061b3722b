#include "actors/experiment/down_sampling.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace starling::experiment {

std::vector<sample> down_sampled(std::span<const double> values,
                                 size_t columns) {
  assert(columns > 0);
  auto out = std::vector<sample>{};
  const auto rows = values.size();
  for (auto column = size_t{0}; column < columns; ++column) {
    const auto begin = rows * column / columns;
    const auto end = rows * (column + 1) / columns;
    if (begin == end)
      continue;
    const auto part = values.subspan(begin, end - begin);
    const auto [least, most] = std::ranges::minmax_element(part);
    auto picks = std::array<size_t, 4>{
      begin, begin + static_cast<size_t>(least - part.begin()),
      begin + static_cast<size_t>(most - part.begin()), end - 1};
    std::ranges::sort(picks);
    const auto last = std::ranges::unique(picks).begin();
    for (auto pick = picks.begin(); pick != last; ++pick)
      out.push_back({*pick, values[*pick]});
  }
  return out;
}

} // namespace starling::experiment
