#include "runtime/session/payload_channel.hpp"

#include "runtime/session/record_framer.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;
using namespace std::chrono_literals;

namespace {

/// Two channels with made-up secrets; no handshake.
struct fixture {
  struct end {
    end(role side, const session_options& opts)
      : channel{{.side = side,
                 .outgoing = secret(secret_size, side == role::initiator),
                 .incoming = secret(secret_size, side == role::responder),
                 .group = x25519_ml_kem_768,
                 .peer_payload_max = 1000,
                 .now = test_start},
                opts,
                std::make_shared<identity::seeded_rng>(4),
                stats} {
      framer.expect_payload(opts.record_payload_max);
    }

    session_stats stats;
    payload_channel channel;
    record_framer framer{64 * 1024};
    bytes out;
    bytes got;
    bool closed = false;
  };

  explicit fixture(session_options input = {})
    : opts{std::move(input)},
      a{role::initiator, opts},
      b{role::responder, opts} {
    // nop
  }

  /// Hands over what waits. Returns the first failure.
  result<void> carry(end& from, end& to) {
    const auto data = std::exchange(from.out, {});
    for (auto rest = std::span<const uint8_t>{data}; !rest.empty();) {
      if (!*to.framer.collect(rest))
        break;
      auto taken
        = to.channel.receive(to.framer.header(), to.framer.body(), now, to.out);
      if (!taken)
        return taken.error();
      to.got.insert(to.got.end(), taken->payload.begin(), taken->payload.end());
      to.closed = to.closed || taken->closed;
      to.framer.clear();
    }
    return {};
  }

  void settle() {
    while (!a.out.empty() || !b.out.empty()) {
      CHECK(carry(a, b));
      CHECK(carry(b, a));
    }
  }

  session_options opts;
  time_point now = test_start;
  end a;
  end b;
};

} // namespace

TEST_SUITE_BEGIN("session/payload_channel");

TEST_CASE("payload is cut into records that the peer accepts") {
  auto f = fixture{};
  const auto sent = pattern(2500);
  CHECK(f.a.channel.send(sent, f.now, f.a.out));
  CHECK(f.a.out.size() == 2500 + 3 * 21);
  CHECK(f.a.out.size() <= f.a.channel.sealed_size_max(2500));
  f.settle();
  CHECK(f.b.got == sent);
  CHECK(f.b.stats.records_in == 3);
}

TEST_CASE("a key is replaced after so many records") {
  auto f = fixture{{.rotate_records = 3, .kem_rotations = 0}};
  for (auto i = 0; i < 10; ++i)
    CHECK(f.a.channel.send(bytes(1), f.now, f.a.out));
  f.settle();
  CHECK(f.a.stats.rotations_out == 3);
  CHECK(f.b.stats.rotations_in == 3);
  CHECK(f.b.stats.rotations_out == 0);
}

TEST_CASE("a key is replaced after so many bytes") {
  auto f = fixture{{.rotate_bytes = 2000, .kem_rotations = 0}};
  CHECK(f.a.channel.send(bytes(10'000), f.now, f.a.out));
  f.settle();
  CHECK(f.b.got.size() == 10'000);
  // Ten records of 1000 bytes, a new key before the 3rd, 5th, 7th and 9th.
  CHECK(f.b.stats.rotations_in == 4);
}

TEST_CASE("a key that was used is replaced by age, with and without payload") {
  auto f = fixture{{.rotate_interval = 10s, .kem_interval = 1h}};
  CHECK(f.a.channel.send(bytes(1), f.now, f.a.out));
  f.settle();
  CHECK(f.a.channel.next_deadline() == test_start + 10s);
  f.now += 10s - 1ns;
  CHECK(f.a.channel.tick(f.now, f.a.out));
  CHECK(f.a.out.empty());
  f.now += 1ns;
  CHECK(f.a.channel.tick(f.now, f.a.out));
  CHECK(!f.a.out.empty());
  f.settle();
  CHECK(f.b.stats.rotations_in == 1);
  // Unused since: nothing to replace.
  f.now += 1min;
  CHECK(f.a.channel.tick(f.now, f.a.out));
  CHECK(f.a.out.empty());
  CHECK(f.a.channel.send(bytes(1), f.now, f.a.out));
  f.now += 10s;
  CHECK(f.a.channel.send(bytes(1), f.now, f.a.out));
  f.settle();
  CHECK(f.b.stats.rotations_in == 2);
  CHECK(f.b.got.size() == 3);
}

TEST_CASE("a fresh exchange renews both directions at its interval") {
  auto f = fixture{{.kem_interval = 80s, .kem_timeout = 5s}};
  CHECK(f.a.channel.next_deadline() == test_start + 80s);
  // The responder gives the initiator an eighth to be first.
  CHECK(f.b.channel.next_deadline() == test_start + 90s);
  f.now += 80s;
  CHECK(f.b.channel.tick(f.now, f.b.out));
  CHECK(f.b.out.empty());
  CHECK(f.a.channel.tick(f.now, f.a.out));
  CHECK(f.a.channel.next_deadline() == f.now + 5s);
  f.settle();
  for (auto* end : {&f.a, &f.b}) {
    CHECK(end->stats.kem_exchanges == 1);
    CHECK(end->stats.rotations_in == 1);
    CHECK(end->stats.rotations_out == 1);
  }
  CHECK(f.a.channel.next_deadline() == f.now + 80s);
  CHECK(f.a.channel.send(bytes_of("after"), f.now, f.a.out));
  CHECK(f.b.channel.send(bytes_of("wards"), f.now, f.b.out));
  f.settle();
  CHECK(text_of(f.b.got) == "after");
  CHECK(text_of(f.a.got) == "wards");
}

TEST_CASE("so many ratchet steps call for a fresh exchange") {
  auto f = fixture{{.rotate_records = 2, .kem_rotations = 3}};
  for (auto i = 0; i < 20; ++i) {
    CHECK(f.b.channel.send(bytes(1), f.now, f.b.out));
    f.settle();
    f.now += 1s;
  }
  CHECK(f.a.stats.kem_exchanges >= 2);
  CHECK(f.a.stats.kem_exchanges == f.b.stats.kem_exchanges);
  CHECK(f.a.got.size() == 20);
}

TEST_CASE("exchanges that are due all the time keep to what a peer takes") {
  auto f = fixture{{.rotate_records = 1,
                    .kem_interval = 10ms,
                    .kem_rotations = 1,
                    .kem_pause = 2s}};
  for (auto i = 0; i < 1'000; ++i) {
    CHECK(f.a.channel.send(bytes(1), f.now, f.a.out));
    f.settle();
    CHECK(f.a.channel.tick(f.now, f.a.out));
    f.settle();
    f.now += 20ms;
  }
  CHECK(f.b.got.size() == 1'000);
  CHECK(f.a.stats.kem_exchanges == 10);
  // One that is due comes as soon as it may, also if nothing more is sent.
  CHECK(f.a.channel.next_deadline() <= f.now + 2s);
}

TEST_CASE("a peer that withholds an exchange ends the session") {
  auto f = fixture{{.kem_interval = 80s, .kem_timeout = 5s}};
  f.now += 80s;
  CHECK(f.a.channel.tick(f.now, f.a.out));
  f.now += 5s - 1ns;
  CHECK(f.a.channel.tick(f.now, f.a.out));
  f.now += 1ns;
  CHECK(f.a.channel.tick(f.now, f.a.out).error().code == ec::timed_out);
}

TEST_CASE("a peer that starts exchanges too fast is refused") {
  // The peer keeps to no limit of its own here.
  auto hasty = fixture{{.rotate_records = 1,
                        .kem_rotations = 1,
                        .kem_pause = 1ns,
                        .kem_peer_burst = 2,
                        .kem_peer_interval = 1s}};
  auto refused = 0;
  for (auto i = 0; i < 8 && refused == 0; ++i) {
    hasty.now += 1ms;
    CHECK(hasty.a.channel.send(bytes(1), hasty.now, hasty.a.out));
    for (auto round = 0; round < 4 && refused == 0; ++round) {
      if (auto ok = hasty.carry(hasty.a, hasty.b); !ok) {
        CHECK(ok.error().code == ec::protocol_violation);
        ++refused;
      } else if (!hasty.carry(hasty.b, hasty.a)) {
        ++refused;
      }
    }
  }
  CHECK(refused == 1);
}

TEST_CASE("a close is authenticated and may carry a reason") {
  auto f = fixture{};
  SUBCASE("in order") {
    CHECK(f.a.channel.close(std::nullopt, f.a.out));
    CHECK(f.carry(f.a, f.b));
    CHECK(f.b.closed);
  }
  SUBCASE("with a reason") {
    CHECK(f.a.channel.close(ec::tampered, f.a.out));
    const auto taken = f.carry(f.a, f.b);
    CHECK(taken.error().code == ec::connection_closed);
    CHECK(taken.error().text.find("tampered") != std::string::npos);
  }
  SUBCASE("forged") {
    CHECK(f.a.channel.close(std::nullopt, f.a.out));
    f.a.out.back() ^= 1;
    CHECK(f.carry(f.a, f.b).error().code == ec::tampered);
    CHECK(!f.b.closed);
  }
}

TEST_SUITE_END();
