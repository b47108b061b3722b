#pragma once

#include <cstdint>
#include <initializer_list>

namespace starling::adversary {

/// Draws a lot that follows from numbers alone.
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014: the finaliser of SplitMix64.
[[nodiscard]] constexpr uint64_t lot(std::initializer_list<uint64_t> from) {
  auto state = uint64_t{0};
  for (auto x : from) {
    state = (state ^ x) + 0x9e3779b97f4a7c15;
    state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
    state ^= state >> 31;
  }
  return state;
}

/// Returns the lot as a number in [0, 1).
[[nodiscard]] constexpr double share_of(uint64_t drawn) {
  return static_cast<double>(drawn >> 11) * 0x1p-53;
}

} // namespace starling::adversary
