#include "runtime/session/secure_session.hpp"

#include "runtime/session/identity_step.hpp"
#include "runtime/session/payload_channel.hpp"
#include "runtime/session/record_framer.hpp"
#include "runtime/session/tls_channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

namespace starling::session {

namespace {

using std::string_view;

constexpr string_view binding_label = "EXPORTER-starling-session-identity";
constexpr size_t binding_size = 64;

constexpr string_view records_label(role sender) {
  return sender == role::initiator ? "EXPORTER-starling-records-initiator"
                                   : "EXPORTER-starling-records-responder";
}

} // namespace

struct secure_session::state {
  enum class phase { idle, handshake, established, closed, failed };

  state(role own_side, std::shared_ptr<const session_context> shared,
        std::optional<peer_id> wanted, time_point at)
    : side{own_side},
      context{std::move(shared)},
      expected{wanted},
      started{at},
      now{at} {
    peer.side = other(side);
  }

  // -- life -------------------------------------------------------------------

  result<void> start() {
    if (error)
      return *error;
    assert(stage == phase::idle);
    if (!context)
      return die({ec::invalid_option, "a session needs a context"});
    if (auto ok = validate(*context); !ok)
      return die(ok.error());
    framer.emplace(context->options.handshake_bytes_max);
    tls = std::make_unique<tls_channel>(side, context);
    if (auto ok = tls->start(now); !ok)
      return die(ok.error());
    stage = phase::handshake;
    flush_tls();
    return {};
  }

  /// Ends the session for good, and lets the peer know if it can.
  result<void> die(failure reason) {
    stage = phase::failed;
    error = std::move(reason);
    if (tls) {
      tls->close();
      flush_tls();
    }
    if (payload)
      static_cast<void>(
        attempt([this] { return payload->close(error->code, output); }));
    drop_keys();
    return *error;
  }

  void drop_keys() {
    identity.reset();
    tls.reset();
    payload.reset();
  }

  /// Runs a step that may throw, as a generator without entropy does.
  template <class Step>
  auto attempt(Step step) -> decltype(step()) {
    try {
      return step();
    } catch (const std::exception& e) {
      return failure{
        ec::wrong_state,
        fmt::format("the session's cryptography failed: {}", e.what())};
    }
  }

  result<void> advance(time_point at) {
    now = std::max(now, at);
    if (stage == phase::handshake && now - started >= handshake_timeout())
      return die(
        {ec::timed_out,
         fmt::format("the session was not established within {} ms",
                     std::chrono::duration_cast<std::chrono::milliseconds>(
                       handshake_timeout())
                       .count())});
    return {};
  }

  session_options::duration handshake_timeout() const {
    return context->options.handshake_timeout;
  }

  // -- receiving --------------------------------------------------------------

  result<void> receive(std::span<const uint8_t> bytes, session_events& events) {
    while (!bytes.empty()
           && (stage == phase::handshake || stage == phase::established)) {
      const auto whole = framer->collect(bytes);
      if (!whole)
        return die(whole.error());
      if (!*whole)
        break;
      auto taken = stage == phase::handshake ? take_tls_record(events)
                                             : take_payload_record(events);
      framer->clear();
      if (!taken)
        return taken;
    }
    // The listener may have sent, and that may have failed.
    if (error)
      return *error;
    return {};
  }

  // -- handshake --------------------------------------------------------------

  result<void> take_tls_record(session_events& events) {
    stats.handshake_bytes_in = framer->handshake_bytes();
    auto done = attempt([this]() -> result<void> {
      if (auto ok = tls->receive(framer->record(), now); !ok)
        return ok;
      return take_identity();
    });
    if (!done)
      return die(done.error());
    flush_tls();
    if (!identity || !identity->done())
      return {};
    if (auto ok = attempt([this] { return establish(); }); !ok)
      return die(ok.error());
    events.on_established(peer);
    return {};
  }

  result<void> take_identity() {
    if (!tls->ready())
      return {};
    if (!identity) {
      const auto exporter = tls->exported(binding_label, {}, binding_size);
      identity = std::make_unique<identity_step>(
        side, context, expected,
        channel_binding{.exporter = {exporter.begin(), exporter.end()},
                        .own_key_hash = tls->own_key_hash(),
                        .peer_key_hash = tls->peer_key_hash(),
                        .psk_id = {},
                        .group = tls->group()});
    }
    auto taken = identity->receive(std::exchange(tls->plaintext(), {}));
    // Also when it failed: then the last message says why.
    const auto answer = std::exchange(identity->output(), {});
    if (!answer.empty())
      if (auto sent = tls->send(answer, now); !sent && taken)
        return sent;
    return taken;
  }

  result<void> establish() {
    const auto agreement = identity->agreement();
    const auto secret_of = [&](role sender) {
      return tls->exported(records_label(sender), agreement, secret_size);
    };
    peer = identity->peer();
    payload = std::make_unique<payload_channel>(
      payload_channel::start{.side = side,
                             .outgoing = secret_of(side),
                             .incoming = secret_of(other(side)),
                             .group = tls->group(),
                             .peer_payload_max = peer.record_payload_max,
                             .now = now},
      context->options, context->rng, stats);
    // From here on the keys of TLS are of no use but to a thief.
    identity.reset();
    tls.reset();
    framer->expect_payload(context->options.record_payload_max);
    stage = phase::established;
    return {};
  }

  void flush_tls() {
    auto& bytes = tls->output();
    stats.handshake_bytes_out += bytes.size();
    output.insert(output.end(), bytes.begin(), bytes.end());
    bytes.clear();
  }

  // -- established ------------------------------------------------------------

  result<void> take_payload_record(session_events& events) {
    auto taken = attempt([&] {
      return payload->receive(framer->header(), framer->body(), now, output);
    });
    if (!taken)
      return die(taken.error());
    if (taken->closed) {
      close();
      events.on_closed();
    } else if (!taken->payload.empty()) {
      events.on_payload(taken->payload);
    }
    return {};
  }

  result<void> send(std::span<const uint8_t> bytes, time_point at) {
    if (error)
      return *error;
    if (stage == phase::closed)
      return failure{ec::connection_closed, "the session is closed"};
    if (stage != phase::established)
      return failure{ec::wrong_state,
                     "the session is not established yet; send after "
                     "on_established"};
    now = std::max(now, at);
    if (output.size() + payload->sealed_size_max(bytes.size())
        > context->options.output_max)
      return failure{ec::limit_reached,
                     fmt::format("{} bytes wait for the link already; send "
                                 "again when it has taken them",
                                 output.size())};
    auto sent = attempt([&] { return payload->send(bytes, now, output); });
    return sent ? sent : die(sent.error());
  }

  result<void> tick(time_point at) {
    if (error)
      return *error;
    if (stage == phase::handshake)
      return advance(at);
    if (stage != phase::established)
      return {};
    now = std::max(now, at);
    auto done = attempt([&] { return payload->tick(now, output); });
    return done ? done : die(done.error());
  }

  void close() {
    if (stage == phase::failed || stage == phase::closed)
      return;
    if (tls) {
      tls->close();
      flush_tls();
    }
    // Sealing one byte fails only if a key is worn out, and then the peer will
    // see a truncated stream, which is true.
    if (payload)
      static_cast<void>(
        attempt([this] { return payload->close(std::nullopt, output); }));
    stage = phase::closed;
    drop_keys();
  }

  result<void> end_of_stream() {
    if (error)
      return *error;
    if (stage == phase::closed)
      return {};
    if (stage == phase::established)
      return die({ec::connection_closed,
                  "the stream ended without the peer's good-bye: what it sent "
                  "last may be missing"});
    return die({ec::connection_closed,
                "the stream ended before the session was established"});
  }

  role side;
  std::shared_ptr<const session_context> context;
  std::optional<peer_id> expected;
  time_point started;
  time_point now;
  phase stage = phase::idle;
  std::optional<failure> error;
  std::unique_ptr<tls_channel> tls;
  std::unique_ptr<identity_step> identity;
  std::unique_ptr<payload_channel> payload;
  peer_info peer;
  session_stats stats;
  std::optional<record_framer> framer;
  std::vector<uint8_t> output;
  bool receiving = false;
};

// -- the public face ----------------------------------------------------------

secure_session::secure_session(role side,
                               std::shared_ptr<const session_context> context,
                               std::optional<peer_id> expected, time_point now)
  : state_{std::make_unique<state>(side, std::move(context), expected, now)} {
  // nop
}

secure_session::secure_session(secure_session&&) noexcept = default;

secure_session& secure_session::operator=(secure_session&&) noexcept = default;

secure_session::~secure_session() = default;

result<void> secure_session::start() {
  return state_->start();
}

result<void> secure_session::receive(std::span<const uint8_t> bytes,
                                     time_point now, session_events& events) {
  auto& st = *state_;
  if (st.error)
    return *st.error;
  if (st.stage == state::phase::idle)
    return failure{ec::wrong_state, "the session has not been started"};
  assert(!st.receiving);
  if (auto ok = st.advance(now); !ok)
    return ok;
  st.receiving = true;
  auto received = st.receive(bytes, events);
  st.receiving = false;
  return received;
}

result<void> secure_session::send(std::span<const uint8_t> payload,
                                  time_point now) {
  return state_->send(payload, now);
}

result<void> secure_session::tick(time_point now) {
  return state_->tick(now);
}

void secure_session::close() {
  state_->close();
}

result<void> secure_session::end_of_stream() {
  return state_->end_of_stream();
}

std::vector<uint8_t>& secure_session::output() {
  return state_->output;
}

bool secure_session::established() const {
  return state_->stage == state::phase::established;
}

bool secure_session::closed() const {
  return state_->stage == state::phase::closed;
}

const std::optional<failure>& secure_session::error() const {
  return state_->error;
}

const peer_info& secure_session::peer() const {
  return state_->peer;
}

std::optional<secure_session::time_point>
secure_session::next_deadline() const {
  if (state_->stage == state::phase::handshake)
    return state_->started + state_->handshake_timeout();
  if (state_->stage == state::phase::established)
    return state_->payload->next_deadline();
  return std::nullopt;
}

const session_stats& secure_session::stats() const {
  return state_->stats;
}

} // namespace starling::session
