#include "messages/message_types.hpp"

#include "messages/agent.hpp"
#include "messages/audit.hpp"
#include "messages/bridge.hpp"
#include "messages/detector.hpp"
#include "messages/discovery.hpp"
#include "messages/envelope.hpp"
#include "messages/error.hpp"
#include "messages/experiment.hpp"
#include "messages/link.hpp"
#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "messages/peer.hpp"
#include "messages/router.hpp"
#include "messages/spawner.hpp"
#include "messages/supervisor.hpp"
#include "messages/tree.hpp"
#include "messages/zone.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/detail/meta_object.hpp>
#include <caf/message.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace starling;
using starling::test::deterministic_system;

namespace {

/// The numbers of one family of messages.
struct range {
  const char* name;
  caf::type_id_t begin;
  caf::type_id_t end;
};

template <class Block>
range range_of(const char* name) {
  return {name, Block::begin, Block::end};
}

std::vector<range> all_ranges() {
  namespace block = caf::id_block;
  return {
    range_of<block::starling_common>("common"),
    range_of<block::starling_link>("link"),
    range_of<block::starling_mesh>("mesh"),
    range_of<block::starling_membership>("membership"),
    range_of<block::starling_router>("router"),
    range_of<block::starling_spawner>("spawner"),
    range_of<block::starling_supervisor>("supervisor"),
    range_of<block::starling_envelope>("envelope"),
    range_of<block::starling_bridge>("bridge"),
    range_of<block::starling_peer>("peer"),
    range_of<block::starling_audit>("audit"),
    range_of<block::starling_discovery>("discovery"),
    range_of<block::starling_detector>("detector"),
    range_of<block::starling_tree>("tree"),
    range_of<block::starling_zone>("zone"),
    range_of<block::starling_agent>("agent"),
    range_of<block::starling_experiment>("experiment"),
  };
}

/// Writes a message as it goes over the network, and reads it.
caf::message through_bytes(caf::actor_system& system, const caf::message& msg) {
  auto bytes = caf::byte_buffer{};
  auto sink = caf::binary_serializer{system, bytes};
  REQUIRE(sink.apply(msg));
  auto source = caf::binary_deserializer{system, bytes};
  auto result = caf::message{};
  REQUIRE(source.apply(result));
  CHECK(source.remaining() == 0);
  return result;
}

} // namespace

TEST_SUITE_BEGIN("messages/message_types");

TEST_CASE("no two families share a number, and plugins have room") {
  auto ranges = all_ranges();
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& x, const auto& y) { return x.begin < y.begin; });
  for (size_t i = 1; i < ranges.size(); ++i)
    CHECK_MESSAGE(ranges[i - 1].end <= ranges[i].begin, ranges[i - 1].name,
                  " runs into ", ranges[i].name);
  CHECK(ranges.back().end <= type_id_block::plugins);
  CHECK(ranges.front().begin == caf::first_custom_type_id);
}

TEST_CASE("every family is known to CAF") {
  for (const auto& each : all_ranges())
    for (auto id = each.begin; id < each.end; ++id)
      CHECK_MESSAGE(caf::detail::global_meta_object(id), each.name, " ", id);
}

TEST_CASE("messages between nodes survive their bytes") {
  auto test = deterministic_system{};
  auto status = peer_status{};
  status.id.bytes.fill(7);
  status.name = "n1";
  status.key_exchange = "SECP384R1_ML_KEM_1024";
  status.bytes_out = 42;
  auto request = spawn_request{"echo", "my echo", {}, {"a", "b"}};
  put(request.options, "depth", 3);
  const auto before = caf::make_message(
    std::vector{status}, request, caf::make_error(ec::revoked, "why"),
    audit_event{"session.refused", "x", {{"reason", "y"}}});
  CHECK(to_string(through_bytes(test.sys(), before)) == to_string(before));
}

TEST_CASE("a message of a type that nobody knows is refused") {
  auto test = deterministic_system{};
  auto bytes = caf::byte_buffer{};
  auto sink = caf::binary_serializer{test.sys(), bytes};
  // One value, of a type in the plugins' range that nothing registered.
  REQUIRE(sink.begin_sequence(1));
  REQUIRE(sink.value(uint16_t{60'000}));
  auto source = caf::binary_deserializer{test.sys(), bytes};
  auto result = caf::message{};
  CHECK(!source.apply(result));
}

TEST_SUITE_END();
