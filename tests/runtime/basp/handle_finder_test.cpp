#include "runtime/basp/handle_finder.hpp"

#include "messages/link.hpp"
#include "messages/mesh.hpp"
#include "messages/spawner.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <string>

using namespace starling;
using starling::basp::handle_finder;
using starling::test::deterministic_system;

namespace {

struct fixture {
  deterministic_system test{starling::test::network::simulated};
  handle_finder finder{test.sys().node()};
  caf::actor one = test.sys().spawn([] { return caf::behavior{[](int) {}}; });
  caf::actor two = test.sys().spawn([] { return caf::behavior{[](int) {}}; });

  ~fixture() {
    for (auto* each : {&one, &two}) {
      caf::anon_send_exit(*each, caf::exit_reason::kill);
      *each = nullptr;
    }
  }

  static caf::strong_actor_ptr ptr(const caf::actor& x) {
    return caf::actor_cast<caf::strong_actor_ptr>(x);
  }

  caf::byte_buffer bytes_of(const caf::message& content) {
    auto bytes = caf::byte_buffer{};
    auto sink = caf::binary_serializer{test.sys(), bytes};
    REQUIRE(sink.apply(content));
    return bytes;
  }

  std::vector<caf::actor_id> found(const caf::message& content) {
    auto context = caf::scoped_execution_unit{&test.sys()};
    return finder.local_handles(content, &context);
  }
};

using ids = std::vector<caf::actor_id>;

} // namespace

TEST_SUITE_BEGIN("runtime/basp/handle_finder");

TEST_CASE_FIXTURE(fixture, "handles of every kind are found, in order") {
  const auto content
    = caf::make_message(one, ptr(two), caf::actor_cast<mesh_actor>(one),
                        caf::actor_cast<caf::actor_addr>(two));
  CHECK(finder.suspects(bytes_of(content)));
  CHECK(found(content) == ids{one.id(), two.id(), one.id(), two.id()});
}

TEST_CASE_FIXTURE(fixture, "handles deep in a value are found") {
  auto services = peer_services{};
  services.services = {{"spawner", ptr(one)}, {"membership", ptr(two)}};
  const auto content = caf::make_message(std::string{"x"}, services);
  CHECK(finder.suspects(bytes_of(content)));
  CHECK(found(content) == ids{one.id(), two.id()});
  // A message inside a message, as CAF allows it.
  CHECK(found(caf::make_message(caf::make_message(1, one))) == ids{one.id()});
}

TEST_CASE_FIXTURE(fixture, "a message without a handle is not suspected") {
  const auto content
    = caf::make_message(std::string(10'000, 'x'), 42, peer_id{});
  CHECK(!finder.suspects(bytes_of(content)));
  CHECK(found(content).empty());
}

TEST_CASE_FIXTURE(fixture, "no handle at all is no handle") {
  const auto content
    = caf::make_message(caf::strong_actor_ptr{}, peer_services{});
  CHECK(found(content).empty());
}

TEST_CASE_FIXTURE(fixture, "a text that looks like a handle opens nothing") {
  // The very bytes of a handle, as text and as bytes.
  const auto handle = bytes_of(caf::make_message(ptr(one)));
  const auto* first = reinterpret_cast<const char*>(handle.data());
  const auto text = std::string{first, handle.size()};
  for (const auto& content :
       {caf::make_message(text),
        caf::make_message(mesh_packet{peer_id{}, handle})}) {
    CHECK(finder.suspects(bytes_of(content)));
    CHECK(found(content).empty());
  }
}

TEST_CASE_FIXTURE(fixture, "a node's name alone is no handle") {
  auto services = peer_services{};
  services.node = test.sys().node();
  const auto content = caf::make_message(services, test.sys().node());
  CHECK(finder.suspects(bytes_of(content)));
  CHECK(found(content).empty());
}

TEST_CASE_FIXTURE(fixture, "handles of another node are not ours to open") {
  auto other = deterministic_system{starling::test::network::simulated};
  const auto content = caf::make_message(ptr(one));
  const auto elsewhere = handle_finder{other.sys().node()};
  CHECK(!elsewhere.suspects(bytes_of(content)));
  auto context = caf::scoped_execution_unit{&test.sys()};
  CHECK(elsewhere.local_handles(content, &context).empty());
}

TEST_SUITE_END();
