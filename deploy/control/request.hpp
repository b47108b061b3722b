#pragma once

#include "runtime/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::control {

using json = nlohmann::json;

/// Longest body of a request, in bytes.
inline constexpr size_t request_bytes_max = size_t{1} << 20;

/// Deepest nesting of objects and lists in a request.
inline constexpr size_t request_depth_max = 32;

/// What a client asks of a node, whatever carried it.
struct request {
  /// "GET" or "POST".
  std::string verb;
  /// "/v1/status", without query.
  std::string path;
  /// An object; empty for GET.
  json body = json::object();
};

/// Reads the body of a request: a JSON object (RFC 8259), or nothing at all,
/// which stands for an empty one. Size and depth are checked before anything
/// is built. Errors: limit_reached, malformed_input.
[[nodiscard]] result<json> parse_request(std::string_view body);

/// Writes JSON; what is no UTF-8 is replaced, so this never throws on names
/// that come from elsewhere. `indent` below 0: all in one line.
[[nodiscard]] std::string to_text(const json& x, int indent = -1);

/// Reads the fields of a request, one after the other, and remembers the first
/// that is wrong. A field that nobody read is wrong too.
class fields {
public:
  explicit fields(const json& object) : object_{object} {
    // nop
  }

  /// Reads a text that must be there, 1 to `bytes_max` bytes.
  fields& need(const char* key, std::string& target, size_t bytes_max = 256);

  /// Reads a text if it is there.
  fields& read(const char* key, std::string& target, size_t bytes_max = 256);

  /// Reads a whole number within bounds, inclusive, if it is there.
  fields& read(const char* key, int64_t& target, int64_t min, int64_t max);

  /// Reads a truth value if it is there.
  fields& read(const char* key, bool& target);

  /// Reads any value if it is there.
  fields& read(const char* key, json& target);

  /// Errors: invalid_option; the text names field, problem and the nearest
  /// known name.
  [[nodiscard]] result<void> finish() const;

private:
  const json* find(const char* key);
  void reject(const char* key, const std::string& problem);

  const json& object_;
  std::vector<std::string> known_;
  std::optional<failure> problem_;
};

/// Returns {"error":{"code":...,"text":...}}.
[[nodiscard]] json to_json(const failure& x);

/// Reads that back; nothing if it is no such object.
[[nodiscard]] std::optional<failure> failure_from(const json& x);

/// Returns the HTTP status (RFC 9110 section 15) that fits an error.
[[nodiscard]] int http_status(ec code);

} // namespace starling::control
