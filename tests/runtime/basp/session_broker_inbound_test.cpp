// What a peer can do to a node by BASP that no CAF would write. The peer is
// authenticated: these are attacks from inside.

#include "runtime/basp/session_broker.hpp"
#include "tests/runtime/basp/broker_fixture.hpp"

#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::test;

namespace {

/// A node with a service, an actor that is nobody's business, and a peer that
/// speaks BASP by hand.
struct fixture {
  broker_node node;
  std::vector<std::string> served;
  std::vector<std::string> secret;
  /// Answers a number with the next one, a handle with itself.
  caf::actor service = node.spawn_note_taker(served, [] {
    return caf::behavior{
      [](int x) { return x + 1; },
      [](const caf::strong_actor_ptr& x) { return x; },
    };
  });
  caf::actor hidden = node.spawn_note_taker(secret);
  hand_written_peer peer{node};

  fixture() {
    // Registered like any actor that once wrote to another node, so that its id
    // is all it takes.
    node.system.sys().registry().put(hidden.id(), ptr(hidden));
    peer.meet({service});
    REQUIRE(node.up.size() == 1);
    node.out.clear();
  }

  ~fixture() {
    node.system.sys().registry().erase(hidden.id());
    node.system.sys().registry().erase(service.id());
    node.system.tell(node.bridge, stream_detach{1, {}});
    service = nullptr;
    hidden = nullptr;
  }

  static caf::message_id request(uint64_t number) {
    return caf::make_message_id(number);
  }

  /// An actor of the peer.
  [[nodiscard]] caf::actor theirs() const {
    return caf::actor_cast<caf::actor>(node.up[0].services[0].actor);
  }

  /// Whether an actor lives and works.
  bool lives(const caf::actor& who) {
    auto& notes = who == service ? served : secret;
    const auto before = notes.size();
    node.system.tell(who, "are you there?");
    return notes.size() == before + 1;
  }

  /// Returns why the stream failed, if it did.
  std::string failure_text(ec code) {
    REQUIRE(node.failed.size() == 1);
    CHECK(node.failed[0].reason == code);
    return to_string(node.failed[0].reason);
  }

  /// Whether the last bytes sent to the peer hold that error's code as a
  /// message: a request that was refused gets an answer.
  [[nodiscard]] bool answered() const {
    return !node.out.empty();
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/basp/session_broker_inbound");

TEST_CASE_FIXTURE(fixture, "a peer talks to a service") {
  peer.message(7, service.id(), caf::make_message("hello"));
  CHECK(served == std::vector<std::string>{"message(\"hello\")"});
  peer.message(7, service.id(), caf::make_message(41), request(1));
  CHECK(answered());
  CHECK(node.failed.empty());
}

TEST_CASE_FIXTURE(fixture, "guessing ids reaches nobody") {
  for (caf::actor_id id = 1; id < 200; ++id)
    if (id != service.id())
      peer.message(7, id, caf::make_message("hello"));
  CHECK(secret.empty());
  CHECK(lives(hidden));
  // Nor CAF's spawn and configuration servers, by name or number.
  for (caf::actor_id id : {header::config_server_id, header::spawn_server_id}) {
    auto hdr = header{message_type::direct_message,
                      header::named_receiver_flag,
                      0,
                      request(5).integer_value(),
                      7,
                      id};
    node.out.clear();
    peer.send(hdr, [](auto& sink) {
      return sink.apply(std::vector<caf::strong_actor_ptr>{})
             && sink.apply(
               caf::make_message(caf::sys_atom_v, caf::get_atom_v, "info"));
    });
    // The only answer is that there is nobody.
    CHECK(answered());
  }
  CHECK(node.failed.empty());
}

TEST_CASE_FIXTURE(fixture, "a handle made from a guessed id opens nothing") {
  // The service would send it back, and so give the peer what it made up.
  peer.message_with_handle(7, service.id(), node.id(), hidden.id(), request(1));
  peer.message(7, hidden.id(), caf::make_message("hello"));
  CHECK(secret.empty());
  // As the one who gets the answer, it is not accepted either.
  peer.send(header{message_type::direct_message, 0, 0,
                   request(2).integer_value(), 7, service.id()},
            [&](auto& sink) {
              return sink.begin_sequence(1)
                     && hand_written_peer::write_handle(sink, node.id(),
                                                        hidden.id())
                     && sink.apply(caf::make_message(1));
            });
  CHECK(secret.empty());
  CHECK(node.failed.size() <= 1);
}

TEST_CASE_FIXTURE(fixture, "what a peer was given it may pass on") {
  peer.message_with_handle(7, service.id(), node.id(), service.id(),
                           request(1));
  CHECK(answered());
  peer.message_with_handle(7, service.id(), peer.id(), 99, request(2));
  CHECK(node.failed.empty());
}

TEST_CASE_FIXTURE(fixture, "no message of a peer ends a service") {
  auto source = caf::actor_addr{};
  SUBCASE("an exit message") {
    for (auto reason :
         {caf::exit_reason::kill, caf::exit_reason::user_shutdown})
      peer.message(7, service.id(),
                   caf::make_message(caf::exit_msg{source, reason}));
  }
  SUBCASE("a down message") {
    peer.message(
      7, service.id(),
      caf::make_message(caf::down_msg{source, caf::exit_reason::kill}));
  }
  SUBCASE("news of a node that is down") {
    peer.message(
      7, service.id(),
      caf::make_message(caf::node_down_msg{peer.id(), caf::exit_reason::kill}));
  }
  SUBCASE("an error that is no answer") {
    peer.message(7, service.id(),
                 caf::make_message(caf::make_error(ec::revoked, "die")));
    peer.message(7, service.id(),
                 caf::make_message(caf::make_error(ec::revoked, "die")),
                 request(9));
  }
  SUBCASE("a link to an actor that ends") {
    peer.link(peer.id(), 7, service.id());
    peer.down(peer.id(), 7, node.id(), caf::exit_reason::kill);
  }
  SUBCASE("a link, then the end of the session") {
    peer.link(peer.id(), 7, service.id());
    node.system.tell(node.bridge, stream_detach{1, {}});
  }
  CHECK(lives(service));
}

TEST_CASE_FIXTURE(fixture, "who merely wrote to a peer can't be ended by it") {
  caf::send_as(hidden, theirs(), "hi");
  node.system.run();
  // Its id stands in the message's header; the peer may write back.
  peer.message(7, hidden.id(), caf::make_message("hello"));
  CHECK(secret == std::vector<std::string>{"message(\"hello\")"});
  peer.message(7, hidden.id(),
               caf::make_message(caf::exit_msg{{}, caf::exit_reason::kill}));
  peer.message(7, hidden.id(), caf::make_message(caf::make_error(ec::revoked)));
  peer.link(peer.id(), 7, hidden.id());
  peer.down(peer.id(), 7, node.id(), caf::exit_reason::kill);
  CHECK(lives(hidden));
  // The handle that CAF would tell to anyone who asks makes no difference.
  peer.message(7, hidden.id(),
               caf::make_message(caf::sys_atom_v, caf::get_atom_v, "info"),
               request(1));
  peer.message(7, hidden.id(),
               caf::make_message(caf::exit_msg{{}, caf::exit_reason::kill}));
  CHECK(lives(hidden));
}

TEST_CASE_FIXTURE(fixture, "an actor whose handle was sent can be ended") {
  caf::send_as(service, theirs(), ptr(hidden));
  node.system.run();
  peer.message(
    7, hidden.id(),
    caf::make_message(caf::exit_msg{{}, caf::exit_reason::user_shutdown}));
  CHECK(!lives(hidden));
}

TEST_CASE_FIXTURE(fixture, "nobody is linked to an actor of a third node") {
  caf::send_as(service, theirs(), ptr(hidden));
  node.system.run();
  auto third = hand_written_peer{node, 2, 0xcd};
  third.meet();
  peer.link(third.id(), 7, hidden.id());
  third.down(third.id(), 7, node.id(), caf::exit_reason::kill);
  CHECK(lives(hidden));
  node.system.tell(node.bridge, stream_detach{2, {}});
}

TEST_CASE_FIXTURE(fixture,
                  "an answer that nobody asked this peer for is lost") {
  // The service asks a local actor, which takes its time. CAF numbers requests
  // in sequence, so a peer can guess which answer is awaited.
  auto slow = node.keep(
    node.system.sys().spawn([](caf::event_based_actor* self) -> caf::behavior {
      auto waiting = std::make_shared<std::vector<caf::response_promise>>();
      return {
        [self, waiting](int) -> caf::result<std::string> {
          waiting->push_back(self->make_response_promise());
          return caf::delegated<std::string>{};
        },
        [waiting](caf::ok_atom) {
          for (auto& answer : *waiting)
            answer.deliver(std::string{"true"});
          waiting->clear();
        },
      };
    }));
  auto heard = std::vector<std::string>{};
  auto asker = node.keep(node.system.sys().spawn(
    [&heard](caf::event_based_actor* self) -> caf::behavior {
      return {[self, &heard](caf::ok_atom, const caf::actor& whom) {
        self->request(whom, caf::infinite, 1)
          .then(
            [&heard](const std::string& x) { heard.push_back(x); },
            [&heard](const caf::error& x) { heard.push_back(to_string(x)); });
      }};
    }));
  // The peer may reach the asker.
  caf::send_as(service, theirs(), ptr(asker));
  node.system.tell(asker, caf::ok_atom_v, slow);
  for (uint64_t number = 0; number < 20; ++number)
    peer.message(7, asker.id(), caf::make_message(std::string{"forged"}),
                 request(number + 1).response_id());
  CHECK(heard.empty());
  node.system.tell(slow, caf::ok_atom_v);
  CHECK(heard == std::vector<std::string>{"true"});
  // What was asked of the peer, the peer may answer: once.
  node.system.tell(asker, caf::ok_atom_v, theirs());
  for (uint64_t number = 0; number < 20; ++number)
    for (auto again = 0; again < 2; ++again)
      peer.message(7, asker.id(), caf::make_message(std::string{"from afar"}),
                   request(number + 1).response_id());
  CHECK(heard == std::vector<std::string>{"true", "from afar"});
}

TEST_CASE_FIXTURE(fixture, "what is not BASP ends the stream") {
  SUBCASE("a header of noise") {
    peer.send(caf::byte_buffer(64, caf::byte{0x77}));
    failure_text(ec::malformed_input);
  }
  SUBCASE("a payload larger than any message") {
    peer.send(
      header{message_type::direct_message, 0, 1'000'001, 0, 7, service.id()});
    CHECK(failure_text(ec::limit_reached).find("max_packet_size is 1000000")
          != std::string::npos);
  }
  SUBCASE("a message of an unknown type") {
    peer.send(header{message_type::direct_message, 0, 0, 0, 7, service.id()},
              [](auto& sink) {
                return sink.begin_sequence(0) && sink.begin_sequence(1)
                       && sink.value(uint16_t{60'000});
              });
    failure_text(ec::malformed_input);
  }
  SUBCASE("a message that ends too early") {
    peer.send(header{message_type::direct_message, 0, 0, 0, 7, service.id()},
              [](auto& sink) { return sink.begin_sequence(1'000'000'000); });
    failure_text(ec::malformed_input);
  }
  SUBCASE("a message of CAF's streams, whose content nobody would check") {
    for (uint64_t category : {2, 3}) {
      node.failed.clear();
      peer.message(7, service.id(), caf::make_message(uint64_t{0x4141414141}),
                   caf::message_id{}.with_category(category));
      if (category == 2)
        failure_text(ec::protocol_violation);
    }
  }
  CHECK(served.empty());
  CHECK(lives(service));
}

TEST_CASE_FIXTURE(fixture, "a peer routes nothing through the node") {
  auto third = hand_written_peer{node, 2, 0xcd};
  third.meet();
  node.out.clear();
  SUBCASE("no message") {
    peer.send(header{message_type::routed_message, 0, 0, 0, 7, 9},
              [&](auto& sink) {
                return sink.apply(peer.id()) && sink.apply(third.id())
                       && sink.begin_sequence(0)
                       && sink.apply(caf::make_message("hello"));
              });
  }
  SUBCASE("no wish to monitor") {
    peer.monitor(peer.id(), third.id(), 9);
  }
  SUBCASE("no end of an actor") {
    peer.down(peer.id(), 7, third.id(), caf::exit_reason::kill);
  }
  CHECK(failure_text(ec::protocol_violation).find("routed")
        != std::string::npos);
  // The third node saw no byte of it.
  for (const auto& bytes : node.out)
    CHECK(bytes.stream == 1);
  node.system.tell(node.bridge, stream_detach{2, {}});
}

TEST_CASE_FIXTURE(fixture, "a peer speaks for no other node") {
  auto third = hand_written_peer{node, 2, 0xcd};
  third.meet();
  SUBCASE("in a second greeting") {
    peer.greet(third.id());
  }
  SUBCASE("by asking to be told of an end") {
    peer.monitor(third.id(), node.id(), service.id());
  }
  SUBCASE("by saying that its actor has ended") {
    peer.down(third.id(), hand_written_peer::own_actor, node.id(),
              caf::exit_reason::kill);
    // It has not.
    CHECK(node.up.size() == 2);
  }
  failure_text(ec::protocol_violation);
  CHECK(node.failed[0].stream == 1);
  node.system.tell(node.bridge, stream_detach{2, {}});
}

TEST_CASE_FIXTURE(fixture, "a greeting in another's name is refused") {
  auto other = hand_written_peer{node, 2, 0xcd};
  node.attach(2, other.id(), false);
  other.greet(peer.id());
  failure_text(ec::protocol_violation);
  CHECK(node.up.size() == 1);
  node.system.tell(node.bridge, stream_detach{2, {}});
}

TEST_CASE_FIXTURE(fixture, "nothing is taken before the greeting") {
  auto other = hand_written_peer{node, 2, 0xcd};
  node.attach(2, other.id(), false, {service});
  other.message(7, service.id(), caf::make_message("too early"));
  failure_text(ec::protocol_violation);
  CHECK(served.empty());
  node.system.tell(node.bridge, stream_detach{2, {}});
}

TEST_CASE_FIXTURE(fixture, "bytes may come in any cut") {
  auto first = caf::byte_buffer{};
  const auto add = [&](const std::string& text) {
    auto content = caf::byte_buffer{};
    auto sink = caf::binary_serializer{node.system.sys(), content};
    REQUIRE(sink.begin_sequence(0));
    REQUIRE(sink.apply(caf::make_message(text)));
    auto hdr = header{message_type::direct_message,
                      0,
                      static_cast<uint32_t>(content.size()),
                      caf::message_id{}.integer_value(),
                      7,
                      service.id()};
    auto head = caf::byte_buffer{};
    auto head_sink = caf::binary_serializer{node.system.sys(), head};
    REQUIRE(head_sink.apply(hdr));
    first.insert(first.end(), head.begin(), head.end());
    first.insert(first.end(), content.begin(), content.end());
  };
  for (const auto* text : {"one", "two", "three"})
    add(text);
  for (size_t piece = 1; piece < first.size(); piece += 7) {
    served.clear();
    for (size_t i = 0; i < first.size(); i += piece)
      peer.send(caf::byte_buffer(
        first.begin() + static_cast<ptrdiff_t>(i),
        first.begin()
          + static_cast<ptrdiff_t>(std::min(first.size(), i + piece))));
    CHECK(served
          == std::vector<std::string>{"message(\"one\")", "message(\"two\")",
                                      "message(\"three\")"});
  }
  CHECK(node.failed.empty());
}

TEST_CASE_FIXTURE(fixture, "no noise does more than end the stream") {
  auto random = std::mt19937{1};
  for (auto round = 0; round < 300; ++round) {
    auto noisy = hand_written_peer{node, uint64_t(round) + 10, 0xcd};
    noisy.meet({service});
    // Mostly right: an honest message with some bytes changed.
    auto content = caf::byte_buffer{};
    auto sink = caf::binary_serializer{node.system.sys(), content};
    REQUIRE(
      sink.apply(header{message_type::direct_message, 0, 40,
                        caf::message_id{}.integer_value(), 7, service.id()}));
    REQUIRE(sink.begin_sequence(0));
    REQUIRE(sink.apply(caf::make_message(std::string(20, 'x'), 5, 6.0)));
    content.resize(caf::io::basp::header_size + 40);
    for (auto changes = random() % 3 + 1; changes > 0; --changes)
      content[random() % content.size()] = caf::byte(random());
    noisy.send(std::move(content));
    node.system.tell(node.bridge, stream_detach{uint64_t(round) + 10, {}});
  }
  CHECK(lives(service));
  CHECK(lives(hidden));
}

TEST_SUITE_END();
