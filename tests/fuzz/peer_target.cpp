#include "actors/peer/credential.hpp"
#include "actors/peer/peer_control.hpp"
#include "tests/fuzz/target.hpp"

using namespace starling::fuzz;
using namespace starling::peer;

namespace {

void check_bounds(const control_message& x) {
  constexpr auto limits = control_limits{};
  if (const auto* greeting = std::get_if<hello>(&x)) {
    require(greeting->services.size() <= limits.services_max);
    require(greeting->endpoints.size() <= limits.endpoints_max);
    require(greeting->name.size() <= limits.text_max);
  }
  if (const auto* news = std::get_if<changed_services>(&x))
    require(news->services.size() <= limits.services_max);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  check_stable(
    decode_credential, [](const credential& x) { return encode(x); }, input);
  if (const auto seen = decode_control(input))
    check_bounds(*seen);
  check_stable([](std::span<const uint8_t> x) { return decode_control(x); },
               [](const control_message& x) { return encode(x); }, input);
  return 0;
}
