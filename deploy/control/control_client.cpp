#include "deploy/control/control_client.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <memory>
#include <optional>
#include <string_view>

namespace starling::control {

namespace {

constexpr const char* json_type = "application/json";
/// Longest line of news that is taken, in bytes.
constexpr size_t line_max = size_t{16} << 20;

std::unique_ptr<httplib::Client> connect(const std::filesystem::path& socket,
                                         std::chrono::seconds timeout) {
  auto made = std::make_unique<httplib::Client>(socket.string());
  made->set_address_family(AF_UNIX);
  made->set_socket_options([](auto) {});
  made->set_default_headers({{"Host", "node"}});
  made->set_connection_timeout(5, 0);
  made->set_read_timeout(timeout.count(), 0);
  made->set_write_timeout(timeout.count(), 0);
  return made;
}

failure no_answer(const std::filesystem::path& socket, httplib::Error why) {
  if (why == httplib::Error::Read)
    return {ec::timed_out,
            fmt::format("{}: the node did not answer in time, or ended",
                        socket.string())};
  return {ec::unreachable, fmt::format("no node answers at {}; is it running?",
                                       socket.string())};
}

result<json> read_answer(int status, const std::string& body) {
  auto parsed = json::parse(body, nullptr, false);
  if (parsed.is_discarded())
    return failure{
      ec::malformed_input,
      fmt::format("the node's answer (HTTP status {}) is no JSON", status)};
  if (auto error = failure_from(parsed))
    return *error;
  if (status != 200)
    return failure{
      ec::wrong_state,
      fmt::format("the node answered with HTTP status {}", status)};
  return result<json>{std::move(parsed)};
}

/// Cuts a stream into lines of JSON; the last one is kept.
class line_reader {
public:
  explicit line_reader(const std::function<void(const json&)>& news)
    : news_{news} {
    // nop
  }

  bool feed(std::string_view bytes) {
    rest_ += bytes;
    for (size_t end; (end = rest_.find('\n')) != std::string::npos;) {
      if (last_)
        news_(*last_);
      last_ = json::parse(rest_.begin(),
                          rest_.begin() + static_cast<std::ptrdiff_t>(end),
                          nullptr, false);
      rest_.erase(0, end + 1);
    }
    return rest_.size() <= line_max;
  }

  [[nodiscard]] const std::optional<json>& last() const {
    return last_;
  }

private:
  const std::function<void(const json&)>& news_;
  std::string rest_;
  std::optional<json> last_;
};

} // namespace

result<json> control_client::get(const std::string& path) const {
  auto answer = connect(socket_, timeout_)->Get(path);
  if (!answer)
    return no_answer(socket_, answer.error());
  return read_answer(answer->status, answer->body);
}

result<json> control_client::post(const std::string& path,
                                  const json& body) const {
  auto answer
    = connect(socket_, timeout_)->Post(path, to_text(body), json_type);
  if (!answer)
    return no_answer(socket_, answer.error());
  return read_answer(answer->status, answer->body);
}

result<json> control_client::run(const std::string& path, const json& body,
                                 const std::function<void(const json&)>& news,
                                 std::chrono::seconds silence_max) const {
  auto reader = line_reader{news};
  auto asked = httplib::Request{};
  asked.method = "POST";
  asked.path = path;
  asked.body = to_text(body);
  asked.headers.emplace("Content-Type", json_type);
  asked.content_receiver
    = [&reader](const char* data, size_t size, uint64_t, uint64_t) {
        return reader.feed({data, size});
      };
  auto answer = connect(socket_, silence_max)->send(asked);
  if (!answer)
    return no_answer(socket_, answer.error());
  const auto& last = reader.last();
  if (!last || last->is_discarded())
    return failure{ec::malformed_input,
                   "the node's answer ended without a result"};
  if (auto error = failure_from(*last))
    return *error;
  if (!last->is_object() || !last->contains("result"))
    return failure{ec::connection_closed, "the node ended before the job did"};
  return result<json>{(*last)["result"]};
}

result<std::string> control_client::text(const std::string& path) const {
  auto answer = connect(socket_, timeout_)->Get(path);
  if (!answer)
    return no_answer(socket_, answer.error());
  return answer->body;
}

bool control_client::is_alive() const {
  auto answer = connect(socket_, std::chrono::seconds{2})->Get("/alive");
  return answer && answer->status == 200;
}

bool control_client::is_ready() const {
  auto answer = connect(socket_, std::chrono::seconds{2})->Get("/ready");
  return answer && answer->status == 200;
}

} // namespace starling::control
