#include "deploy/control/request.hpp"

#include "runtime/config/nearest_key.hpp"
#include "runtime/config/value.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::control {

namespace {

/// Returns how deep the brackets of a text nest; braces in strings don't count.
/// Wrong texts give any number: the parser refuses them.
size_t depth_of(std::string_view text) {
  auto depth = size_t{0};
  auto deepest = size_t{0};
  auto in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

} // namespace

result<json> parse_request(std::string_view body) {
  if (body.empty())
    return json::object();
  if (body.size() > request_bytes_max)
    return failure{ec::limit_reached,
                   fmt::format("the request has {} bytes, at most {} are taken",
                               body.size(), request_bytes_max)};
  if (depth_of(body) > request_depth_max)
    return failure{ec::limit_reached,
                   fmt::format("the request nests deeper than {} levels",
                               request_depth_max)};
  auto parsed = json::parse(body, nullptr, false);
  if (parsed.is_discarded())
    return failure{ec::malformed_input, "the request is not JSON (RFC 8259)"};
  if (!parsed.is_object())
    return failure{ec::malformed_input,
                   "the request must be a JSON object, such as {}"};
  return result<json>{std::move(parsed)};
}

std::string to_text(const json& x, int indent) {
  return x.dump(indent, ' ', false, json::error_handler_t::replace);
}

// -- fields -------------------------------------------------------------------

const json* fields::find(const char* key) {
  known_.emplace_back(key);
  if (!object_.is_object())
    return nullptr;
  auto found = object_.find(key);
  return found == object_.end() ? nullptr : &*found;
}

void fields::reject(const char* key, const std::string& problem) {
  if (!problem_)
    problem_
      = failure{ec::invalid_option, fmt::format("field '{}' {}", key, problem)};
}

fields& fields::need(const char* key, std::string& target, size_t bytes_max) {
  if (!object_.is_object() || !object_.contains(key)) {
    known_.emplace_back(key);
    reject(key, "is missing");
    return *this;
  }
  read(key, target, bytes_max);
  if (target.empty())
    reject(key, "must not be empty");
  return *this;
}

fields& fields::read(const char* key, std::string& target, size_t bytes_max) {
  const auto* value = find(key);
  if (!value)
    return *this;
  const auto* text = value->get_ptr<const json::string_t*>();
  if (!text)
    reject(key, "must be a text");
  else if (text->size() > bytes_max)
    reject(key, fmt::format("has {} bytes, at most {} are taken", text->size(),
                            bytes_max));
  else
    target = *text;
  return *this;
}

fields& fields::read(const char* key, int64_t& target, int64_t min,
                     int64_t max) {
  const auto* value = find(key);
  if (!value)
    return *this;
  const auto too_big
    = value->is_number_unsigned()
      && value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  if (!value->is_number_integer() || too_big || value->get<int64_t>() < min
      || value->get<int64_t>() > max)
    reject(key, fmt::format("must be a whole number from {} to {}", min, max));
  else
    target = value->get<int64_t>();
  return *this;
}

fields& fields::read(const char* key, bool& target) {
  const auto* value = find(key);
  if (!value)
    return *this;
  if (!value->is_boolean())
    reject(key, "must be true or false");
  else
    target = value->get<bool>();
  return *this;
}

fields& fields::read(const char* key, json& target) {
  if (const auto* value = find(key))
    target = *value;
  return *this;
}

result<void> fields::finish() const {
  if (problem_)
    return *problem_;
  if (!object_.is_object())
    return {};
  for (const auto& [key, value] : object_.items()) {
    if (std::ranges::find(known_, key) != known_.end())
      continue;
    auto text
      = fmt::format("field '{}' is unknown", config::shortened(key, 64));
    if (auto near = config::nearest_key(key.substr(0, 64), known_))
      text += fmt::format("; did you mean '{}'?", *near);
    return failure{ec::invalid_option, std::move(text)};
  }
  return {};
}

// -- errors -------------------------------------------------------------------

json to_json(const failure& x) {
  return {{"error", {{"code", name_of(x.code)}, {"text", x.text}}}};
}

std::optional<failure> failure_from(const json& x) {
  if (!x.is_object() || !x.contains("error"))
    return std::nullopt;
  const auto& error = x["error"];
  if (!error.is_object())
    return std::nullopt;
  const auto code_name = error.value("code", json{});
  const auto text = error.value("text", json{});
  if (!code_name.is_string() || !text.is_string())
    return std::nullopt;
  auto found = failure{ec::wrong_state, text.get<std::string>()};
  for (uint8_t value = 1; value <= static_cast<uint8_t>(ec_last); ++value)
    if (name_of(static_cast<ec>(value)) == code_name.get<std::string>())
      found.code = static_cast<ec>(value);
  return found;
}

int http_status(ec code) {
  switch (code) {
    case ec::invalid_option:
    case ec::malformed_input:
      return 400;
    case ec::permission_denied:
    case ec::quarantined:
    case ec::revoked:
    case ec::authentication_failed:
    case ec::token_refused:
      return 403;
    case ec::unknown_name:
    case ec::unknown_peer:
      return 404;
    case ec::duplicate_name:
    case ec::wrong_state:
    case ec::incompatible_plugin:
      return 409;
    case ec::limit_reached:
      return 429;
    case ec::unreachable:
    case ec::ttl_exceeded:
    case ec::connection_closed:
    case ec::negotiation_failed:
    case ec::protocol_violation:
      return 502;
    case ec::timed_out:
      return 504;
    case ec::file_error:
    case ec::tampered:
      return 500;
  }
  return 500;
}

} // namespace starling::control
