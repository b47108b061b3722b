#include "actors/link/tcp_link.hpp"
#include "runtime/config/endpoint.hpp"
#include "runtime/event_loop/bare_broker.hpp"
#include "runtime/event_loop/fd_watch.hpp"

#include <caf/actor_cast.hpp>
#include <caf/io/middleman.hpp>

#include <cerrno>
#include <memory>
#include <utility>

namespace starling::link {

namespace {

using event_loop::socket_address;
using event_loop::unique_fd;

/// Connections that the system keeps for us until we take them.
constexpr auto backlog = 128;

/// Connections taken in a row before others get their turn.
constexpr auto accepts_in_a_row = 16;

/// How long to wait for others to give back file descriptors or memory.
constexpr auto shortage_pause = std::chrono::milliseconds{100};

class tcp_listener : public event_loop::bare_broker,
                     private event_loop::fd_owner {
public:
  tcp_listener(caf::actor_config& cfg, const tcp_options& opts,
               unique_fd socket, link_acceptor_actor acceptor)
    : bare_broker(cfg),
      opts_{opts},
      socket_{std::move(socket)},
      acceptor_{std::move(acceptor)} {
    // nop
  }

  const char* name() const override {
    return "starling.link.tcp-listener";
  }

  void on_exit() override {
    watch_.close();
    acceptor_ = nullptr;
    broker::on_exit();
  }

  caf::behavior make_behavior() override {
    monitor(acceptor_);
    set_down_handler([this](const caf::down_msg& down) { quit(down.reason); });
    auto* loop = event_loop::loop_of(system());
    watch_ = event_loop::fd_watch{*loop, socket_.release(), *this, ctrl()};
    watch_.want_read(true);
    // It takes no message; without a behavior it would end.
    return {
      [](caf::unit_t) {},
    };
  }

private:
  void fd_readable() override {
    for (auto taken = 0; taken < accepts_in_a_row; ++taken) {
      auto from = socket_address{};
      from.size = sizeof(from.storage);
      auto socket = unique_fd{
        ::accept4(watch_.fd(), reinterpret_cast<sockaddr*>(&from.storage),
                  &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (socket) {
        take(std::move(socket), from);
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
                 || errno == ENOMEM) {
        pause();
        return;
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return;
      }
      // All else is the trouble of a connection that is gone already.
    }
  }

  void fd_writable() override {
    // nop
  }

  void fd_failed() override {
    quit(caf::make_error(ec::connection_closed, "the listening socket broke"));
    finalize();
  }

  void take(unique_fd socket, const socket_address& from) {
    // Refused at once rather than left to wait: the other side can go on, and
    // a flood does not fill the system's queue.
    if (waiting_ >= opts_.accepts_max)
      return;
    auto link = adopt_socket(system(), std::move(socket), opts_, endings_);
    if (!link)
      return;
    ++waiting_;
    const auto address = "tcp://" + event_loop::to_string(from);
    request(acceptor_, caf::infinite, link_opened{*link, address, false})
      .then([this] { --waiting_; },
            [this, refused = *link](const caf::error&) {
              --waiting_;
              send(refused, link_close{});
            });
  }

  /// Trying again at once would take all of the processor.
  void pause() {
    watch_.want_read(false);
    run_delayed(shortage_pause, [this] { watch_.want_read(true); });
  }

  tcp_options opts_;
  unique_fd socket_;
  link_acceptor_actor acceptor_;
  event_loop::fd_watch watch_;
  /// Links that the acceptor has not answered.
  size_t waiting_ = 0;
  std::shared_ptr<size_t> endings_ = std::make_shared<size_t>(0);
};

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

} // namespace

caf::expected<tcp_listening>
listen_tcp(caf::actor_system& system, const std::string& address,
           link_acceptor_actor acceptor, const tcp_options& opts) {
  auto* loop = event_loop::loop_of(system);
  if (!loop)
    return caf::make_error(ec::wrong_state,
                           "TCP links need an actor system with sockets; load "
                           "caf::io::middleman with its default backend");
  const auto where = config::parse_endpoint(address);
  if (!where)
    return to_error(where.error());
  if (where->scheme != "tcp")
    return caf::make_error(ec::invalid_option,
                           "'" + address
                             + "' is no TCP address; write tcp://HOST:PORT");
  const auto found = event_loop::look_up(where->host, *where->port, 1);
  if (!found)
    return to_error(found.error());
  auto socket = event_loop::listen_tcp_socket(found->front(), backlog);
  if (!socket)
    return to_error(socket.error());
  const auto bound = event_loop::local_address(socket->get());
  if (!bound)
    return to_error(bound.error());
  auto cfg = caf::actor_config{loop};
  auto listener = system.spawn_impl<tcp_listener, caf::no_spawn_options>(
    cfg, opts, std::move(*socket), std::move(acceptor));
  return tcp_listening{caf::actor_cast<caf::actor>(listener),
                       "tcp://" + event_loop::to_string(*bound)};
}

} // namespace starling::link
