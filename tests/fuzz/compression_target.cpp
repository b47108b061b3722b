#include "actors/peer/frame_compressor.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace starling::fuzz;
using namespace starling::peer;

namespace {

constexpr size_t size_max = 1 << 20;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  auto expander = frame_expander{size_max};
  if (const auto seen = expander.expand(input))
    require(seen->size() <= size_max);
  auto compressor = frame_compressor{};
  if (const auto small = compressor.compress(input)) {
    require(small->size() < input.size());
    const auto again = expander.expand(*small);
    require(input.size() > size_max
            || (again && std::ranges::equal(*again, input)));
  }
  return 0;
}
