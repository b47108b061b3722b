#include "deploy/consensus/etcd_client.hpp"

#include <botan/base64.h>
#include <fmt/format.h>
#include <httplib.h>

#include <charconv>
#include <optional>
#include <utility>

namespace starling::deploy {

namespace {

using nlohmann::json;

constexpr auto json_type = "application/json";
/// More than a line of a watch ever has here.
constexpr size_t line_max = size_t{1} << 20;

std::string encoded(std::string_view text) {
  return Botan::base64_encode(reinterpret_cast<const uint8_t*>(text.data()),
                              text.size());
}

std::optional<std::string> decoded(const json& from, const char* key) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_string())
    return std::nullopt;
  try {
    const auto bytes = Botan::base64_decode(found->get<std::string>());
    return std::string{bytes.begin(), bytes.end()};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

/// The first key after all that begin with the prefix.
std::string end_of(std::string prefix) {
  ++prefix.back();
  return prefix;
}

int64_t revision_of(const json& event) {
  // 64-bit numbers are text in protobuf's JSON.
  const auto text = event.value("mod_revision", std::string{"0"});
  auto value = int64_t{0};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

failure no_answer(httplib::Error why) {
  const auto text = httplib::to_string(why);
  if (why == httplib::Error::Read)
    return {ec::timed_out, "etcd does not answer: " + text};
  return {ec::unreachable, "etcd: " + text};
}

result<std::vector<etcd_event>> events_of(const json& said) {
  if (!said.is_object())
    return failure{ec::malformed_input, "a watch's line is no JSON object"};
  if (said.contains("error"))
    return failure{ec::wrong_state, said.at("error").dump()};
  auto result = std::vector<etcd_event>{};
  const auto empty = json::object();
  const auto list = said.value("result", empty).value("events", json::array());
  for (const auto& event : list) {
    const auto& kv = event.value("kv", empty);
    auto key = decoded(kv, "key");
    if (!key)
      return failure{ec::malformed_input, "an event has no key"};
    result.push_back(
      {std::move(*key), decoded(kv, "value").value_or(""), revision_of(kv)});
  }
  return result;
}

} // namespace

result<std::vector<etcd_event>> parse_watch_line(std::string_view line) {
  try {
    return events_of(json::parse(line));
  } catch (const json::exception& why) {
    return failure{ec::malformed_input, why.what()};
  }
}

std::map<std::string, double> sums_of_metrics(std::string_view text) {
  auto result = std::map<std::string, double>{};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto name = line.substr(0, line.find_first_of("{ "));
    const auto blank = line.rfind(' ');
    if (name.empty() || name.front() == '#' || blank == line.npos)
      continue;
    auto value = 0.0;
    const auto digits = line.substr(blank + 1);
    const auto [rest, error]
      = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc{} && rest == digits.data() + digits.size())
      result[std::string{name}] += value;
  }
  return result;
}

etcd_client::etcd_client(uint16_t port, std::chrono::milliseconds patience)
  : client_{std::make_unique<httplib::Client>("127.0.0.1", port)} {
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);
  client_->set_connection_timeout(patience);
  client_->set_read_timeout(patience);
  client_->set_write_timeout(patience);
}

etcd_client::~etcd_client() = default;

etcd_client::etcd_client(etcd_client&&) noexcept = default;

etcd_client& etcd_client::operator=(etcd_client&&) noexcept = default;

result<json> etcd_client::post(const char* path, const json& body) {
  auto answer = client_->Post(path, body.dump(), json_type);
  if (!answer)
    return no_answer(answer.error());
  auto said = json::parse(answer->body, nullptr, false);
  if (answer->status != 200)
    return failure{ec::wrong_state,
                   fmt::format("etcd answered {} to {}: {}", answer->status,
                               path, answer->body.substr(0, 200))};
  if (said.is_discarded())
    return failure{ec::malformed_input, "etcd's answer is no JSON"};
  return result<json>{std::move(said)};
}

result<void> etcd_client::put_once(const std::string& key,
                                   const std::string& value) {
  const auto name = encoded(key);
  const auto absent = json{{"key", name},
                           {"target", "CREATE"},
                           {"result", "EQUAL"},
                           {"create_revision", "0"}};
  const auto put
    = json{{"request_put", {{"key", name}, {"value", encoded(value)}}}};
  auto body = json::object();
  body["compare"] = json::array({absent});
  body["success"] = json::array({put});
  if (auto done = post("/v3/kv/txn", body); !done)
    return done.error();
  return {};
}

failure etcd_client::watch(const std::string& prefix, int64_t from,
                           const std::function<void(const etcd_event&)>& take) {
  client_->set_read_timeout(std::chrono::hours{1});
  auto wanted
    = json{{"key", encoded(prefix)}, {"range_end", encoded(end_of(prefix))}};
  if (from > 0)
    wanted["start_revision"] = std::to_string(from);
  auto asked = httplib::Request{};
  asked.method = "POST";
  asked.path = "/v3/watch";
  asked.body = json{{"create_request", wanted}}.dump();
  asked.headers.emplace("Content-Type", json_type);
  auto rest = std::string{};
  auto problem = std::optional<failure>{};
  asked.content_receiver
    = [&](const char* data, size_t size, uint64_t, uint64_t) {
        rest.append(data, size);
        for (size_t end; (end = rest.find('\n')) != std::string::npos;) {
          auto events = parse_watch_line(std::string_view{rest}.substr(0, end));
          rest.erase(0, end + 1);
          if (!events) {
            problem = events.error();
            return false;
          }
          for (const auto& event : *events)
            take(event);
        }
        return rest.size() <= line_max;
      };
  auto answer = client_->send(asked);
  if (problem)
    return *problem;
  return answer ? failure{ec::connection_closed, "the watch ended"}
                : no_answer(answer.error());
}

result<bool> etcd_client::leads() {
  auto said = post("/v3/maintenance/status", json::object());
  if (!said)
    return said.error();
  const auto leader = said->value("leader", std::string{});
  const auto self
    = said->value("header", json::object()).value("member_id", std::string{});
  return !leader.empty() && leader == self;
}

result<std::map<std::string, double>> etcd_client::metrics() {
  auto answer = client_->Get("/metrics");
  if (!answer)
    return no_answer(answer.error());
  return sums_of_metrics(answer->body);
}

} // namespace starling::deploy
