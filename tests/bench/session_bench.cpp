// How fast are sessions? Prints one table; run it on a quiet machine.
//
// The TLS rows are what payload would cost inside TLS records, with the same
// library and cipher, in the same run.

#include "runtime/identity/seeded_rng.hpp"
#include "runtime/session/record_layer.hpp"
#include "runtime/session/secure_session.hpp"
#include "runtime/session/tls_channel.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

using namespace starling;
using namespace starling::session;

namespace {

using bytes = std::vector<uint8_t>;
using clock_type = std::chrono::steady_clock;

const auto start = clock_type::time_point{} + std::chrono::hours{1};

void require(const result<void>& x) {
  if (!x) {
    fmt::print(stderr, "failed: {}\n", x.error().text);
    std::exit(1);
  }
}

/// Runs a step for about a third of a second. Returns seconds a run.
double seconds_of(const std::function<void()>& step) {
  step();
  auto runs = size_t{0};
  const auto begin = clock_type::now();
  auto spent = std::chrono::duration<double>{};
  do {
    step();
    ++runs;
    spent = clock_type::now() - begin;
  } while (spent.count() < 0.3);
  return spent.count() / static_cast<double>(runs);
}

struct open_door : admission {
  result<admitted> admit(const identity::public_key&, std::span<const uint8_t>,
                         role) override {
    return admitted{};
  }
};

struct counter : session_events {
  void on_established(const peer_info&) override {
    // nop
  }

  void on_payload(std::span<const uint8_t> part) override {
    total += part.size();
  }

  void on_closed() override {
    // nop
  }

  size_t total = 0;
};

struct bench {
  bench() {
    for (auto* context : {&alice, &bob}) {
      *context = std::make_shared<session_context>();
      (*context)->rng = rng;
      (*context)->policy = &door;
      (*context)->tls_key = make_tls_key(*rng);
    }
    alice->key = &keys[0];
    bob->key = &keys[1];
  }

  /// A pair of sessions that is established.
  std::pair<secure_session, secure_session> sessions() {
    auto a = secure_session{role::initiator, alice, std::nullopt, start};
    auto b = secure_session{role::responder, bob, std::nullopt, start};
    require(a.start());
    require(b.start());
    while (!a.output().empty() || !b.output().empty()) {
      require(b.receive(std::exchange(a.output(), {}), start, sink));
      require(a.receive(std::exchange(b.output(), {}), start, sink));
    }
    return {std::move(a), std::move(b)};
  }

  void handshake(uint16_t group) {
    alice->options.groups = bob->options.groups = {group};
    const auto spent = seconds_of([&] { sessions(); });
    fmt::print("handshake 0x{:04x}, both sides      {:8.2f} ms\n", group,
               spent * 1e3);
  }

  void exchange(uint16_t group) {
    alice->options.groups = bob->options.groups = {group};
    auto [a, b] = sessions();
    auto now = start;
    const auto spent = seconds_of([&] {
      now += alice->options.kem_interval;
      require(a.tick(now));
      while (!a.output().empty() || !b.output().empty()) {
        require(b.receive(std::exchange(a.output(), {}), now, sink));
        require(a.receive(std::exchange(b.output(), {}), now, sink));
      }
    });
    fmt::print("fresh exchange 0x{:04x}, both sides {:8.2f} ms\n", group,
               spent * 1e3);
  }

  void row(const char* what, size_t size, double spent) {
    fmt::print("{:<16} {:>6} B  {:8.3f} us  {:8.0f} MB/s\n", what, size,
               spent * 1e6, static_cast<double>(size) / spent / 1e6);
  }

  void records(size_t size) {
    auto [a, b] = sessions();
    const auto payload = bytes(size, 0x5a);
    auto spare = bytes{};
    // So many at once that the clock doesn't count.
    const auto count = size < 1000 ? 256 : 4;
    const auto fill = [&] {
      a.output().clear();
      for (auto i = 0; i < count; ++i)
        require(a.send(payload, start));
    };
    const auto send = seconds_of(fill) / count;
    row("session send", size, send);
    // A receiver can't read anything twice, so both are timed together.
    auto [c, d] = sessions();
    const auto both = seconds_of([&] {
      for (auto i = 0; i < count; ++i)
        require(c.send(payload, start));
      spare.clear();
      std::swap(spare, c.output());
      require(d.receive(spare, start, sink));
    });
    row("session receive", size, both / count - send);
  }

  void tls(size_t size) {
    auto a = tls_channel{role::initiator, alice};
    auto b = tls_channel{role::responder, bob};
    require(a.start(start));
    require(b.start(start));
    while (!a.output().empty() || !b.output().empty()) {
      feed(b, std::exchange(a.output(), {}));
      feed(a, std::exchange(b.output(), {}));
    }
    const auto payload = bytes(size, 0x5a);
    auto sent = 0.0;
    auto received = 0.0;
    auto runs = 0;
    while (sent + received < 0.6) {
      const auto t0 = clock_type::now();
      require(a.send(payload, start));
      const auto t1 = clock_type::now();
      feed(b, a.output());
      const auto t2 = clock_type::now();
      a.output().clear();
      b.plaintext().clear();
      sent += std::chrono::duration<double>(t1 - t0).count();
      received += std::chrono::duration<double>(t2 - t1).count();
      ++runs;
    }
    row("TLS send", size, sent / runs);
    row("TLS receive", size, received / runs);
  }

  static void feed(tls_channel& to, std::span<const uint8_t> data) {
    while (!data.empty()) {
      const auto size = 5 + (size_t{data[3]} << 8 | data[4]);
      require(to.receive(data.first(size), start));
      data = data.subspan(size);
    }
  }

  std::shared_ptr<Botan::RandomNumberGenerator> rng
    = std::make_shared<identity::seeded_rng>(1);
  std::vector<identity::private_key> keys = [this] {
    auto result = std::vector<identity::private_key>{};
    result.push_back(identity::private_key::generate(*rng));
    result.push_back(identity::private_key::generate(*rng));
    return result;
  }();
  open_door door;
  counter sink;
  std::shared_ptr<session_context> alice;
  std::shared_ptr<session_context> bob;
};

} // namespace

int main() {
  auto run = bench{};
  for (auto group : {secp384r1_ml_kem_1024, x25519_ml_kem_768})
    run.handshake(group);
  for (auto group : {secp384r1_ml_kem_1024, x25519_ml_kem_768})
    run.exchange(group);
  for (auto size :
       {size_t{64}, size_t{1024}, size_t{16 * 1024}, size_t{64 * 1024}}) {
    run.tls(size);
    run.records(size);
  }
  return 0;
}
