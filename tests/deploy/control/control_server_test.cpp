#include "deploy/control/control_server.hpp"

#include "deploy/control/control_client.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::control;

namespace {

struct fixture {
  test::scratch_folder folder;
  std::filesystem::path socket = folder / "control.sock";
  std::atomic<bool> is_ready = false;
  std::atomic<bool> is_alive = true;

  server_parts parts() {
    auto made = server_parts{};
    made.socket = socket;
    made.answer = [](const request& asked) -> result<json> {
      if (asked.path == "/v1/refuse")
        return failure{ec::permission_denied, "not you"};
      return result<json>{
        json{{"verb", asked.verb}, {"path", asked.path}, {"body", asked.body}}};
    };
    made.run
      = [](const request& asked, const progress_sink& tell) -> result<json> {
      for (int i = 1; i <= 3; ++i)
        tell({{"step", i}});
      if (asked.body.contains("fail"))
        return failure{ec::timed_out, "too long"};
      return result<json>{json{{"steps", 3}}};
    };
    made.metrics = [] { return std::string{"up 1\n"}; };
    made.ready = [this]() -> result<void> {
      if (is_ready)
        return {};
      return failure{ec::wrong_state, "no session"};
    };
    made.alive = [this]() -> result<void> {
      if (is_alive)
        return {};
      return failure{ec::timed_out, "stuck"};
    };
    return made;
  }

  /// Sends bytes as they are; returns all that comes back until the server
  /// closes. With `hang_up` this side says first that there is no more.
  std::string raw(const std::string& bytes, bool hang_up = false) {
    auto address = sockaddr_un{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, socket.c_str());
    const auto fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(
      ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address))
      == 0);
    REQUIRE(::write(fd, bytes.data(), bytes.size())
            == static_cast<ssize_t>(bytes.size()));
    if (hang_up)
      ::shutdown(fd, SHUT_WR);
    auto text = std::string{};
    char buffer[4096];
    for (ssize_t size; (size = ::read(fd, buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<size_t>(size));
    ::close(fd);
    return text;
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/control/control_server");

TEST_CASE_FIXTURE(fixture, "questions and answers pass as JSON") {
  auto server = control_server::start(parts());
  REQUIRE(server);
  auto client = control_client{socket};
  CHECK((*client.get("/v1/a"))["path"] == "/v1/a");
  auto told = client.post("/v1/b", json{{"x", 1}});
  REQUIRE(told);
  CHECK((*told)["verb"] == "POST");
  CHECK((*told)["body"]["x"] == 1);
}

TEST_CASE_FIXTURE(fixture, "errors keep their code and text") {
  auto server = control_server::start(parts());
  REQUIRE(server);
  auto client = control_client{socket};
  CHECK(client.get("/v1/refuse").error().code == ec::permission_denied);
  CHECK(client.get("/v1/refuse").error().text == "not you");
  CHECK(client.get("/elsewhere").error().code == ec::unknown_name);
  CHECK(raw("GET /v1/refuse HTTP/1.1\r\nConnection: close\r\n\r\n")
          .starts_with("HTTP/1.1 403"));
}

TEST_CASE_FIXTURE(fixture, "only the owner may use the socket") {
  auto server = control_server::start(parts());
  REQUIRE(server);
  struct stat info{};
  REQUIRE(::stat(socket.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(fixture, "those who watch are answered in their formats") {
  auto server = control_server::start(parts());
  REQUIRE(server);
  auto client = control_client{socket};
  CHECK(*client.text("/metrics") == "up 1\n");
  CHECK(client.is_alive());
  is_alive = false;
  CHECK_FALSE(client.is_alive());
  CHECK_FALSE(client.is_ready());
  CHECK(raw("GET /ready HTTP/1.1\r\nConnection: close\r\n\r\n")
          .ends_with("not ready: no session\n"));
  is_ready = true;
  CHECK(client.is_ready());
}

TEST_CASE_FIXTURE(fixture, "a long job tells its news, then its result") {
  auto server = control_server::start(parts());
  REQUIRE(server);
  auto client = control_client{socket};
  auto news = std::vector<json>{};
  auto answer = client.run("/v1/experiments", json::object(),
                           [&](const json& line) { news.push_back(line); });
  REQUIRE(answer);
  CHECK((*answer)["steps"] == 3);
  REQUIRE(news.size() == 3);
  CHECK(news[2]["step"] == 3);
  CHECK(client.run("/v1/experiments", json{{"fail", true}}, [](const json&) {})
          .error()
          .code
        == ec::timed_out);
}

TEST_CASE_FIXTURE(fixture, "one job too many is refused") {
  auto limits = server_limits{};
  limits.jobs_max = 0;
  auto server = control_server::start(parts(), limits);
  REQUIRE(server);
  CHECK(control_client{socket}
          .run("/v1/experiments", json::object(), [](const json&) {})
          .error()
          .code
        == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture, "bad requests are refused and the server lives") {
  auto limits = server_limits{};
  limits.read_timeout = std::chrono::seconds{1};
  auto server = control_server::start(parts(), limits);
  REQUIRE(server);
  auto client = control_client{socket};
  CHECK(raw("POST /v1/x HTTP/1.1\r\nConnection: close\r\n"
            "Content-Length: 5\r\n\r\n[1,2]")
          .starts_with("HTTP/1.1 400"));
  CHECK(raw("POST /v1/x HTTP/1.1\r\nConnection: close\r\n"
            "Content-Length: 99999999\r\n\r\n")
          .starts_with("HTTP/1.1 413"));
  CHECK(client.is_alive());
  raw("nonsense\r\n\r\n", true);
  raw("POST /v1/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", true);
  raw(std::string(100'000, 'x'), true);
  CHECK(client.is_alive());
}

TEST_CASE_FIXTURE(fixture, "a socket that is answered is left alone") {
  auto server = control_server::start(parts());
  REQUIRE(server);
  auto second = control_server::start(parts());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ec::wrong_state);
  CHECK(control_client{socket}.is_alive());
}

TEST_CASE_FIXTURE(fixture, "a socket left by a crash is replaced") {
  auto address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, socket.c_str());
  const auto fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address))
          == 0);
  ::close(fd);
  CHECK(control_server::start(parts()));
}

TEST_CASE_FIXTURE(fixture, "a file in the way is not removed") {
  std::ofstream{socket} << "precious";
  CHECK(control_server::start(parts()).error().code == ec::file_error);
  CHECK(std::filesystem::file_size(socket) == 8);
}

TEST_CASE_FIXTURE(fixture, "who asks where nobody answers is told so") {
  CHECK(control_client{socket}.get("/v1/a").error().code == ec::unreachable);
  CHECK(control_server::start(parts()));
  CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_SUITE_END();
