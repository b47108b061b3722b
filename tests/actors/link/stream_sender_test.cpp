#include "actors/link/stream_sender.hpp"

#include <doctest/doctest.h>

using namespace starling::link;
using namespace std::literals;

namespace {

using offsets = std::vector<uint64_t>;

/// Parts of 100 bytes, ten of them at the start, a round trip of 100 ms.
struct fixture {
  stream_sender::time_point now{1h};
  stream_sender uut{{.part_max = 100,
                     .buffer_max = 10'000,
                     .first_window = 100'000,
                     .rtt = {}}};

  fixture() {
    uut.note_round_trip(100ms);
  }

  void push(size_t size) {
    CHECK(uut.push(std::vector<uint8_t>(size)) == size);
  }

  /// Returns the offsets of all that may be sent now.
  offsets send() {
    auto result = offsets{};
    while (auto part = uut.next(now))
      result.push_back(part->offset);
    return result;
  }

  bool acknowledge(uint64_t ack, std::vector<byte_range> ranges = {},
                   uint32_t window = 100'000) {
    auto segment = stream_segment{};
    segment.ack = ack;
    segment.window = window;
    for (const auto& range : ranges)
      segment.ranges[segment.range_count++] = range;
    return uut.acknowledge(segment, now);
  }

  offsets after(std::chrono::milliseconds time) {
    now += time;
    uut.tick(now);
    return send();
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/stream_sender");

TEST_CASE_FIXTURE(fixture, "the initial window is ten parts (RFC 6928)") {
  push(2'000);
  CHECK(send() == offsets{0, 100, 200, 300, 400, 500, 600, 700, 800, 900});
}

TEST_CASE_FIXTURE(fixture, "slow start sends two parts for each that arrived") {
  push(5'000);
  send();
  now += 100ms;
  acknowledge(200);
  CHECK(send() == offsets{1'000, 1'100, 1'200, 1'300});
}

TEST_CASE_FIXTURE(fixture, "three later arrivals prove a loss") {
  push(1'000);
  send();
  now += 100ms;
  acknowledge(0, {{100, 300}});
  CHECK(send().empty());
  const auto before = uut.congestion_window();
  acknowledge(0, {{100, 400}});
  CHECK(send() == offsets{0});
  CHECK(uut.resent() == 1);
  // The last arrival still counted, then CUBIC's 0.7.
  CHECK(uut.congestion_window() == (before + 100) * 7 / 10);
}

TEST_CASE_FIXTURE(fixture, "fewer prove it after a quarter of a round trip") {
  push(1'000);
  send();
  now += 100ms;
  acknowledge(0, {{100, 200}});
  CHECK(uut.deadline() == now + 25ms);
  CHECK(after(24ms).empty());
  CHECK(after(1ms) == offsets{0});
}

TEST_CASE_FIXTURE(fixture, "losses of one round trip shrink the window once") {
  push(1'000);
  send();
  now += 100ms;
  acknowledge(0, {{100, 200}, {300, 400}, {500, 700}});
  CHECK(send() == offsets{0, 200, 400});
  // Four arrivals in slow start make 1400, of which 0.7 are left.
  CHECK(uut.congestion_window() == 980);
}

TEST_CASE_FIXTURE(fixture, "a lost retransmission is noticed") {
  push(5'000);
  send();
  now += 100ms;
  acknowledge(0, {{100, 1'000}});
  auto sent = send();
  REQUIRE(sent.size() > 3);
  CHECK(sent[0] == 0);
  // All that was sent with it arrives, it does not.
  now += 100ms;
  acknowledge(0, {{100, sent.back() + 100}});
  CHECK(send().front() == 0);
  CHECK(uut.resent() == 2);
}

TEST_CASE_FIXTURE(fixture, "what was only late gives the window back") {
  push(1'000);
  send();
  now += 100ms;
  acknowledge(0, {{100, 400}});
  CHECK(send() == offsets{0});
  CHECK(uut.congestion_window() < 1'000);
  // The answer to the first copy comes right after the second was sent.
  now += 1ms;
  acknowledge(400);
  CHECK(uut.congestion_window() >= 1'000);
}

TEST_CASE_FIXTURE(fixture, "silence makes the last part go again, then all") {
  push(300);
  send();
  // Two round trips and a quarter.
  CHECK(after(224ms).empty());
  CHECK(after(1ms) == offsets{200});
  // RFC 6298: 100 ms and four times 50 ms, from the first part on.
  CHECK(after(74ms).empty());
  CHECK(after(1ms) == offsets{0});
  CHECK(uut.congestion_window() == 100);
  // It doubles.
  CHECK(after(599ms).empty());
  CHECK(after(1ms) == offsets{0});
  acknowledge(300);
  CHECK(!uut.deadline());
  CHECK(uut.waiting() == 0);
}

TEST_CASE_FIXTURE(fixture, "a change of path sends all again at once") {
  push(300);
  send();
  uut.path_changed(now);
  CHECK(send() == offsets{0, 100, 200});
  CHECK(uut.round_trip() == 0s);
}

TEST_CASE_FIXTURE(fixture, "the other side's window is kept") {
  uut = stream_sender{{.part_max = 100, .first_window = 150, .rtt = {}}};
  push(1'000);
  // The rest of the window alone would be a small part; it waits.
  CHECK(send() == offsets{0});
  now += 100ms;
  acknowledge(100, {}, 50);
  CHECK(send() == offsets{100});
  now += 100ms;
  acknowledge(150, {}, 0);
  CHECK(send().empty());
  CHECK(!uut.take_probe(now));
  REQUIRE(uut.deadline());
  now = *uut.deadline();
  CHECK(uut.take_probe(now));
  CHECK(!uut.take_probe(now));
  acknowledge(150, {}, 100);
  CHECK(send() == offsets{150});
}

TEST_CASE_FIXTURE(fixture, "the end goes with the last bytes or alone") {
  push(150);
  SUBCASE("with them") {
    uut.finish();
    CHECK(!uut.next(now)->end);
    CHECK(uut.next(now)->end);
  }
  SUBCASE("alone") {
    CHECK(send() == offsets{0, 100});
    uut.finish();
    const auto end = uut.next(now);
    REQUIRE(end);
    CHECK(end->size == 0);
    CHECK(end->end);
  }
  CHECK(send().empty());
  CHECK(uut.room() == 0);
  acknowledge(150);
  CHECK(!uut.done());
  CHECK(uut.busy());
  acknowledge(151);
  CHECK(uut.done());
  CHECK(!uut.busy());
  CHECK(!uut.deadline());
}

TEST_CASE_FIXTURE(fixture, "more than the buffer holds is not taken") {
  CHECK(uut.push(std::vector<uint8_t>(20'000)) == 10'000);
  CHECK(uut.room() == 0);
  send();
  acknowledge(300);
  CHECK(uut.room() == 300);
}

TEST_CASE_FIXTURE(fixture, "what was never sent can't be acknowledged") {
  push(2'000);
  send();
  CHECK(!acknowledge(1'001));
  CHECK(!acknowledge(0, {{900, 1'001}}));
  CHECK(uut.waiting() == 2'000);
  CHECK(acknowledge(1'000));
}

TEST_SUITE_END();
