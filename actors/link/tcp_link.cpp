#include "actors/link/tcp_link.hpp"

#include "actors/link/send_queue.hpp"
#include "runtime/config/endpoint.hpp"
#include "runtime/event_loop/bare_broker.hpp"
#include "runtime/event_loop/fd_watch.hpp"
#include "runtime/event_loop/resolver.hpp"

#include <caf/actor_cast.hpp>
#include <caf/disposable.hpp>
#include <caf/io/middleman.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace starling::link {

namespace {

using event_loop::socket_address;
using event_loop::unique_fd;
using status = event_loop::io_outcome::status;

/// Reads in a row before others get their turn.
constexpr auto reads_in_a_row = 4;

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

/// Where to, and who is told when the link stands.
struct dial_target {
  config::endpoint where;
  link_acceptor_actor acceptor;
};

class tcp_link : public event_loop::bare_broker, private event_loop::fd_owner {
public:
  tcp_link(caf::actor_config& cfg, const tcp_options& opts, unique_fd socket,
           std::optional<dial_target> target, std::shared_ptr<size_t> endings)
    : bare_broker(cfg),
      opts_{opts},
      socket_{std::move(socket)},
      target_{std::move(target)},
      endings_{std::move(endings)} {
    // nop
  }

  const char* name() const override {
    return "starling.link.tcp";
  }

  void on_exit() override {
    // Ended by an exit message: the listener has not been told yet.
    if (listener_ && phase_ != phase::ended)
      send(listener_, link_closed{caf::make_error(ec::connection_closed,
                                                  "the link was stopped")});
    set_ended();
    watch_.close();
    dial_timer_.dispose();
    attempt_timer_.dispose();
    open_timer_.dispose();
    close_timer_.dispose();
    listener_ = nullptr;
    target_.reset();
    broker::on_exit();
  }

  /// Writes once for all messages of this round.
  caf::resumable::resume_result resume(caf::execution_unit* unit,
                                       size_t max_throughput) override {
    const auto result = broker::resume(unit, max_throughput);
    if (!queue_.empty() && !blocked_ && is_connected()) {
      flush();
      settle();
    }
    return result;
  }

  caf::behavior make_behavior() override {
    set_down_handler([this](const caf::down_msg&) {
      listener_ = nullptr;
      close();
    });
    if (target_)
      dial();
    else
      adopt(std::move(socket_));
    return {
      [this](const link_open& msg) { return open(msg.listener); },
      [this](link_bytes& msg) { push(std::move(msg.data)); },
      [this](link_close) { close(); },
    };
  }

private:
  enum class phase : uint8_t {
    dialling,
    open,
    /// Sending what waits, then waiting for the other side's end.
    closing,
    ended,
  };

  // -- dialling ---------------------------------------------------------------

  void dial() {
    dial_timer_ = run_delayed(opts_.dial_timeout, [this] {
      fail(ec::timed_out, "no connection in time");
    });
    const auto& where = target_->where;
    if (auto known = event_loop::numeric_address(where.host, *where.port)) {
      addresses_.push_back(*known);
      try_next_address();
      return;
    }
    auto asked = event_loop::spawn_resolver(system());
    request(asked, caf::infinite, caf::resolve_atom_v, where.host, *where.port)
      .then(
        [this](const caf::byte_buffer& bytes) {
          addresses_ = event_loop::unpack_addresses(bytes);
          try_next_address();
        },
        [this](const caf::error& reason) { finish(reason); });
  }

  /// Tries one address after the other until one can be connected to.
  void try_next_address() {
    if (phase_ != phase::dialling)
      return;
    attempt_timer_.dispose();
    watch_.close();
    while (next_address_ < addresses_.size()) {
      const auto left = addresses_.size() - next_address_;
      auto socket = event_loop::begin_tcp_connect(addresses_[next_address_++]);
      if (!socket) {
        last_failure_ = to_error(socket.error());
        continue;
      }
      watch(std::move(*socket));
      watch_.want_write(true);
      // A dead address must not use up the time of those behind it.
      if (left > 1)
        attempt_timer_
          = run_delayed(opts_.dial_timeout / static_cast<int>(left),
                        [this] { try_next_address(); });
      return;
    }
    finish(last_failure_);
  }

  void connected() {
    const auto& address = addresses_[next_address_ - 1];
    if (auto ok = event_loop::connect_outcome(watch_.fd(), address); !ok) {
      last_failure_ = to_error(ok.error());
      try_next_address();
      return;
    }
    dial_timer_.dispose();
    attempt_timer_.dispose();
    watch_.want_write(false);
    start();
    if (target_->acceptor && phase_ == phase::open)
      request(target_->acceptor, caf::infinite,
              link_opened{caf::actor_cast<link_actor>(this),
                          config::to_string(target_->where), true})
        .then([] {}, [this](const caf::error& reason) { finish(reason); });
  }

  // -- a connected socket -----------------------------------------------------

  void watch(unique_fd socket) {
    auto* loop = event_loop::loop_of(system());
    watch_ = event_loop::fd_watch{*loop, socket.release(), *this, ctrl()};
  }

  void adopt(unique_fd socket) {
    watch(std::move(socket));
    start();
  }

  void start() {
    phase_ = phase::open;
    await_opening();
    if (listener_)
      watch_.want_read(true);
    if (!queue_.empty())
      flush();
  }

  void fd_readable() override {
    read_some();
    settle();
  }

  void fd_writable() override {
    if (phase_ == phase::dialling) {
      connected();
    } else {
      blocked_ = false;
      flush();
    }
    settle();
  }

  void fd_failed() override {
    if (phase_ == phase::dialling)
      connected();
    else
      fail(ec::connection_closed, "the connection broke");
    settle();
  }

  /// Ends the actor if one of the loop's calls led to that: there was no
  /// message after which CAF would do it.
  void settle() {
    if (getf(is_shutting_down_flag))
      finalize();
  }

  void read_some() {
    // What comes while the link ends is thrown away.
    auto leftovers = std::array<std::byte, 4'096>{};
    for (auto round = 0; round < reads_in_a_row && is_connected(); ++round) {
      const auto room
        = phase_ == phase::open ? input() : std::span<std::byte>{leftovers};
      const auto got = event_loop::read_socket(watch_.fd(), room);
      if (got.what == status::moved)
        deliver(got.bytes);
      else if (got.what == status::ended)
        other_side_ended();
      else if (got.what == status::broken)
        fail(ec::connection_closed, event_loop::errno_text(got.error));
      // Less than there is room for: this was all.
      if (got.bytes < room.size())
        return;
    }
  }

  void deliver(size_t size) {
    if (!listener_ || phase_ != phase::open)
      return;
    const auto* first = reinterpret_cast<const caf::byte*>(input_.get());
    send(listener_, link_bytes{caf::byte_buffer(first, first + size)});
  }

  std::span<std::byte> input() {
    if (!input_)
      input_ = std::make_unique_for_overwrite<std::byte[]>(opts_.read_max);
    return {input_.get(), opts_.read_max};
  }

  void flush() {
    while (!queue_.empty() && !blocked_) {
      const auto sent = event_loop::write_socket(watch_.fd(), queue_.front());
      if (sent.what == status::moved) {
        queue_.consume(sent.bytes);
      } else if (sent.what == status::blocked) {
        blocked_ = true;
      } else {
        fail(ec::connection_closed, event_loop::errno_text(sent.error));
        return;
      }
    }
    watch_.want_write(blocked_);
    report_drained();
    if (phase_ == phase::closing && queue_.empty())
      end_output();
  }

  void report_drained() {
    if (handed_over_ < opts_.low_water || queue_.size() >= opts_.low_water)
      return;
    handed_over_ = 0;
    if (listener_ && phase_ == phase::open)
      send(listener_, link_drained{queue_.size()});
  }

  // -- messages ---------------------------------------------------------------

  caf::result<void> open(const link_listener_actor& listener) {
    if (opened_)
      return caf::make_error(ec::wrong_state, "the link to " + peer_text()
                                                + " has been opened already");
    opened_ = true;
    open_timer_.dispose();
    listener_ = listener;
    monitor(listener_);
    if (phase_ == phase::open)
      watch_.want_read(true);
    else if (phase_ == phase::ended)
      report_end();
    return caf::unit;
  }

  void push(caf::byte_buffer bytes) {
    if (phase_ != phase::dialling && phase_ != phase::open)
      return;
    handed_over_ += bytes.size();
    queue_.push(std::move(bytes));
  }

  void close() {
    if (phase_ == phase::open) {
      begin_closing();
      if (phase_ == phase::closing && queue_.empty())
        end_output();
    } else if (phase_ != phase::closing) {
      finish({});
      quit(end_reason_);
    }
  }

  // -- the end ----------------------------------------------------------------

  void begin_closing() {
    phase_ = phase::closing;
    close_timer_ = run_delayed(opts_.close_timeout, [this] {
      if (queue_.empty())
        finish({});
      else
        fail(ec::timed_out, "the rest could not be sent in time");
    });
    input_.reset();
    if (endings_ && *endings_ >= opts_.endings_max) {
      flush();
      finish({});
      return;
    }
    if (endings_) {
      counted_ = endings_;
      ++*counted_;
    }
  }

  /// Says that nothing more comes, and waits for the other side to say so too:
  /// closing while its bytes are under way would reset the connection and
  /// destroy what it has not read yet.
  void end_output() {
    if (other_side_ended_) {
      finish({});
      return;
    }
    event_loop::end_output(watch_.fd());
    watch_.want_read(true);
  }

  void other_side_ended() {
    other_side_ended_ = true;
    watch_.want_read(false);
    if (phase_ == phase::open)
      begin_closing();
    if (queue_.empty())
      finish({});
  }

  /// A link that nobody opens ends by itself.
  void await_opening() {
    if (!opened_)
      open_timer_ = run_delayed(opts_.open_timeout, [this] {
        if (phase_ == phase::ended)
          quit(end_reason_);
        else
          fail(ec::timed_out, "nobody opened it");
      });
  }

  void fail(ec code, const std::string& text) {
    finish(caf::make_error(code, "link to " + peer_text() + ": " + text));
  }

  void finish(caf::error reason) {
    if (phase_ == phase::ended)
      return;
    const auto was_dialling = phase_ == phase::dialling;
    set_ended();
    end_reason_ = std::move(reason);
    queue_.clear();
    watch_.close();
    dial_timer_.dispose();
    attempt_timer_.dispose();
    close_timer_.dispose();
    // Who dialled is still to learn how it went.
    if (!opened_ && was_dialling)
      await_opening();
    else
      report_end();
  }

  void report_end() {
    if (listener_)
      send(listener_, link_closed{end_reason_});
    quit(end_reason_);
  }

  void set_ended() {
    phase_ = phase::ended;
    if (counted_)
      --*std::exchange(counted_, nullptr);
  }

  [[nodiscard]] bool is_connected() const {
    return phase_ == phase::open || phase_ == phase::closing;
  }

  [[nodiscard]] std::string peer_text() const {
    if (target_)
      return config::to_string(target_->where);
    if (watch_.open())
      if (auto address = event_loop::remote_address(watch_.fd()))
        return "tcp://" + event_loop::to_string(*address);
    return "a closed connection";
  }

  tcp_options opts_;
  unique_fd socket_;
  std::optional<dial_target> target_;
  std::vector<socket_address> addresses_;
  size_t next_address_ = 0;
  caf::error last_failure_;

  phase phase_ = phase::dialling;
  event_loop::fd_watch watch_;
  std::unique_ptr<std::byte[]> input_;
  send_queue<caf::byte> queue_;
  /// The socket took less than there was.
  bool blocked_ = false;
  bool opened_ = false;
  bool other_side_ended_ = false;
  link_listener_actor listener_;
  /// How many links of the same listener are ending, if that is limited; and
  /// the same while this one is counted.
  std::shared_ptr<size_t> endings_;
  std::shared_ptr<size_t> counted_;
  /// Bytes since the last `link_drained`.
  size_t handed_over_ = 0;
  caf::error end_reason_;

  caf::disposable dial_timer_;
  caf::disposable attempt_timer_;
  caf::disposable open_timer_;
  caf::disposable close_timer_;
};

caf::expected<link_actor> spawn_link(caf::actor_system& system,
                                     const tcp_options& opts, unique_fd socket,
                                     std::optional<dial_target> target,
                                     std::shared_ptr<size_t> endings = {}) {
  auto* loop = event_loop::loop_of(system);
  if (!loop)
    return caf::make_error(ec::wrong_state,
                           "TCP links need an actor system with sockets; load "
                           "caf::io::middleman with its default backend");
  auto cfg = caf::actor_config{loop};
  return caf::actor_cast<link_actor>(
    system.spawn_impl<tcp_link, caf::no_spawn_options>(
      cfg, opts, std::move(socket), std::move(target), std::move(endings)));
}

} // namespace

caf::expected<link_actor>
dial_tcp(caf::actor_system& system, const std::string& address,
         link_acceptor_actor acceptor, const tcp_options& opts) {
  auto where = config::parse_endpoint(address);
  if (!where)
    return to_error(where.error());
  if (where->scheme != "tcp" || *where->port == 0)
    return caf::make_error(ec::invalid_option,
                           "'" + address
                             + "' is no TCP address to dial; write "
                               "tcp://HOST:PORT");
  return spawn_link(system, opts, unique_fd{},
                    dial_target{std::move(*where), std::move(acceptor)});
}

caf::expected<link_actor>
adopt_socket(caf::actor_system& system, unique_fd socket,
             const tcp_options& opts, std::shared_ptr<size_t> endings) {
  return spawn_link(system, opts, std::move(socket), std::nullopt,
                    std::move(endings));
}

} // namespace starling::link
