#include "tests/fuzz/session_nodes.hpp"

/// A stranger who sends what it likes to either side of a handshake.
///
/// The input is what the stranger sends; it arrives in two parts, cut where the
/// last byte says.

using namespace starling::fuzz;
namespace session = starling::session;

namespace {

void attack(session::role side, std::span<const uint8_t> input) {
  auto end = session_end{side};
  const auto cut = input.empty() ? size_t{0} : input.back() % input.size();
  for (const auto part : {input.first(cut), input.subspan(cut)})
    static_cast<void>(end.channel.receive(part, session_start, end));
  // No stranger has our keys.
  require(end.established == 0 && !end.channel.established());
  require(!end.channel.send(input, session_start));
  require(end.channel.output().size() <= 128 * 1024);
  const auto late = session_start + std::chrono::hours{1};
  require(!end.channel.tick(late));
  require(end.channel.error().has_value());
  require(!end.channel.receive(input, late, end));
  require(end.payload.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  attack(session::role::responder, input);
  attack(session::role::initiator, input);
  return 0;
}
