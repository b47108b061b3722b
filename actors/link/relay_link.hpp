#pragma once

#include "actors/link/reliable_stream.hpp"
#include "messages/packet.hpp"
#include "messages/router.hpp"
#include "runtime/clock/hybrid_clock.hpp"
#include "runtime/node_context.hpp"

#include <caf/disposable.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace starling::link {

struct relay_link_options {
  node_context* node = nullptr;
  /// Takes this end's packets.
  router_actor router;
  peer_id other;
  /// Wraps a datagram for the payload of a packet; the router knows how.
  std::function<std::vector<uint8_t>(std::span<const uint8_t>)> wrap;
  /// Seed of packet ids.
  uint64_t seed = 0;
  /// Of all packets, 0 to 7.
  uint8_t priority = 3;
  /// How long the link outlives its last path.
  caf::timespan relay_timeout = std::chrono::seconds{10};
  /// How long a link waits for `link_open`, and for the end of a closing one.
  caf::timespan open_timeout = std::chrono::seconds{10};
  caf::timespan close_timeout = std::chrono::seconds{5};
  /// Between two times that everything is sent again because of the path.
  caf::timespan path_interval = std::chrono::milliseconds{20};
  /// See `link_drained`: bytes.
  size_t low_water = 64u << 10;
  /// Bytes that wait here; more ends the link.
  size_t queue_max = 256u << 20;
  reliable_stream::options stream = default_stream();

  static reliable_stream::options default_stream() {
    auto result = reliable_stream::options{};
    // Each datagram costs work at all nodes on the way, so acknowledgements
    // wait for answers to go with. Source: RFC 9000, section 18.2
    // (max_ack_delay).
    result.ack_delay = std::chrono::milliseconds{25};
    result.silence_max = std::chrono::seconds{30};
    result.keep_alive = std::chrono::seconds{15};
    return result;
  }
};

/// One end of a link through other nodes: a reliable stream whose datagrams
/// travel as packets. When the way breaks, what is on it is sent again over the
/// next one; when there is none for `relay_timeout`, the link ends.
///
/// It carries a session, so what its packets hold is encrypted end to end.
class relay_link_state {
public:
  static constexpr const char* name = "starling.link.relay";

  relay_link_state(relay_actor::pointer self, relay_link_options opts);

  ~relay_link_state();

  relay_link_state(const relay_link_state&) = delete;
  relay_link_state& operator=(const relay_link_state&) = delete;

  relay_actor::behavior_type make_behavior();

private:
  using steady = std::chrono::steady_clock;

  void open(const link_open& msg);
  void push(link_bytes& msg);
  void close();
  void take(const relay_datagram& msg);
  void take(const relay_path& msg);
  void has_ended(const caf::down_msg& msg);

  /// Moves bytes on in both directions and looks after timers.
  void pump();
  void fill();
  void hand_over();
  void send_all();
  void report_drained();
  void check_end();
  void schedule();
  void send_again();
  void finish(caf::error reason);
  size_t waiting() const;

  relay_actor::pointer self_;
  relay_link_options opts_;
  std::mt19937_64 random_;
  clock::hybrid_clock clock_;
  reliable_stream stream_;
  link_listener_actor listener_;
  /// What the stream has no room for yet; `sent_` bytes of the first are in it.
  std::deque<caf::byte_buffer> queue_;
  size_t sent_ = 0;
  size_t queued_ = 0;
  /// Bytes since the last `link_drained`.
  size_t handed_over_ = 0;
  bool is_closing_ = false;
  bool is_over_ = false;
  std::optional<steady::time_point> resent_at_;
  std::optional<steady::time_point> due_;
  caf::disposable timer_;
  caf::disposable path_timer_;
  caf::disposable resend_timer_;
  caf::disposable open_timer_;
  caf::disposable close_timer_;
};

} // namespace starling::link
