#include "actors/membership/swim_message.hpp"
#include "tests/fuzz/target.hpp"

using namespace starling::fuzz;
using namespace starling::membership;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  if (const auto seen = decode_swim_message(input)) {
    require(seen->rumours.size() <= rumours_max);
    require(seen->what <= swim_message::kind::ping_request);
    for (const auto& x : seen->rumours)
      require(x.state <= liveness_last);
  }
  check_stable(
    decode_swim_message, [](const swim_message& x) { return encode(x); },
    input);
  return 0;
}
