#include "runtime/basp/session_proxy.hpp"

#include "tests/runtime/basp/broker_fixture.hpp"

#include <caf/scoped_actor.hpp>

#include <string>

using namespace starling;
using namespace starling::test;

namespace {

struct fixture {
  broker_pair pair;
  std::vector<std::string> notes;
  caf::actor there = pair.b.spawn_note_taker(notes);

  fixture() {
    pair.meet({}, {there});
  }

  ~fixture() {
    for (auto* node : {&pair.a, &pair.b})
      node->system.tell(node->bridge, stream_detach{1, {}});
    pair.b.system.sys().registry().erase(there->id());
    there = nullptr;
  }

  /// Asks the actor on the other node; returns the error that came at once, if
  /// any did.
  std::string refusal() {
    auto asker = caf::scoped_actor{pair.a.system.sys()};
    auto pending = asker->request(pair.at_a(0), caf::infinite, uint64_t{0},
                                  std::string(100'000, 'x'));
    if (!asker->has_next_message())
      return "";
    auto text = std::string{};
    pending.receive(
      [](uint64_t) { FAIL("nobody answered"); },
      [&](const caf::error& reason) { text = to_string(reason); });
    return text;
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/basp/session_proxy");

TEST_CASE_FIXTURE(fixture, "what is written while the broker does not run is "
                           "bounded") {
  for (auto i = 0; i < 300; ++i)
    caf::anon_send(pair.at_a(0), uint64_t{0}, std::string(100'000, 'x'));
  CHECK(refusal().empty());
  for (auto i = 0; i < 100; ++i)
    caf::anon_send(pair.at_a(0), uint64_t{0}, std::string(100'000, 'x'));
  CHECK(refusal().find("limit_reached") != std::string::npos);
  CHECK(refusal().find("than goes out") != std::string::npos);
  pair.a.system.run();
  CHECK(refusal().empty());
}

TEST_CASE_FIXTURE(fixture, "the mesh is told what was refused and nobody heard "
                           "of") {
  auto dropped = uint64_t{0};
  const auto mesh
    = pair.a.keep(pair.a.system.sys().spawn([&dropped]() -> caf::behavior {
        return {
          [&dropped](const messages_dropped& msg) { dropped += msg.count; }};
      }));
  pair.a.system.tell(pair.a.bridge, caf::connect_atom_v,
                     caf::actor_cast<mesh_actor>(mesh));
  pair.a.system.run();
  constexpr auto written = 30;
  constexpr auto size = size_t{4} << 20;
  for (auto i = 0; i < written; ++i)
    caf::anon_send(pair.at_a(0), uint64_t{0}, std::string(size, 'x'));
  pair.a.system.run();
  // Whatever passes the proxy is too large for a packet, and goes unsaid.
  CHECK(dropped >= 10);
  CHECK(dropped < written);
}

TEST_CASE_FIXTURE(fixture, "requests to an actor that is gone are answered") {
  const auto proxy = pair.at_a(0);
  pair.a.system.tell(pair.a.bridge, stream_detach{1, {}});
  pair.a.system.run();
  CHECK(refusal().find("remote_link_unreachable") != std::string::npos);
}

TEST_SUITE_END();
