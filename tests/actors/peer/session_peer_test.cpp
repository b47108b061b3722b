// One session as its actor sees it. The other side is driven by hand, so that
// it can do what an honest node would not.

#include "actors/peer/session_peer.hpp"

#include "tests/actors/peer/session_peer_fixture.hpp"

#include <string>

using namespace starling;
using namespace starling::peer;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

using fixture = session_peer_fixture;

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

TEST_CASE_FIXTURE(fixture, "noise from a stranger ends session and link") {
  test.tell(uut, link_bytes{to_buffer(bytes(100, 0xaa))});
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].reason);
  CHECK(times_heard == 0);
  // At once, without waiting for the other side's end.
  CHECK(link_gone);
  CHECK(!link_closing);
  CHECK(offers.empty());
}

TEST_CASE_FIXTURE(fixture, "who has begun a handshake is told of its end") {
  REQUIRE(other.session.start());
  const auto begun = other.take();
  // The beginning of it is not enough.
  test.tell(uut, link_bytes{to_buffer({begun.begin(), begun.end() - 1})});
  CHECK(times_heard == 0);
  test.tell(uut, link_bytes{to_buffer({begun.back()})});
  CHECK(times_heard == 1);
  test.tell(uut, end_session{caf::make_error(ec::limit_reached, "no room")});
  CHECK(link_closing);
  CHECK(!link_gone);
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
