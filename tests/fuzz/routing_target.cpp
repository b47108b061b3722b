#include "actors/router/relay_header.hpp"
#include "actors/router/routing_error.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace starling::fuzz;
using namespace starling::router;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  if (const auto seen = decode_routing_error(input))
    require(seen->detail.size() <= routing_error_detail_max);
  check_stable(
    decode_routing_error, [](const routing_error& x) { return encode(x); },
    input);
  if (const auto header = decode_relay_header(input))
    require(std::ranges::equal(
      encode(*header, input.subspan(relay_header::size)), input));
  return 0;
}
