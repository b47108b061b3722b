#pragma once

#include "runtime/result.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace httplib {
class Client;
} // namespace httplib

namespace starling::deploy {

/// One event of a watch.
struct etcd_event {
  std::string key;
  std::string value;
  int64_t revision = 0;
};

/// Reads one line of a watch's stream: what was put, in its order. Errors:
/// malformed_input, and wrong_state for what the server says went wrong.
[[nodiscard]] result<std::vector<etcd_event>>
parse_watch_line(std::string_view line);

/// Reads Prometheus text and adds up the samples of each name, whatever their
/// labels. Lines that are not understood are left out.
[[nodiscard]] std::map<std::string, double>
sums_of_metrics(std::string_view text);

/// Talks to one member of an etcd cluster, by the JSON of its v3 interface. For
/// one thread; keeps its connection.
class etcd_client {
public:
  /// `port` on loopback; an answer takes at most `patience`.
  etcd_client(uint16_t port, std::chrono::milliseconds patience);

  ~etcd_client();

  etcd_client(etcd_client&&) noexcept;
  etcd_client& operator=(etcd_client&&) noexcept;

  /// Puts a value in a transaction, unless the key is there already: trying
  /// again after a doubtful end does no harm. Returns when a majority has it.
  /// Errors: unreachable, timed_out, wrong_state (what the server says).
  result<void> put_once(const std::string& key, const std::string& value);

  /// Hands on all events below `prefix` from revision `from` on, 0 for now,
  /// until the connection ends. Returns why; the text is for people.
  failure watch(const std::string& prefix, int64_t from,
                const std::function<void(const etcd_event&)>& take);

  /// Whether this member leads. Errors: as for `put_once`.
  result<bool> leads();

  /// Sums of the member's metrics. Errors: unreachable.
  result<std::map<std::string, double>> metrics();

private:
  result<nlohmann::json> post(const char* path, const nlohmann::json& body);

  std::unique_ptr<httplib::Client> client_;
};

} // namespace starling::deploy
