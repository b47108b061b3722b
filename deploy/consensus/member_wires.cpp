#include "deploy/consensus/member_wires.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <utility>

namespace starling::deploy {

namespace {

constexpr size_t head_max = 16 * 1024;
/// Bytes that wait for one side, after which the other one is not read.
constexpr size_t waiting_max = 1u << 20;
constexpr int backlog = 64;

/// Numbers need no name server, so nothing can go wrong.
event_loop::socket_address loopback(uint16_t port) {
  return *event_loop::numeric_address("127.0.0.1", port);
}

/// Appends what can be read now. Returns false at the end of the stream.
bool read_some(int fd, std::string& target) {
  using status = event_loop::io_outcome::status;
  auto part = std::array<char, 64 * 1024>{};
  const auto found
    = event_loop::read_socket(fd, std::as_writable_bytes(std::span{part}));
  target.append(part.data(), found.bytes);
  return found.what == status::moved || found.what == status::blocked;
}

/// Returns false when the stream is broken.
bool write_some(int fd, std::string& source) {
  using status = event_loop::io_outcome::status;
  if (source.empty())
    return true;
  auto piece = iovec{source.data(), source.size()};
  const auto done = event_loop::write_socket(fd, std::span{&piece, 1});
  source.erase(0, done.bytes);
  return done.what == status::moved || done.what == status::blocked;
}

short wanted_events(const std::string& incoming, const std::string& outgoing) {
  auto events = 0;
  if (incoming.size() < waiting_max)
    events |= POLLIN;
  if (!outgoing.empty())
    events |= POLLOUT;
  return static_cast<short>(events);
}

} // namespace

std::optional<uint16_t> peer_port_in(std::string_view head) {
  constexpr auto key = std::string_view{"\r\nx-peerurls:"};
  auto found = std::ranges::search(head, key, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
  if (found.empty())
    return std::nullopt;
  auto value = std::string_view{found.end(), head.end()};
  value = value.substr(0, value.find('\r'));
  const auto colon = value.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto digits = value.substr(colon + 1);
  auto port = uint16_t{0};
  const auto [end, failed]
    = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc{} || port == 0)
    return std::nullopt;
  return port;
}

result<std::unique_ptr<member_wires>>
member_wires::open(std::vector<member_wire> wires) {
  auto made = std::unique_ptr<member_wires>{new member_wires{std::move(wires)}};
  for (const auto& wire : made->wires_) {
    auto listener
      = event_loop::listen_tcp_socket(loopback(wire.outer), backlog);
    if (!listener)
      return listener.error();
    made->listeners_.push_back(std::move(*listener));
  }
  auto ends = std::array{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    return failure{ec::limit_reached,
                   "wire: no pipe: " + event_loop::errno_text(errno)};
  made->wake_read_ = event_loop::unique_fd{ends[0]};
  made->wake_write_ = event_loop::unique_fd{ends[1]};
  made->thread_ = std::thread{[wires = made.get()] { wires->run(); }};
  return made;
}

member_wires::~member_wires() {
  stopped_ = true;
  wake();
  if (thread_.joinable())
    thread_.join();
}

void member_wires::isolate(size_t member) {
  isolated_ = static_cast<int>(member);
  wake();
}

void member_wires::join() {
  isolated_ = nobody;
  wake();
}

void member_wires::wake() {
  const auto byte = 'x';
  // A full pipe wakes as well.
  [[maybe_unused]] const auto count = ::write(wake_write_.get(), &byte, 1);
}

void member_wires::run() {
  auto events = std::vector<pollfd>{};
  while (!stopped_) {
    events.assign(1, {wake_read_.get(), POLLIN, 0});
    for (const auto& listener : listeners_)
      events.push_back({listener.get(), POLLIN, 0});
    for (const auto& x : connections_) {
      const auto& to_member = x.member ? x.to_member : x.head;
      events.push_back(
        {x.client.get(), wanted_events(to_member, x.to_client), 0});
      // Without a member, which is no descriptor, it is left out.
      events.push_back(
        {x.member.get(), wanted_events(x.to_client, x.to_member), 0});
    }
    if (::poll(events.data(), events.size(), -1) < 0 && errno != EINTR)
      return;
    auto drained = std::string{};
    while (events[0].revents != 0 && read_some(wake_read_.get(), drained)
           && !drained.empty())
      drained.clear();
    auto at = events.begin() + 1 + static_cast<ptrdiff_t>(listeners_.size());
    for (auto x = connections_.begin(); x != connections_.end(); at += 2) {
      const auto stays
        = may_pass(*x) && serve(*x, at[0].revents, at[1].revents);
      x = stays ? std::next(x) : connections_.erase(x);
    }
    for (size_t i = 0; i < listeners_.size(); ++i)
      if (events[1 + i].revents != 0)
        accept(i);
  }
}

void member_wires::accept(size_t target) {
  auto client = event_loop::unique_fd{::accept4(
    listeners_[target].get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (!client)
    return;
  auto& made = connections_.emplace_back();
  made.target = target;
  made.client = std::move(client);
}

bool member_wires::may_pass(const connection& x) const {
  const auto away = isolated_.load();
  if (away == nobody || (!x.member && x.head.empty()))
    return true;
  return static_cast<int>(x.target) != away && x.source
         && static_cast<int>(*x.source) != away;
}

bool member_wires::begin(connection& x) {
  if (x.head.find("\r\n\r\n") == std::string::npos)
    return x.head.size() < head_max;
  if (const auto port = peer_port_in(x.head)) {
    const auto found = std::ranges::find(wires_, *port, &member_wire::outer);
    if (found != wires_.end())
      x.source = static_cast<size_t>(found - wires_.begin());
  }
  if (!may_pass(x))
    return false;
  auto member = event_loop::begin_tcp_connect(loopback(wires_[x.target].inner));
  if (!member)
    return false;
  x.member = std::move(*member);
  x.to_member = std::exchange(x.head, {});
  return true;
}

bool member_wires::serve(connection& x, short client_events,
                         short member_events) {
  if ((client_events & (POLLIN | POLLHUP | POLLERR)) != 0
      && !read_some(x.client.get(), x.member ? x.to_member : x.head))
    x.ended = true;
  if (!x.member && !x.ended && !begin(x))
    return false;
  if (x.member && (member_events & (POLLIN | POLLHUP | POLLERR)) != 0
      && !read_some(x.member.get(), x.to_client))
    x.ended = true;
  if (!write_some(x.client.get(), x.to_client)
      || (x.member && !write_some(x.member.get(), x.to_member)))
    return false;
  // The last words of either side are for the other.
  return !x.ended
         || (x.member && !(x.to_client.empty() && x.to_member.empty()));
}

void serve_wires(const std::vector<member_wire>& wires,
                 const child_process::say_fun& say,
                 const commanded_child::listen_fun& listen) {
  auto opened = member_wires::open(wires);
  if (!opened)
    return say("failed " + opened.error().text + "\n");
  say("ready\n");
  while (const auto command = listen()) {
    if (command->starts_with("isolate "))
      (*opened)->isolate(std::strtoul(command->c_str() + 8, nullptr, 10));
    else
      (*opened)->join();
    say("done\n");
  }
}

} // namespace starling::deploy
