// What leaves a node: windows and what waits for them, handles of nodes without
// a session, what is too large.

#include "runtime/basp/session_broker.hpp"
#include "tests/runtime/basp/broker_fixture.hpp"

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr auto limits = basp::session_broker::limits{};

/// Counts what it gets. Its mailbox stands still while it is not run: that is
/// what a stalled actor is.
struct counter {
  std::vector<uint64_t> numbers;
  uint64_t bytes = 0;

  static caf::behavior count(caf::event_based_actor*, counter* out) {
    return {
      [out](uint64_t number, const std::string& text) {
        out->numbers.push_back(number);
        out->bytes += text.size();
        return number;
      },
    };
  }

  [[nodiscard]] bool in_order() const {
    return std::is_sorted(numbers.begin(), numbers.end())
           && std::adjacent_find(numbers.begin(), numbers.end())
                == numbers.end();
  }
};

/// Node `a` sends, node `b` has two actors that receive. The streams are led by
/// hand, so that credit from `b` can be held back: an actor that has not worked
/// off its messages gives none.
struct fixture {
  broker_pair pair;
  counter slow_count;
  counter quick_count;
  caf::actor slow
    = pair.b.keep(pair.b.system.sys().spawn(counter::count, &slow_count));
  caf::actor quick
    = pair.b.keep(pair.b.system.sys().spawn(counter::count, &quick_count));
  std::vector<std::string> notes;
  caf::actor sender = pair.a.spawn_note_taker(notes);
  /// Credit of the slow actor that is held back.
  std::vector<stream_credit> held;
  bool stalled = true;

  fixture() {
    pair.meet({}, {slow, quick});
  }

  ~fixture() {
    for (auto* node : {&pair.a, &pair.b})
      node->system.tell(node->bridge, stream_detach{1, {}});
    for (auto* each : {&slow, &quick}) {
      pair.b.system.sys().registry().erase((*each)->id());
      *each = nullptr;
    }
    pair.a.system.sys().registry().erase(sender->id());
    sender = nullptr;
  }

  /// Lets bytes and credit pass, but no credit for the slow actor.
  void run() {
    for (auto busy = true; busy;) {
      busy = pair.a.system.run();
      busy = pair.b.system.run() || busy;
      if (stalled)
        std::erase_if(pair.b.credits, [this](const auto& credit) {
          if (credit.actor != slow.id())
            return false;
          held.push_back(credit);
          return true;
        });
      const auto before = carried;
      carry();
      busy = busy || carried != before;
    }
  }

  void carry() {
    for (auto [from, to] : {std::pair{&pair.a, &pair.b}, {&pair.b, &pair.a}}) {
      for (; !from->out.empty(); from->out.pop_front()) {
        carried += from->out.front().data.size();
        caf::anon_send(to->bridge, std::move(from->out.front()));
      }
      for (const auto& credit : from->credits) {
        ++carried;
        caf::anon_send(to->bridge, credit);
      }
      from->credits.clear();
    }
  }

  /// The slow actor has worked off everything.
  void recover() {
    stalled = false;
    for (const auto& credit : held)
      caf::anon_send(pair.a.bridge, credit);
    held.clear();
    run();
  }

  caf::actor to_slow() {
    return pair.at_a(0);
  }

  caf::actor to_quick() {
    return pair.at_a(1);
  }

  /// Sends `count` numbered messages of `size` bytes.
  void flood(const caf::actor& to, uint64_t count, size_t size) {
    for (uint64_t i = 0; i < count; ++i)
      caf::send_as(sender, to, next++, std::string(size, 'x'));
    run();
  }

  uint64_t next = 0;
  uint64_t carried = 0;
};

} // namespace

TEST_SUITE_BEGIN("runtime/basp/session_broker_outbound");

TEST_CASE_FIXTURE(fixture,
                  "a stalled actor is sent a window's worth, no more") {
  flood(to_slow(), 80, 100'000);
  // Header and counters are small beside the text; one message may overshoot.
  CHECK(slow_count.bytes >= limits.flow.window - 100'000);
  CHECK(slow_count.bytes <= limits.flow.window + 100'000);
}

TEST_CASE_FIXTURE(fixture, "what waits arrives in order once the stall ends") {
  flood(to_slow(), 110, 100'000);
  CHECK(slow_count.numbers.size() < 50);
  recover();
  CHECK(slow_count.numbers.size() == 110);
  CHECK(slow_count.in_order());
  // And the window works as before.
  flood(to_slow(), 100, 100'000);
  CHECK(slow_count.numbers.size() == 210);
  CHECK(slow_count.in_order());
}

TEST_CASE_FIXTURE(fixture, "a stalled actor holds up nobody else") {
  flood(to_slow(), 110, 100'000);
  const auto stuck = slow_count.numbers.size();
  for (auto i = 0; i < 10; ++i)
    flood(to_quick(), 50, 100'000);
  CHECK(quick_count.numbers.size() == 500);
  CHECK(quick_count.in_order());
  CHECK(slow_count.numbers.size() == stuck);
}

TEST_CASE_FIXTURE(fixture, "requests beyond the bound get limit_reached") {
  // A window of 4 MiB and 8 MiB that wait: about 125 messages.
  flood(to_slow(), 120, 100'000);
  auto asker = caf::scoped_actor{pair.a.system.sys()};
  auto refused = size_t{0};
  for (auto i = 0; i < 20; ++i) {
    auto pending = asker->request(to_slow(), caf::infinite, next++,
                                  std::string(100'000, 'x'));
    run();
    if (!asker->has_next_message())
      continue;
    ++refused;
    pending.receive([](uint64_t) { FAIL("the actor stands still"); },
                    [](const caf::error& reason) {
                      CHECK(reason == ec::limit_reached);
                      CHECK(to_string(reason).find("does not keep up")
                            != std::string::npos);
                    });
  }
  CHECK(refused >= 10);
  CHECK(refused <= 18);
  recover();
  CHECK(slow_count.numbers.size() == 120 + 20 - refused);
  CHECK(slow_count.in_order());
}

TEST_CASE_FIXTURE(fixture, "a message larger than any is refused, not sent") {
  auto asker = caf::scoped_actor{pair.a.system.sys()};
  auto pending = asker->request(to_quick(), caf::infinite, uint64_t{1},
                                std::string(broker_packet_max + 1, 'x'));
  run();
  REQUIRE(asker->has_next_message());
  pending.receive([](uint64_t) { FAIL("too large"); },
                  [](const caf::error& reason) {
                    CHECK(reason == ec::limit_reached);
                    CHECK(to_string(reason).find("max_packet_size is 1000000")
                          != std::string::npos);
                  });
  flood(to_quick(), 1, 10);
  CHECK(quick_count.numbers.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "credit that can't be ends the stream") {
  flood(to_quick(), 1, 10);
  pair.a.system.tell(pair.a.bridge,
                     stream_credit{1, quick.id(), uint64_t{1} << 40});
  REQUIRE(pair.a.failed.size() == 1);
  CHECK(pair.a.failed[0].reason == ec::protocol_violation);
  // Credit for an actor that nothing was sent to is none of our business.
  pair.a.system.tell(pair.a.bridge, stream_credit{1, 4711, 1});
  pair.a.system.tell(pair.a.bridge, stream_credit{99, quick.id(), 1});
  CHECK(pair.a.failed.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "requests that wait fail when the session ends") {
  flood(to_slow(), 60, 100'000);
  auto asker = caf::scoped_actor{pair.a.system.sys()};
  auto pending = asker->request(to_slow(), caf::infinite, next++,
                                std::string(100'000, 'x'));
  run();
  CHECK(!asker->has_next_message());
  pair.a.system.tell(pair.a.bridge, stream_detach{1, {}});
  REQUIRE(asker->has_next_message());
  pending.receive([](uint64_t) { FAIL("nobody is there"); },
                  [](const caf::error& reason) {
                    CHECK(reason == caf::exit_reason::remote_link_unreachable);
                  });
}

TEST_CASE_FIXTURE(fixture, "an actor of another node is no one to speak for") {
  // `echo` hands requests on; CAF would have the answer go to who asked first,
  // and so the message would have to be routed.
  auto relay = pair.a.keep(pair.a.system.sys().spawn(
    [to = to_quick()](caf::event_based_actor* self) -> caf::behavior {
      return {[self, to](uint64_t number, const std::string& text) {
        return self->delegate(to, number, text);
      }};
    }));
  pair.a.system.tell(pair.a.bridge, stream_services{1, {ptr(relay)}, {}});
  caf::send_as(sender, to_quick(), uint64_t{1}, std::string{"first"});
  pair.b.system.tell(pair.b.bridge,
                     stream_services{1, {}, {{"relay", relay.id()}}});
  run();
  auto asker = caf::scoped_actor{pair.b.system.sys()};
  auto pending = asker->request(pair.at_b(0), caf::infinite, uint64_t{2},
                                std::string{"second"});
  run();
  REQUIRE(asker->has_next_message());
  pending.receive(
    [](uint64_t) { FAIL("it can't have been handed on"); },
    [](const caf::error& reason) { CHECK(reason == ec::permission_denied); });
  // The session lives.
  CHECK(pair.a.failed.empty());
  CHECK(pair.b.failed.empty());
  pair.a.system.sys().registry().erase(relay.id());
}

TEST_SUITE_END();
