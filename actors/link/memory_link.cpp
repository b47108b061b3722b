#include "actors/link/memory_link.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/disposable.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace starling::link {

namespace {

constexpr std::string_view scheme = "memory://";

/// Bytes that wait for `link_open`; TCP would make the sender wait.
constexpr auto early_max = size_t{16} << 20;

/// A link, and what the network tells it.
using memory_link_actor = link_actor::extend<
  // The connection that was dialled stands.
  caf::result<void>(caf::connect_atom),
  // Bytes from the other side.
  caf::result<void>(caf::put_atom, caf::byte_buffer),
  // Enough has arrived to report it: bytes that are still under way.
  caf::result<void>(caf::flush_atom, uint64_t),
  // The other side has ended, or there is none.
  caf::result<void>(caf::close_atom, caf::error)>;

/// What both ends of a link share. The network may hold it longer than the
/// actor systems exist, so it has weak references to the actors only.
struct connection {
  struct end {
    std::string host;
    caf::weak_actor_ptr actor;
    /// Bytes under way from here.
    uint64_t waiting = 0;
    /// Bytes handed over here since the last report.
    uint64_t handed_over = 0;
  };

  memory_network* network = nullptr;
  memory_link_options opts;
  std::array<end, 2> ends;
};

using connection_ptr = std::shared_ptr<connection>;

/// The two ends, by who began.
enum class side : uint8_t { dialled = 0, accepted = 1 };

constexpr side other(side x) {
  return x == side::dialled ? side::accepted : side::dialled;
}

connection::end& end_at(const connection_ptr& shared, side where) {
  return shared->ends[static_cast<size_t>(where)];
}

template <class... Ts>
void tell(const connection_ptr& shared, side where, Ts&&... content) {
  const auto& weak = end_at(shared, where).actor;
  if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(weak))
    caf::anon_send(caf::actor_cast<memory_link_actor>(strong),
                   std::forward<Ts>(content)...);
}

/// Sends something without a size from one end to the other.
template <class Function>
bool signal(const connection_ptr& shared, side from, Function arrive,
            memory_network::time_point now) {
  return shared->network->send(end_at(shared, from).host,
                               end_at(shared, other(from)).host, 0,
                               std::move(arrive), now);
}

bool send_end(const connection_ptr& shared, side from, caf::error reason,
              memory_network::time_point now) {
  auto arrive = [shared, from, reason = std::move(reason)](auto) {
    tell(shared, other(from), caf::close_atom_v, reason);
  };
  return signal(shared, from, std::move(arrive), now);
}

bool send_piece(const connection_ptr& shared, side from, caf::byte_buffer piece,
                memory_network::time_point now) {
  const auto size = piece.size();
  auto& here = end_at(shared, from);
  here.waiting += size;
  here.handed_over += size;
  auto arrive = [shared, from, size, piece = std::move(piece)](auto) mutable {
    tell(shared, other(from), caf::put_atom_v, std::move(piece));
    auto& sender = end_at(shared, from);
    sender.waiting -= size;
    const auto low_water = shared->opts.low_water;
    if (sender.handed_over < low_water || sender.waiting >= low_water)
      return;
    sender.handed_over = 0;
    tell(shared, from, caf::flush_atom_v, sender.waiting);
  };
  return shared->network->send(here.host, end_at(shared, other(from)).host,
                               size, std::move(arrive), now);
}

class memory_link_state {
public:
  static constexpr const char* name = "starling.link.memory";

  memory_link_state(memory_link_actor::pointer self, connection_ptr shared,
                    side where, link_acceptor_actor acceptor)
    : self_{self},
      shared_{std::move(shared)},
      where_{where},
      acceptor_{std::move(acceptor)} {
    // nop
  }

  /// Ended by an exit message, or nobody holds it any more.
  ~memory_link_state() {
    if (phase_ == phase::ended)
      return;
    const auto reason = caf::make_error(ec::connection_closed,
                                        "link to " + to() + " was stopped");
    if (listener_)
      caf::anon_send(listener_, link_closed{reason});
    reset();
  }

  memory_link_actor::behavior_type make_behavior() {
    end_at(shared_, where_).actor = caf::weak_actor_ptr{self_->ctrl()};
    self_->set_down_handler([this](const caf::down_msg&) {
      listener_ = nullptr;
      close();
    });
    if (where_ == side::accepted)
      connected();
    else
      dial_timer_ = self_->run_delayed(shared_->opts.dial_timeout, [this] {
        other_side_ended(
          caf::make_error(ec::timed_out, "no connection to " + to()));
      });
    return {
      [this](const link_open& msg) { return open(msg.listener); },
      [this](link_bytes& msg) { push(std::move(msg.data)); },
      [this](link_close) { close(); },
      [this](caf::connect_atom) { connected(); },
      [this](caf::put_atom, caf::byte_buffer& bytes) {
        receive(std::move(bytes));
      },
      [this](caf::flush_atom, uint64_t waiting) { report_drained(waiting); },
      [this](caf::close_atom, caf::error& reason) {
        other_side_ended(std::move(reason));
      },
    };
  }

private:
  enum class phase : uint8_t { dialling, open, closing, ended };

  [[nodiscard]] std::string to() const {
    return std::string{scheme} + end_at(shared_, other(where_)).host;
  }

  [[nodiscard]] memory_network::time_point now() const {
    return self_->clock().now();
  }

  void connected() {
    if (phase_ != phase::dialling)
      return;
    phase_ = phase::open;
    dial_timer_.dispose();
    await_opening();
    auto early = std::exchange(unsent_, {});
    for (auto& bytes : early)
      push(std::move(bytes));
    if (acceptor_)
      self_
        ->request(acceptor_, caf::infinite,
                  link_opened{caf::actor_cast<link_actor>(self_), to(),
                              where_ == side::dialled})
        .then([] {}, [this](const caf::error& reason) { refused(reason); });
    acceptor_ = nullptr;
  }

  void refused(const caf::error& reason) {
    if (where_ == side::accepted) {
      close();
      return;
    }
    reset();
    finish(reason);
  }

  caf::result<void> open(const link_listener_actor& listener) {
    if (opened_)
      return caf::make_error(ec::wrong_state, "the link to " + to()
                                                + " has been opened already");
    opened_ = true;
    open_timer_.dispose();
    listener_ = listener;
    self_->monitor(listener_);
    auto early = std::exchange(early_, {});
    for (auto& bytes : early)
      self_->send(listener_, link_bytes{std::move(bytes)});
    if (early_end_)
      other_side_ended(std::move(*early_end_));
    return caf::unit;
  }

  void push(caf::byte_buffer bytes) {
    if (phase_ == phase::dialling)
      unsent_.push_back(std::move(bytes));
    if (phase_ != phase::open || bytes.empty())
      return;
    const auto piece_max = static_cast<ptrdiff_t>(shared_->opts.piece_max);
    auto sent = true;
    if (std::ssize(bytes) <= piece_max) {
      sent = send_piece(shared_, where_, std::move(bytes), now());
    } else {
      for (auto from = bytes.begin(); sent && from != bytes.end();) {
        const auto to = from + std::min(piece_max, bytes.end() - from);
        sent = send_piece(shared_, where_, {from, to}, now());
        from = to;
      }
    }
    if (!sent)
      fail(ec::limit_reached, "too many bytes under way to " + to());
  }

  void receive(caf::byte_buffer bytes) {
    if (phase_ != phase::open)
      return;
    if (listener_) {
      self_->send(listener_, link_bytes{std::move(bytes)});
    } else if (!opened_) {
      early_bytes_ += bytes.size();
      early_.push_back(std::move(bytes));
      if (early_bytes_ > early_max)
        fail(ec::limit_reached, "too many bytes before the link was opened");
    }
  }

  void report_drained(uint64_t waiting) {
    if (listener_ && phase_ == phase::open)
      self_->send(listener_, link_drained{waiting});
  }

  void close() {
    if (phase_ == phase::open) {
      phase_ = phase::closing;
      send_end(shared_, where_, {}, now());
      close_timer_ = self_->run_delayed(shared_->opts.close_timeout,
                                        [this] { finish({}); });
    } else if (phase_ == phase::dialling) {
      reset();
      finish({});
    }
  }

  void other_side_ended(caf::error reason) {
    if (phase_ == phase::ended)
      return;
    // As with TCP, who opens the link late still gets all that came.
    if (!opened_ && phase_ != phase::closing) {
      dial_timer_.dispose();
      if (phase_ == phase::dialling && !early_end_)
        await_opening();
      early_end_ = std::move(reason);
      return;
    }
    if (phase_ == phase::open && !reason)
      send_end(shared_, where_, {}, now());
    finish(std::move(reason));
  }

  void await_opening() {
    if (!opened_)
      open_timer_ = self_->run_delayed(shared_->opts.open_timeout, [this] {
        if (early_end_)
          finish(*early_end_);
        else
          fail(ec::timed_out, "nobody opened the link to " + to());
      });
  }

  /// Ends the other side without waiting for anything.
  void reset() {
    send_end(
      shared_, where_,
      caf::make_error(ec::connection_closed, "connection reset by memory://"
                                               + end_at(shared_, where_).host),
      now());
  }

  void fail(ec code, std::string text) {
    reset();
    finish(caf::make_error(code, std::move(text)));
  }

  void finish(caf::error reason) {
    if (phase_ == phase::ended)
      return;
    phase_ = phase::ended;
    for (auto* timer : {&dial_timer_, &open_timer_, &close_timer_})
      timer->dispose();
    if (listener_)
      self_->send(listener_, link_closed{reason});
    self_->quit(std::move(reason));
  }

  memory_link_actor::pointer self_;
  connection_ptr shared_;
  side where_;
  link_acceptor_actor acceptor_;
  phase phase_ = phase::dialling;
  bool opened_ = false;
  link_listener_actor listener_;
  std::vector<caf::byte_buffer> unsent_;
  std::vector<caf::byte_buffer> early_;
  size_t early_bytes_ = 0;
  std::optional<caf::error> early_end_;
  caf::disposable dial_timer_;
  caf::disposable open_timer_;
  caf::disposable close_timer_;
};

using memory_link = memory_link_actor::stateful_impl<memory_link_state>;

} // namespace

memory_exchange::memory_exchange(memory_network& network,
                                 const memory_link_options& opts)
  : network_{network},
    opts_{opts} {
  // nop
}

caf::expected<std::string>
memory_exchange::listen(caf::actor_system& system, const std::string& name,
                        link_acceptor_actor acceptor) {
  const auto added
    = listening_.try_emplace(name, listening{&system, std::move(acceptor)});
  if (!added.second)
    return caf::make_error(ec::duplicate_name,
                           "'" + name + "' is listened at already");
  return std::string{scheme} + name;
}

void memory_exchange::unlisten(std::string_view name) {
  if (auto known = listening_.find(name); known != listening_.end())
    listening_.erase(known);
}

caf::expected<link_actor> memory_exchange::dial(caf::actor_system& system,
                                                const std::string& from,
                                                const std::string& address,
                                                link_acceptor_actor acceptor) {
  if (!address.starts_with(scheme) || address.size() == scheme.size())
    return caf::make_error(ec::invalid_option,
                           "'" + address
                             + "' is no memory address; write memory://NAME");
  const auto to = address.substr(scheme.size());
  auto shared = std::make_shared<connection>();
  shared->network = &network_;
  shared->opts = opts_;
  shared->ends = {connection::end{from, {}, 0, 0}, {to, {}, 0, 0}};
  auto link
    = system.spawn<memory_link>(shared, side::dialled, std::move(acceptor));
  end_at(shared, side::dialled).actor
    = caf::actor_cast<caf::weak_actor_ptr>(link);
  const auto knock = [this, shared, to](memory_network::time_point now) {
    const auto known = listening_.find(to);
    if (known == listening_.end()) {
      send_end(
        shared, side::accepted,
        caf::make_error(ec::unreachable, "nobody listens at memory://" + to),
        now);
      return;
    }
    auto accepted = known->second.system->spawn<memory_link>(
      shared, side::accepted, known->second.acceptor);
    end_at(shared, side::accepted).actor
      = caf::actor_cast<caf::weak_actor_ptr>(accepted);
    signal(
      shared, side::accepted,
      [shared](auto) { tell(shared, side::dialled, caf::connect_atom_v); },
      now);
  };
  if (!signal(shared, side::dialled, knock, system.clock().now()))
    return caf::make_error(ec::limit_reached,
                           "the network takes no more to " + address);
  return caf::actor_cast<link_actor>(link);
}

} // namespace starling::link
