#include "runtime/trust/deviation.hpp"

#include <algorithm>
#include <cmath>

namespace starling {

namespace {

/// Deviations. More says that a feature has no scale rather than how far it is.
constexpr double reach = 8.0;

constexpr double length_ordinary = 3.0;

double dot(std::span<const float> a, std::span<const float> b) {
  auto sum = 0.0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

} // namespace

std::vector<float> deviation_of(const row_evidence& evidence) {
  auto result = std::vector<float>{};
  for (const auto& part : evidence.parts) {
    if (!std::isfinite(part.deviations)
        || part.feature >= deviation_features_max)
      continue;
    if (part.feature >= result.size())
      result.resize(part.feature + 1);
    result[part.feature]
      = static_cast<float>(std::clamp(part.deviations, -reach, reach));
  }
  const auto length = std::sqrt(dot(result, result));
  for (auto& x : result)
    x /= static_cast<float>(std::max(length, length_ordinary));
  return result;
}

shared_deviation shared_part(std::span<const float> deviation,
                             std::span<const float> directions, size_t features,
                             double agents_min) {
  const auto squares = dot(deviation, deviation);
  auto result = shared_deviation{};
  if (features == 0 || !(squares > 0.0))
    return result;
  for (size_t i = 0; i + features <= directions.size(); i += features) {
    const auto direction = directions.subspan(i, features);
    const auto agents = dot(direction, direction);
    if (!(agents >= agents_min) || !(agents > 0.0))
      continue;
    const auto along = dot(deviation, direction);
    result.part += along * along / agents / squares;
    result.agents += agents;
  }
  result.part = std::min(result.part, 1.0);
  result.agents = std::min(result.agents, 1.0);
  return result;
}

} // namespace starling
