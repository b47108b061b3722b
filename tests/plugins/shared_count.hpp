#pragma once

#include <cstdint>

namespace starling::test {

/// State in an inline function, as templates and inline functions of any
/// header may have it: program and plugins must see the same one.
inline uint64_t& shared_count() {
  static uint64_t count = 0;
  return count;
}

} // namespace starling::test
