#pragma once

#include "actors/peer/session_peer.hpp"
#include "actors/peer/session_peer_channels.hpp"
#include "runtime/basp/node_name.hpp"
#include "tests/runtime/session/session_pair.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/io/middleman.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <vector>

namespace starling::test {

using namespace starling::peer;
using namespace std::chrono_literals;
using session::role;
using session::testing::test_end;
using session::testing::test_node;

using bytes = std::vector<uint8_t>;

inline caf::byte_buffer to_buffer(const bytes& x) {
  const auto* first = reinterpret_cast<const caf::byte*>(x.data());
  return {first, first + x.size()};
}

inline bytes from_buffer(const caf::byte_buffer& x) {
  const auto* first = reinterpret_cast<const uint8_t*>(x.data());
  return {first, first + x.size()};
}

/// Says yes, no or nothing at all to a session.
enum class answer : uint8_t { yes, no, error };

struct session_peer_fixture {
  test_node ours{0};
  test_node theirs{1};
  deterministic_system test{network::simulated};
  // What the actor told those around it.
  bytes sent;
  bool link_closing = false;
  bool link_gone = false;
  size_t times_heard = 0;
  std::vector<stream_attach> attached;
  bytes basp;
  std::vector<stream_credit> credits;
  std::vector<stream_services> services;
  std::vector<stream_detach> detached;
  std::vector<session_offer> offers;
  std::vector<session_ready> ready;
  std::vector<session_ended> ended;
  std::vector<mesh_packet> packets;
  answer reply = answer::yes;
  bool compression;
  resources::resource_state resources{{}};
  std::vector<caf::actor> to_end;
  /// The other node's end, and the control messages that reached it.
  test_end other{role::initiator, theirs};
  wire::frame_reader frames{{.flags_allowed = frame_compressed}};
  std::vector<bytes> compressed;
  std::vector<control_message> heard;
  bytes heard_basp;
  caf::actor link;
  caf::actor uut;

  explicit session_peer_fixture(bool compresses = false)
    : compression{compresses} {
    other.events.when_payload = [this](std::span<const uint8_t> part) {
      REQUIRE(frames.feed(part, [this](const wire::frame_view& frame) {
        if (frame.channel == control_channel)
          heard.push_back(*decode_control(frame.payload));
        else if (frame.flags != 0)
          compressed.push_back({frame.payload.begin(), frame.payload.end()});
        else if (frame.channel == basp_channel)
          heard_basp.insert(heard_basp.end(), frame.payload.begin(),
                            frame.payload.end());
      }));
    };
    spawn();
  }

  ~session_peer_fixture() {
    attached.clear();
    services.clear();
    to_end.push_back(uut);
    for (auto& each : to_end)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    to_end.clear();
    link = nullptr;
    uut = nullptr;
    test.run();
  }

  template <class Handle>
  Handle fake(caf::behavior handlers) {
    auto made
      = test.sys().spawn([handlers](caf::event_based_actor*) -> caf::behavior {
          return handlers;
        });
    to_end.push_back(made);
    return caf::actor_cast<Handle>(made);
  }

  void spawn() {
    auto opts = session_peer_options{};
    opts.session = 5;
    opts.side = role::responder;
    opts.context = ours.context;
    opts.name = "ours";
    opts.compression = compression;
    opts.resources = &resources;
    opts.heartbeat_interval = 10s;
    opts.link = fake<link_actor>(caf::behavior{
      [](const link_open&) {},
      [this](const link_bytes& msg) {
        const auto more = from_buffer(msg.data);
        sent.insert(sent.end(), more.begin(), more.end());
      },
      [this](const link_close&) { link_closing = true; },
    });
    link = caf::actor_cast<caf::actor>(opts.link);
    link->attach_functor([this] { link_gone = true; });
    opts.owner = fake<peer_owner_actor>(caf::behavior{
      [this](const session_heard&) { ++times_heard; },
      [this](const session_offer& msg) -> caf::result<bool> {
        offers.push_back(msg);
        if (reply == answer::error)
          return caf::make_error(ec::limit_reached, "max_peers");
        return reply == answer::yes;
      },
      [this](const session_ready& msg) { ready.push_back(msg); },
      [this](const session_ended& msg) { ended.push_back(msg); },
    });
    opts.bridge = fake<bridge_actor>(caf::behavior{
      [this](const stream_attach& msg) { attached.push_back(msg); },
      [this](const stream_bytes& msg) {
        const auto more = from_buffer(msg.data);
        basp.insert(basp.end(), more.begin(), more.end());
      },
      [this](const stream_credit& msg) { credits.push_back(msg); },
      [this](const stream_services& msg) { services.push_back(msg); },
      [this](const stream_detach& msg) { detached.push_back(msg); },
    });
    const auto handler = fake<packet_handler_actor>(caf::behavior{
      [this](const mesh_packet& msg) { packets.push_back(msg); },
    });
    opts.packets = [handler] { return handler; };
    auto cfg = caf::actor_config{&test.sys().middleman().backend()};
    uut = caf::actor_cast<caf::actor>(
      test.sys().spawn_impl<session_peer, caf::no_spawn_options>(
        cfg, std::move(opts)));
    test.run();
  }

  /// Carries bytes both ways until there are none.
  void pump() {
    for (auto busy = true; busy;) {
      busy = false;
      if (auto data = other.take(); !data.empty()) {
        test.tell(uut, link_bytes{to_buffer(data)});
        busy = true;
      }
      if (auto data = std::exchange(sent, {}); !data.empty()) {
        static_cast<void>(other.receive(data, test.now()));
        busy = true;
      }
    }
  }

  void authenticate() {
    REQUIRE(other.session.start());
    pump();
    REQUIRE(other.session.established());
  }

  void send_frame(uint16_t channel, const bytes& payload,
                  wire::frame_kind kind = wire::frame_kind::data,
                  uint8_t flags = 0) {
    auto out = bytes{};
    wire::append_frame(out, channel, kind, flags, payload);
    REQUIRE(other.session.send(out, test.now()));
    pump();
  }

  void say(const control_message& msg) {
    send_frame(control_channel, encode(msg));
  }

  [[nodiscard]] hello their_hello() const {
    return {to_string(basp::node_name(theirs.id(), 4711)),
            "theirs",
            {"memory://theirs"},
            {{"spawner", 17}}};
  }

  void come_up(uint8_t their_compression = 0) {
    authenticate();
    auto said = their_hello();
    said.compression = their_compression;
    say(said);
    test.tell(uut, stream_up{5, {}});
    pump();
    REQUIRE(ready.size() == 1);
  }

  /// Expects that a hello in the name of that CAF node ends the session.
  void claim(const std::string& node, const std::string& why) {
    authenticate();
    auto wrong = their_hello();
    wrong.node = node;
    say(wrong);
    check_ended(ec::protocol_violation, why);
    CHECK(offers.empty());
  }

  /// Expects that the session is over, for that reason.
  void check_ended(ec code, const std::string& why) {
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].reason == code);
    CHECK_MESSAGE(to_string(ended[0].reason).find(why) != std::string::npos,
                  to_string(ended[0].reason));
    CHECK(detached.size() == 1);
  }
};

} // namespace starling::test
