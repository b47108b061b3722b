// One session as its actor sees it. The other side is driven by hand, so that
// it can do what an honest node would not.

#include "actors/peer/session_peer.hpp"

#include "runtime/basp/node_name.hpp"
#include "tests/runtime/session/session_pair.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/io/middleman.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <vector>

using namespace starling;
using namespace starling::peer;
using namespace starling::test;
using namespace std::chrono_literals;
using session::role;
using session::testing::test_end;
using session::testing::test_node;

namespace {

using bytes = std::vector<uint8_t>;

constexpr uint16_t packet_channel = 0;
constexpr uint16_t control_channel = 1;
constexpr uint16_t basp_channel = 2;

caf::byte_buffer to_buffer(const bytes& x) {
  const auto* first = reinterpret_cast<const caf::byte*>(x.data());
  return {first, first + x.size()};
}

bytes from_buffer(const caf::byte_buffer& x) {
  const auto* first = reinterpret_cast<const uint8_t*>(x.data());
  return {first, first + x.size()};
}

/// Says yes, no or nothing at all to a session.
enum class answer : uint8_t { yes, no, error };

struct fixture {
  test_node ours{0};
  test_node theirs{1};
  deterministic_system test{network::simulated};
  // What the actor told those around it.
  bytes sent;
  bool link_closing = false;
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
  std::vector<caf::actor> to_end;
  /// The other node's end, and the control messages that reached it.
  test_end other{role::initiator, theirs};
  wire::frame_reader frames;
  std::vector<control_message> heard;
  bytes heard_basp;
  caf::actor link;
  caf::actor uut;

  fixture() {
    other.events.when_payload = [this](std::span<const uint8_t> part) {
      REQUIRE(frames.feed(part, [this](const wire::frame_view& frame) {
        if (frame.channel == control_channel)
          heard.push_back(*decode_control(frame.payload));
        else if (frame.channel == basp_channel)
          heard_basp.insert(heard_basp.end(), frame.payload.begin(),
                            frame.payload.end());
      }));
    };
    spawn();
  }

  ~fixture() {
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
    opts.owner = fake<peer_owner_actor>(caf::behavior{
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
    opts.packets = fake<packet_handler_actor>(caf::behavior{
      [this](const mesh_packet& msg) { packets.push_back(msg); },
    });
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
                  wire::frame_kind kind = wire::frame_kind::data) {
    auto out = bytes{};
    wire::append_frame(out, channel, kind, 0, payload);
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

  void come_up() {
    authenticate();
    say(their_hello());
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

} // namespace

TEST_SUITE_BEGIN("actors/peer/session_peer");

TEST_CASE_FIXTURE(fixture, "a session comes up step by step") {
  authenticate();
  // It says who it is, and waits for the other's word.
  REQUIRE(heard.size() == 1);
  const auto* ours_said = std::get_if<hello>(&heard[0]);
  REQUIRE(ours_said);
  CHECK(ours_said->name == "ours");
  CHECK(ours_said->node == to_string(test.sys().node()));
  CHECK(offers.empty());
  say(their_hello());
  REQUIRE(offers.size() == 1);
  CHECK(offers[0].session == 5);
  CHECK(offers[0].id == theirs.id());
  REQUIRE(attached.size() == 1);
  CHECK(attached[0].peer == theirs.id());
  CHECK(to_string(attached[0].node) == their_hello().node);
  CHECK(!attached[0].initiator);
  CHECK(attached[0].offered.at(0).actor == 17);
  CHECK(ready.empty());
  test.tell(uut, stream_up{5, {}});
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].peer.id == theirs.id());
  CHECK(ready[0].peer.name == "theirs");
  CHECK(ready[0].endpoints == std::vector<std::string>{"memory://theirs"});
}

TEST_CASE_FIXTURE(fixture, "an operator sees a session once it is up") {
  CHECK(test.ask<peer_status>(uut, query_session{}).error() == ec::wrong_state);
  come_up();
  auto status = test.ask<peer_status>(uut, query_session{});
  REQUIRE(status);
  CHECK(status->id == theirs.id());
  CHECK(status->key_exchange == "SECP384R1_ML_KEM_1024");
  CHECK(!status->dialled);
}

TEST_CASE_FIXTURE(fixture,
                  "BASP's bytes pass both ways, and credit with them") {
  come_up();
  send_frame(basp_channel, {1, 2, 3});
  CHECK(basp == bytes{1, 2, 3});
  test.tell(uut, stream_bytes{5, to_buffer(bytes(600'000, 9))});
  pump();
  CHECK(heard_basp == bytes(600'000, 9));
  say(actor_credit{12, 4711});
  REQUIRE(credits.size() == 1);
  CHECK(credits[0].actor == 12);
  CHECK(credits[0].consumed == 4711);
  test.tell(uut, stream_credit{5, 13, 42});
  pump();
  CHECK(heard.back() == control_message{actor_credit{13, 42}});
}

TEST_CASE_FIXTURE(fixture, "packets pass both ways") {
  CHECK(test.ask<void>(uut, send_packet{}).error() == ec::wrong_state);
  come_up();
  send_frame(packet_channel, {7, 8}, wire::frame_kind::packet);
  REQUIRE(packets.size() == 1);
  // From whom is not what the packet says, but who is authenticated.
  CHECK(packets[0].from == theirs.id());
  CHECK(from_buffer(packets[0].packet) == bytes{7, 8});
}

TEST_CASE_FIXTURE(fixture, "what else is offered replaces what was") {
  come_up();
  say(changed_services{{{"spawner", 99}}});
  REQUIRE(services.size() == 1);
  CHECK(services[0].offered.at(0).actor == 99);
  test.tell(uut, update_services{{}});
  pump();
  CHECK(heard.back() == control_message{changed_services{}});
}

TEST_CASE_FIXTURE(fixture, "noise from a stranger ends the session") {
  test.tell(uut, link_bytes{to_buffer(bytes(100, 0xaa))});
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].reason);
  CHECK(link_closing);
  CHECK(offers.empty());
}

TEST_CASE_FIXTURE(fixture, "a stranger that says nothing is given up") {
  test.advance(29s);
  CHECK(ended.empty());
  test.advance(2s);
  check_ended(ec::timed_out, "");
}

TEST_CASE_FIXTURE(fixture,
                  "who is not admitted learns why and gets no further") {
  ours.policy.refusal = failure{ec::permission_denied, "not on the list"};
  REQUIRE(other.session.start());
  pump();
  check_ended(ec::permission_denied, "not on the list");
  REQUIRE(other.session.error());
  CHECK(other.session.error()->text.find("not on the list")
        != std::string::npos);
  CHECK(offers.empty());
  CHECK(attached.empty());
}

TEST_CASE_FIXTURE(fixture, "the owner's no is told to the other side") {
  authenticate();
  auto why = std::string{};
  SUBCASE("there is another session") {
    reply = answer::no;
    why = "another session serves";
  }
  SUBCASE("there is no room") {
    reply = answer::error;
    why = "max_peers";
  }
  say(their_hello());
  CHECK(attached.empty());
  REQUIRE(ended.size() == 1);
  const auto* said = std::get_if<goodbye>(&heard.back());
  REQUIRE(said);
  CHECK(said->reason.find(why) != std::string::npos);
  CHECK(other.events.closed == 1);
}

TEST_CASE_FIXTURE(fixture, "why the other side ends a session is not lost") {
  come_up();
  auto out = bytes{};
  wire::append_frame(out, control_channel, wire::frame_kind::data, 0,
                     encode(goodbye{"max_peers is reached"}));
  REQUIRE(other.session.send(out, test.now()));
  // Both arrive at once.
  other.session.close();
  pump();
  check_ended(ec::connection_closed, "max_peers is reached");
}

TEST_CASE_FIXTURE(fixture, "what the protocol forbids ends the session") {
  SUBCASE("a control message before the hello") {
    authenticate();
    say(ping{1});
    check_ended(ec::protocol_violation, "before hello");
  }
  SUBCASE("a second hello") {
    come_up();
    say(their_hello());
    check_ended(ec::protocol_violation, "second hello");
  }
  SUBCASE("a hello in the name of a third node") {
    const auto third = session::testing::test_key(2).id();
    claim(to_string(basp::node_name(third, 1)), "that is not the peer's");
  }
  SUBCASE("a hello in the name of this node") {
    claim(to_string(test.sys().node()), "names no other CAF node");
  }
  SUBCASE("a hello of no node") {
    claim("nobody", "names no other CAF node");
  }
  SUBCASE("BASP before the hello") {
    authenticate();
    send_frame(basp_channel, {1});
    check_ended(ec::protocol_violation, "channel 2");
    CHECK(basp.empty());
  }
  SUBCASE("a packet before the hello") {
    authenticate();
    send_frame(packet_channel, {1}, wire::frame_kind::packet);
    check_ended(ec::protocol_violation, "channel 0");
    CHECK(packets.empty());
  }
  SUBCASE("a channel that does not exist") {
    come_up();
    send_frame(77, {1});
    check_ended(ec::protocol_violation, "channel 77");
  }
  SUBCASE("a control message of noise") {
    come_up();
    send_frame(control_channel, bytes(64, 0xff));
    REQUIRE(ended.size() == 1);
    CHECK((ended[0].reason == ec::malformed_input
           || ended[0].reason == ec::limit_reached));
  }
}

TEST_CASE_FIXTURE(fixture, "a ping is answered with its number") {
  come_up();
  say(ping{4711});
  CHECK(heard.back() == control_message{pong{4711}});
}

TEST_CASE_FIXTURE(fixture, "a peer without a sign of life is given up") {
  come_up();
  // Three beats, ten seconds apart, stay unanswered; the next one notices.
  test.advance(39s);
  CHECK(ended.empty());
  test.advance(2s);
  check_ended(ec::timed_out, "no sign of life");
}

TEST_CASE_FIXTURE(fixture, "a peer that answers stays, and is timed") {
  come_up();
  for (auto i = 0; i < 10; ++i) {
    // To the next beat.
    test.advance(i == 0 ? 10'000ms : 9'970ms);
    auto number = uint64_t{0};
    // 30 ms on the way.
    static_cast<void>(other.receive(std::exchange(sent, {}), test.now()));
    for (const auto& msg : heard)
      if (const auto* question = std::get_if<ping>(&msg))
        number = question->number;
    REQUIRE(number > 0);
    test.advance(30ms);
    say(pong{number});
  }
  CHECK(ended.empty());
  auto status = test.ask<peer_status>(uut, query_session{});
  REQUIRE(status);
  CHECK(status->round_trip_us == 30'000);
}

TEST_CASE_FIXTURE(fixture,
                  "answers to questions nobody asked are no signs of life") {
  come_up();
  for (auto i = 0; i < 60 && ended.empty(); ++i) {
    test.advance(1s);
    // The number is never the right one.
    auto out = bytes{};
    wire::append_frame(out, control_channel, wire::frame_kind::data, 0,
                       encode(pong{1'000'000}));
    if (!other.session.send(out, test.now()))
      break;
    test.tell(uut, link_bytes{to_buffer(other.take())});
  }
  check_ended(ec::timed_out, "no sign of life");
}

TEST_CASE_FIXTURE(fixture, "the end of the link is the end of the session") {
  come_up();
  SUBCASE("in order, but without a word: a cut") {
    test.tell(uut, link_closed{{}});
    check_ended(ec::connection_closed, "");
  }
  SUBCASE("broken") {
    test.tell(uut, link_closed{caf::make_error(ec::timed_out, "the link")});
    check_ended(ec::timed_out, "the link");
  }
  SUBCASE("crashed") {
    caf::anon_send_exit(link, caf::exit_reason::kill);
    test.run();
    check_ended(ec::connection_closed, "an actor below ended");
  }
}

TEST_CASE_FIXTURE(fixture, "a broken rule of BASP ends the session") {
  come_up();
  test.tell(uut, stream_failed{5, caf::make_error(ec::protocol_violation,
                                                  "routed BASP message")});
  check_ended(ec::protocol_violation, "routed");
}

TEST_CASE_FIXTURE(fixture, "a link that takes nothing holds a bounded amount") {
  come_up();
  // The link reports that nothing has left; 128 MiB may wait, no more.
  for (auto i = 0; i < 140 && ended.empty(); ++i)
    test.tell(uut, stream_bytes{5, caf::byte_buffer(1 << 20)});
  check_ended(ec::limit_reached, "takes too little");
  // What was held back never reached the link: one high-water mark's worth did.
  CHECK(sent.size() < 4u << 20);
}

TEST_CASE_FIXTURE(fixture,
                  "what was held goes on in order when the link drains") {
  come_up();
  for (uint8_t i = 0; i < 5; ++i)
    test.tell(uut, stream_bytes{5, to_buffer(bytes(1 << 20, i))});
  for (auto i = 0; i < 10; ++i) {
    pump();
    test.tell(uut, link_drained{0});
  }
  pump();
  REQUIRE(heard_basp.size() == 5u << 20);
  for (size_t i = 0; i < 5; ++i)
    CHECK(heard_basp[i << 20] == i);
}

TEST_SUITE_END();
