// Our sessions against another TLS implementation: OpenSSL's s_client and
// s_server, on loopback, with raw public keys and each hybrid group.
//
// OpenSSL knows nothing of the identity step, so each run ends in a refusal.
// That refusal is the proof: only who has come through the TLS handshake can be
// told that what it says is no session message.

#include "runtime/session/hybrid_group.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto openssl = "/usr/bin/openssl";
constexpr auto time_max = 10s;

/// The suite in OpenSSL's report on a complete handshake.
constexpr auto cipher = std::string_view{"TLS_AES_256_GCM_SHA384"};

/// A program with a pipe to its standard input and one from its output and
/// errors. It doesn't outlive this.
class child_process {
public:
  explicit child_process(std::vector<std::string> args) {
    auto in = std::array<int, 2>{};
    auto out = std::array<int, 2>{};
    // A socket, unlike a pipe, can be written to without a signal when the
    // program has gone.
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) == 0);
    REQUIRE(pipe2(out.data(), O_CLOEXEC) == 0);
    auto argv = std::vector<char*>{};
    for (auto& arg : args)
      argv.push_back(arg.data());
    argv.push_back(nullptr);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      execv(argv[0], argv.data());
      _exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    in_ = in[1];
    out_ = out[0];
  }

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  ~child_process() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    ::close(in_);
    ::close(out_);
  }

  void say(std::string_view line) {
    CHECK(send(in_, line.data(), line.size(), MSG_NOSIGNAL)
          == static_cast<ssize_t>(line.size()));
  }

  int output() const {
    return out_;
  }

  /// Reads what is there. Returns whether more may come.
  bool read_some() {
    auto buffer = std::array<char, 4096>{};
    const auto size = read(out_, buffer.data(), buffer.size());
    if (size > 0)
      text.append(buffer.data(), static_cast<size_t>(size));
    return size > 0;
  }

  bool said(std::string_view part) const {
    return text.find(part) != std::string::npos;
  }

  std::string text;

private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
};

/// Waits until one of the descriptors can be read, but not beyond the deadline.
bool wait_for(std::vector<int> fds, std::chrono::steady_clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
    end - std::chrono::steady_clock::now());
  if (left <= 0ms)
    return false;
  auto polled = std::vector<pollfd>{};
  for (auto fd : fds)
    polled.push_back({fd, POLLIN, 0});
  return poll(polled.data(), polled.size(), static_cast<int>(left.count())) > 0;
}

bool readable(int fd) {
  auto polled = pollfd{fd, POLLIN, 0};
  return poll(&polled, 1, 0) > 0;
}

/// Runs a command to its end and returns what it printed.
std::string run(std::vector<std::string> args) {
  auto process = child_process{std::move(args)};
  const auto end = std::chrono::steady_clock::now() + time_max;
  while (wait_for({process.output()}, end) && process.read_some())
    ;
  return process.text;
}

/// Whether OpenSSL is there and knows ML-KEM, which came with 3.5.
bool has_openssl() {
  if (!std::filesystem::exists(openssl))
    return false;
  auto major = 0;
  auto minor = 0;
  const auto version = run({openssl, "version"});
  return std::sscanf(version.c_str(), "OpenSSL %d.%d", &major, &minor) == 2
         && (major > 3 || (major == 3 && minor >= 5));
}

/// Without it nothing would be shown, so that is a failure.
void require_openssl() {
  REQUIRE_MESSAGE(has_openssl(), openssl,
                  " 3.5 or later is missing: run deploy/setup");
}

/// A folder with a P-384 key, and a certificate that OpenSSL wants beside it.
struct key_folder {
  key_folder() {
    auto name = (std::filesystem::temp_directory_path() / "starling-").string()
                + std::string(6, 'X');
    REQUIRE(mkdtemp(name.data()));
    path = name;
    run({openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-384", "-nodes", "-subj", "/CN=interop", "-days",
         "1", "-keyout", key(), "-out", certificate()});
    REQUIRE(std::filesystem::exists(certificate()));
  }

  ~key_folder() {
    std::filesystem::remove_all(path);
  }

  std::string key() const {
    return path / "key.pem";
  }

  std::string certificate() const {
    return path / "certificate.pem";
  }

  std::filesystem::path path;
};

/// A session on a connected socket, served until it fails or time is up.
class socket_session {
public:
  socket_session(role side, const test_node& node, int fd)
    : end_{side, node},
      fd_{fd} {
    CHECK(end_.session.start());
    flush();
  }

  ~socket_session() {
    ::close(fd_);
  }

  /// Also reads what the other program prints, and has it send a line when it
  /// says that its handshake is complete. Returns the failure.
  failure serve(child_process& other) {
    const auto deadline = std::chrono::steady_clock::now() + time_max;
    auto spoken = false;
    while (!end_.session.error() && wait_for({fd_, other.output()}, deadline)) {
      if (readable(other.output()) && !other.read_some())
        break;
      if (!spoken && other.said(cipher)) {
        spoken = true;
        other.say("this is no session message\n");
      }
      if (readable(fd_))
        take();
    }
    // The other program still prints what it makes of the end.
    shutdown(fd_, SHUT_RDWR);
    while (wait_for({other.output()}, std::chrono::steady_clock::now() + 300ms)
           && other.read_some())
      ;
    REQUIRE_MESSAGE(end_.session.error(), other.text);
    CHECK(end_.events.established == 0);
    CHECK(end_.events.payload.empty());
    return *end_.session.error();
  }

private:
  void take() {
    auto buffer = bytes(4096);
    const auto size = recv(fd_, buffer.data(), buffer.size(), 0);
    if (size > 0)
      static_cast<void>(end_.receive(
        std::span{buffer}.first(static_cast<size_t>(size)), test_start));
    else
      static_cast<void>(end_.session.end_of_stream());
    flush();
  }

  void flush() {
    const auto data = end_.take();
    CHECK(::send(fd_, data.data(), data.size(), MSG_NOSIGNAL)
          == static_cast<ssize_t>(data.size()));
  }

  test_end end_;
  int fd_;
};

sockaddr_in loopback(uint16_t port) {
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// A listening socket on a free port.
struct listener {
  listener() {
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    auto size = socklen_t{sizeof(address)};
    REQUIRE(bind(fd, as_sockaddr(address), size) == 0);
    REQUIRE(listen(fd, 1) == 0);
    REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }

  ~listener() {
    ::close(fd);
  }

  int accept_one() const {
    REQUIRE(wait_for({fd}, std::chrono::steady_clock::now() + time_max));
    const auto accepted = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
    REQUIRE(accepted >= 0);
    return accepted;
  }

  int fd = -1;
  uint16_t port = 0;
};

/// Reads "ACCEPT 127.0.0.1:port" from s_server and connects there.
int connect_to(child_process& server) {
  const auto end = std::chrono::steady_clock::now() + time_max;
  const auto mark = std::string_view{"ACCEPT 127.0.0.1:"};
  while (!server.said(mark) && wait_for({server.output()}, end)
         && server.read_some())
    ;
  REQUIRE_MESSAGE(server.said(mark), server.text);
  const auto digits = server.text.substr(server.text.find(mark) + mark.size());
  const auto address = loopback(static_cast<uint16_t>(std::stoi(digits)));
  const auto fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(connect(fd, as_sockaddr(address), sizeof(address)) == 0);
  return fd;
}

} // namespace

TEST_SUITE_BEGIN("interop/openssl_session");

TEST_CASE("s_client comes through our handshake and no further") {
  require_openssl();
  const auto keys = key_folder{};
  for (auto group : {secp384r1_ml_kem_1024, x25519_ml_kem_768}) {
    CAPTURE(group_name(group));
    auto node = test_node{1};
    const auto door = listener{};
    auto client = child_process{
      {openssl, "s_client", "-connect",
       "127.0.0.1:" + std::to_string(door.port), "-groups", group_name(group),
       "-tls1_3", "-enable_server_rpk", "-enable_client_rpk", "-key",
       keys.key(), "-cert", keys.certificate()}};
    auto session = socket_session{role::responder, node, door.accept_one()};
    const auto refused = session.serve(client);
    CHECK(refused.code == ec::malformed_input);
    CHECK(refused.text.find("session message") != std::string::npos);
    CHECK_MESSAGE(client.said("Negotiated TLS1.3 group: " + group_name(group)),
                  client.text);
    CHECK(client.said(cipher));
  }
}

TEST_CASE("s_server takes our handshake and gets no further") {
  require_openssl();
  const auto keys = key_folder{};
  for (auto group : {secp384r1_ml_kem_1024, x25519_ml_kem_768}) {
    CAPTURE(group_name(group));
    auto node = test_node{0};
    auto server
      = child_process{{openssl, "s_server", "-accept", "127.0.0.1:0",
                       "-naccept", "1", "-groups", group_name(group), "-tls1_3",
                       "-enable_server_rpk", "-enable_client_rpk", "-Verify",
                       "1", "-key", keys.key(), "-cert", keys.certificate()}};
    auto session = socket_session{role::initiator, node, connect_to(server)};
    const auto refused = session.serve(server);
    CHECK(refused.code == ec::malformed_input);
    CHECK(refused.text.find("session message") != std::string::npos);
    CHECK_MESSAGE(server.said(cipher), server.text);
  }
}

TEST_CASE("s_client with classical groups only is refused with the reason") {
  require_openssl();
  const auto keys = key_folder{};
  auto node = test_node{1};
  const auto door = listener{};
  auto client = child_process{
    {openssl, "s_client", "-connect", "127.0.0.1:" + std::to_string(door.port),
     "-groups", "X25519:P-384", "-tls1_3", "-enable_server_rpk",
     "-enable_client_rpk", "-key", keys.key(), "-cert", keys.certificate()}};
  auto session = socket_session{role::responder, node, door.accept_one()};
  const auto refused = session.serve(client);
  CHECK(refused.code == ec::negotiation_failed);
  CHECK(refused.text.find("no hybrid") != std::string::npos);
  CHECK_MESSAGE(client.said("handshake failure"), client.text);
}

TEST_CASE("s_client without a key is refused") {
  require_openssl();
  auto node = test_node{1};
  const auto door = listener{};
  auto client = child_process{
    {openssl, "s_client", "-connect", "127.0.0.1:" + std::to_string(door.port),
     "-groups", "X25519MLKEM768", "-tls1_3", "-enable_server_rpk"}};
  auto session = socket_session{role::responder, node, door.accept_one()};
  const auto refused = session.serve(client);
  CHECK_MESSAGE(refused.code != ec::malformed_input, refused.text);
}

TEST_SUITE_END();
