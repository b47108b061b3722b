#pragma once

#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "runtime/session/secure_session.hpp"
#include "tests/fuzz/target.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

/// Two nodes that let everybody in, the same in each run.
namespace starling::fuzz {

using session_time = session::secure_session::time_point;

inline const auto session_start = session_time{} + std::chrono::hours{1};

struct open_door : session::admission {
  result<session::admitted> admit(const identity::public_key&,
                                  std::span<const uint8_t>,
                                  session::role) override {
    return session::admitted{{1, 2, 3}};
  }
};

/// Keys are slow to make, so that all inputs share them.
struct session_keys {
  explicit session_keys(uint64_t seed)
    : rng{seed},
      node{identity::private_key::generate(rng)},
      tls{session::make_tls_key(rng)} {
    // nop
  }

  identity::seeded_rng rng;
  identity::private_key node;
  std::shared_ptr<Botan::Private_Key> tls;
};

inline const session_keys& keys_of(session::role side) {
  static const auto initiator = session_keys{1};
  static const auto responder = session_keys{2};
  return side == session::role::initiator ? initiator : responder;
}

/// A session and what it has told.
struct session_end : session::session_events {
  explicit session_end(session::role side)
    : channel{side, context_of(side, door), std::nullopt, session_start} {
    require(static_cast<bool>(channel.start()));
  }

  void on_established(const session::peer_info&) override {
    require(++established == 1);
  }

  void on_payload(std::span<const uint8_t> bytes) override {
    require(established == 1);
    payload.insert(payload.end(), bytes.begin(), bytes.end());
  }

  void on_closed() override {
    require(established == 1);
  }

  std::vector<uint8_t> take() {
    return std::exchange(channel.output(), {});
  }

  open_door door;
  session::secure_session channel;
  int established = 0;
  std::vector<uint8_t> payload;

private:
  static std::shared_ptr<const session::session_context>
  context_of(session::role side, open_door& door) {
    auto context = std::make_shared<session::session_context>();
    context->key = &keys_of(side).node;
    context->tls_key = keys_of(side).tls;
    context->policy = &door;
    context->credential = {4, 5, 6};
    context->rng = std::make_shared<identity::seeded_rng>(
      side == session::role::initiator ? 3 : 4);
    // Small, so that keys change within an input.
    context->options.rotate_records = 4;
    context->options.kem_rotations = 2;
    return context;
  }
};

} // namespace starling::fuzz
