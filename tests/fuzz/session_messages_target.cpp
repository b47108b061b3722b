#include "runtime/session/session_messages.hpp"
#include "tests/fuzz/target.hpp"

using namespace starling::fuzz;
namespace session = starling::session;

namespace {

void check_bounds(std::span<const uint8_t> input) {
  const auto message = session::decode_session_message(input);
  if (!message)
    return;
  require(input.size() <= session::session_message_max);
  if (const auto* reject = std::get_if<session::reject_message>(&*message))
    require(reject->text.size() <= session::reject_text_max);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  check_bounds(input);
  check_stable(
    session::decode_session_message,
    [](const session::session_message& x) { return session::encode(x); },
    input);
  check_stable(
    session::decode_control_message,
    [](const session::control_message& x) { return session::encode(x); },
    input);
  return 0;
}
