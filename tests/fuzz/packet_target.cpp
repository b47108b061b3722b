#include "runtime/wire/packet_codec.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>

using namespace starling;
using namespace starling::fuzz;

namespace {

/// A relay changes ttl, hops and route, and nothing else.
void check_forward(const wire::packet_view& x, const route_hop* taken) {
  const auto bytes = wire::forward(x, taken);
  require(bytes.size() == wire::forwarded_size(x, taken));
  const auto onward = wire::view(bytes);
  require(static_cast<bool>(onward));
  require(onward->head.ttl + 1 == x.head.ttl);
  require(onward->head.source == x.head.source);
  require(std::ranges::equal(onward->fixed_bytes, x.fixed_bytes));
  require(std::ranges::equal(onward->signed_bytes, x.signed_bytes));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  const auto seen = wire::view(input);
  const auto copy = wire::decode(input);
  require(static_cast<bool>(seen) == static_cast<bool>(copy));
  if (!seen) {
    require(seen.error().code == copy.error().code);
    return 0;
  }
  const auto bytes = wire::encode(*copy);
  require(bytes.size() == wire::encoded_size(*copy));
  const auto again = wire::decode(bytes);
  require(again && *again == *copy);
  // What is signed has one encoding only.
  const auto rewritten = wire::view(bytes);
  require(rewritten
          && std::ranges::equal(rewritten->fixed_bytes, seen->fixed_bytes));
  if (seen->head.ttl > 0) {
    const auto taken = route_hop{seen->head.destination, "tcp", 250, 0.5F};
    check_forward(*seen, nullptr);
    check_forward(*seen, &taken);
  }
  return 0;
}
