#include "deploy/control/control_server.hpp"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace starling::control {

namespace fs = std::filesystem;

namespace {

constexpr const char* json_type = "application/json";
constexpr const char* lines_type = "application/x-ndjson";

/// Is there a process that accepts connections on this socket?
bool is_answered(const fs::path& path) {
  auto address = sockaddr_un{};
  address.sun_family = AF_UNIX;
  const auto text = path.string();
  if (text.size() >= sizeof(address.sun_path))
    return false;
  std::memcpy(address.sun_path, text.data(), text.size());
  const auto fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return false;
  const auto connected
    = ::connect(fd, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address))
      == 0;
  ::close(fd);
  return connected;
}

result<void> make_way(const fs::path& path) {
  auto ignored = std::error_code{};
  if (!fs::exists(fs::symlink_status(path, ignored)))
    return {};
  if (!fs::is_socket(fs::symlink_status(path, ignored)))
    return failure{ec::file_error, path.string()
                                     + ": is there and no socket; remove it or "
                                       "set [node] control_socket"};
  if (is_answered(path))
    return failure{ec::wrong_state, path.string()
                                      + ": another node answers there; stop it "
                                        "first, or set [node] control_socket"};
  fs::remove(path, ignored);
  return {};
}

void respond(httplib::Response& response, const result<json>& answer) {
  if (answer) {
    response.set_content(to_text(*answer) + "\n", json_type);
    return;
  }
  response.status = http_status(answer.error().code);
  response.set_content(to_text(to_json(answer.error())) + "\n", json_type);
}

/// As those who watch many services want it: the status counts, the text is for
/// people.
void tell_health(httplib::Response& response, const std::string& what,
                 const result<void>& state) {
  response.status = state ? 200 : 503;
  response.set_content(state ? what + "\n"
                             : "not " + what + ": " + state.error().text + "\n",
                       "text/plain");
}

} // namespace

struct control_server::content {
  server_parts parts;
  server_limits limits;
  httplib::Server http;
  std::atomic<size_t> jobs = 0;
  std::atomic<bool> stopping = false;
  std::thread loop;

  content(server_parts given, const server_limits& bounds)
    : parts{std::move(given)},
      limits{bounds} {
    set_limits();
    set_routes();
  }

  void set_limits() {
    http.set_address_family(AF_UNIX);
    // The default asks for SO_REUSEPORT, which UNIX sockets don't have.
    http.set_socket_options([](auto) {});
    http.set_payload_max_length(request_bytes_max);
    http.set_read_timeout(limits.read_timeout.count(), 0);
    http.set_write_timeout(limits.write_timeout.count(), 0);
    http.set_keep_alive_max_count(limits.keep_alive_max);
    http.set_keep_alive_timeout(limits.keep_alive_timeout.count());
    http.new_task_queue
      = [count = limits.threads] { return new httplib::ThreadPool(count); };
    // The library's own answers (404, 413) get our form.
    http.set_error_handler([](const httplib::Request& asked,
                              httplib::Response& response) {
      if (!response.body.empty())
        return;
      const auto code = response.status == 413   ? ec::limit_reached
                        : response.status == 404 ? ec::unknown_name
                                                 : ec::malformed_input;
      const auto text = fmt::format("{} {}: HTTP status {}", asked.method,
                                    asked.path.substr(0, 128), response.status);
      response.set_content(to_text(to_json({code, text})) + "\n", json_type);
    });
    http.set_exception_handler([](const httplib::Request&,
                                  httplib::Response& response,
                                  std::exception_ptr) {
      response.status = 500;
      response.set_content(
        to_text(to_json({ec::wrong_state, "the node failed to answer"})),
        json_type);
    });
  }

  void set_routes() {
    http.Get("/alive", [this](const auto&, httplib::Response& response) {
      tell_health(response, "alive", parts.alive());
    });
    http.Get("/ready", [this](const auto&, httplib::Response& response) {
      tell_health(response, "ready", parts.ready());
    });
    http.Get("/metrics", [this](const auto&, httplib::Response& response) {
      response.set_content(parts.metrics(),
                           "text/plain; version=0.0.4; charset=utf-8");
    });
    http.Get(R"(/v1/.*)", [this](const httplib::Request& asked,
                                 httplib::Response& response) {
      respond(response, parts.answer({"GET", asked.path, json::object()}));
    });
    http.Post("/v1/experiments", [this](const httplib::Request& asked,
                                        httplib::Response& response) {
      start_job(asked, response);
    });
    http.Post(R"(/v1/.*)", [this](const httplib::Request& asked,
                                  httplib::Response& response) {
      auto body = parse_request(asked.body);
      if (!body)
        respond(response, body.error());
      else
        respond(response, parts.answer({"POST", asked.path, std::move(*body)}));
    });
  }

  void start_job(const httplib::Request& asked, httplib::Response& response) {
    auto body = parse_request(asked.body);
    if (!body)
      return respond(response, body.error());
    if (jobs.fetch_add(1) >= limits.jobs_max) {
      --jobs;
      return respond(response,
                     failure{ec::limit_reached,
                             fmt::format("{} jobs run already; try again when "
                                         "one has ended",
                                         limits.jobs_max)});
    }
    response.set_chunked_content_provider(
      lines_type,
      [this, job = request{"POST", asked.path, std::move(*body)}](
        size_t, httplib::DataSink& sink) {
        auto tell = [&](const json& line) {
          const auto text = to_text(line) + "\n";
          return !stopping && sink.write(text.data(), text.size());
        };
        auto answer = parts.run(job, tell);
        tell(answer ? json{{"result", *answer}} : to_json(answer.error()));
        sink.done();
        return true;
      },
      [this](bool) { --jobs; });
  }
};

result<std::unique_ptr<control_server>>
control_server::start(server_parts parts, const server_limits& limits) {
  const auto path = parts.socket;
  if (auto free = make_way(path); !free)
    return free.error();
  auto made = std::make_unique<content>(std::move(parts), limits);
  // Nobody else may connect in the moment between bind and chmod.
  const auto before = ::umask(077);
  const auto bound = made->http.bind_to_port(path.string(), 80);
  const auto reason = errno;
  ::umask(before);
  if (!bound)
    return failure{ec::file_error,
                   fmt::format("{}: cannot listen: {}", path.string(),
                               std::strerror(reason))};
  ::chmod(path.c_str(), 0600);
  auto* http = &made->http;
  made->loop = std::thread{[http] { http->listen_after_bind(); }};
  return std::unique_ptr<control_server>{new control_server{std::move(made)}};
}

control_server::control_server(std::unique_ptr<content> parts)
  : content_{std::move(parts)} {
  // nop
}

control_server::~control_server() {
  content_->stopping = true;
  // `stop` before the loop has begun would be lost.
  while (!content_->http.is_running())
    std::this_thread::yield();
  content_->http.stop();
  content_->loop.join();
  auto ignored = std::error_code{};
  fs::remove(content_->parts.socket, ignored);
}

} // namespace starling::control
