#pragma once

#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "runtime/session/secure_session.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the session tests share: nodes made from a seed, and two sessions that
/// hand each other their bytes.
namespace starling::session::testing {

using bytes = std::vector<uint8_t>;
using time_point = secure_session::time_point;

inline const auto test_start = time_point{} + std::chrono::hours{1};

inline bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

inline std::string text_of(std::span<const uint8_t> x) {
  return {x.begin(), x.end()};
}

/// Bytes that differ from place to place, so that a swap or a gap shows.
inline bytes pattern(size_t size, uint32_t seed = 1) {
  auto result = bytes(size);
  auto x = seed;
  for (auto& byte : result) {
    x = x * 1664525 + 1013904223;
    byte = static_cast<uint8_t>(x >> 24);
  }
  return result;
}

/// A policy whose answer each test chooses, and which notes what it was asked.
struct test_admission : admission {
  result<admitted> admit(const identity::public_key& key,
                         std::span<const uint8_t> credential,
                         role side) override {
    ++calls;
    asked_about = key.id();
    asked_credential.assign(credential.begin(), credential.end());
    asked_role = side;
    if (refusal)
      return *refusal;
    return admitted{reply};
  }

  size_t calls = 0;
  std::optional<peer_id> asked_about;
  bytes asked_credential;
  std::optional<role> asked_role;
  std::optional<failure> refusal;
  bytes reply;
};

/// Identity keys are slow to make; tests share three. Not for production: they
/// follow from a seed.
inline const identity::private_key& test_key(size_t index) {
  static const auto keys = [] {
    auto rng = identity::seeded_rng{2024};
    auto result = std::vector<identity::private_key>{};
    for (auto i = 0; i < 3; ++i)
      result.push_back(identity::private_key::generate(rng));
    return result;
  }();
  return keys.at(index);
}

/// What one node brings into a session.
struct test_node {
  explicit test_node(size_t index, uint64_t seed = 7)
    : context{std::make_shared<session_context>()} {
    context->key = &test_key(index);
    context->policy = &policy;
    context->rng = std::make_shared<identity::seeded_rng>(seed + index);
    context->credential = bytes_of("credential " + std::to_string(index));
  }

  test_node(const test_node&) = delete;
  test_node& operator=(const test_node&) = delete;

  session_options& options() {
    return context->options;
  }

  peer_id id() const {
    return context->key->id();
  }

  test_admission policy;
  std::shared_ptr<session_context> context;
};

/// Notes what a session tells.
struct test_events : session_events {
  void on_established(const peer_info& who) override {
    ++established;
    peer = who.id;
    if (when_established)
      when_established();
  }

  void on_payload(std::span<const uint8_t> part) override {
    CHECK(established == 1);
    payload.insert(payload.end(), part.begin(), part.end());
    if (when_payload)
      when_payload(part);
  }

  void on_closed() override {
    ++closed;
  }

  size_t established = 0;
  size_t closed = 0;
  peer_id peer;
  bytes payload;
  std::function<void()> when_established;
  std::function<void(std::span<const uint8_t>)> when_payload;
};

/// One end: a session and its listener.
struct test_end {
  test_end(role side, const test_node& node,
           std::optional<peer_id> expected = std::nullopt)
    : session{side, node.context, expected, test_start} {
    // nop
  }

  result<void> receive(std::span<const uint8_t> data, time_point now) {
    return session.receive(data, now, events);
  }

  bytes take() {
    return std::exchange(session.output(), {});
  }

  secure_session session;
  test_events events;
};

/// Two ends on a link that loses nothing.
struct test_pair {
  test_pair(const test_node& a, const test_node& b,
            std::optional<peer_id> expected = std::nullopt)
    : initiator{role::initiator, a, expected},
      responder{role::responder, b} {
    CHECK(initiator.session.start());
    CHECK(responder.session.start());
  }

  /// Carries bytes both ways until there are none, `cut` at a time.
  void pump(size_t cut = SIZE_MAX) {
    while (step(initiator, responder, to_responder, cut)
           | step(responder, initiator, to_initiator, cut))
      ;
  }

  bool step(test_end& from, test_end& to, bytes& seen, size_t cut) {
    const auto data = from.take();
    seen.insert(seen.end(), data.begin(), data.end());
    for (auto rest = std::span<const uint8_t>{data}; !rest.empty();) {
      const auto part = rest.first(std::min(cut, rest.size()));
      rest = rest.subspan(part.size());
      static_cast<void>(to.receive(part, now));
    }
    return !data.empty();
  }

  void establish(size_t cut = SIZE_MAX) {
    pump(cut);
    REQUIRE_MESSAGE(!initiator.session.error(),
                    initiator.session.error()->text);
    REQUIRE_MESSAGE(!responder.session.error(),
                    responder.session.error()->text);
    REQUIRE(initiator.session.established());
    REQUIRE(responder.session.established());
  }

  time_point now = test_start;
  test_end initiator;
  test_end responder;
  /// All bytes that went over the link.
  bytes to_responder;
  bytes to_initiator;
};

} // namespace starling::session::testing
