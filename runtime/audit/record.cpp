#include "runtime/audit/record.hpp"

#include "messages/peer_id.hpp"

#include <botan/hash.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

namespace starling::audit {

namespace {

// Its objects keep their members sorted by name.
using nlohmann::json;

constexpr std::string_view hash_label = "starling.audit.entry.v1\n";

/// Compact JSON; bytes that are no UTF-8 become U+FFFD.
std::string dump(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

json to_json(const record& x) {
  auto result = json::object();
  result["detail"] = x.what.detail;
  result["kind"] = x.what.kind;
  result["prev"] = to_text(x.prev);
  result["seq"] = x.seq;
  result["subject"] = x.what.subject;
  result["time"] = x.what.time.bits;
  return result;
}

/// Cuts at a character's border, so that no half character remains.
std::string cut(std::string text, size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  text.resize(end);
  return text;
}

/// Replaces what is no UTF-8, by the same rules as the line's writer.
std::string valid(const std::string& text) {
  return json::parse(dump(json(text))).get<std::string>();
}

std::optional<digest> parse_digest(const json& x) {
  const auto* text = x.get_ptr<const std::string*>();
  // An id and a digest have the same 64 digits.
  const auto bytes = text == nullptr ? std::nullopt : parse_peer_id(*text);
  return bytes ? std::optional{bytes->bytes} : std::nullopt;
}

std::optional<uint64_t> parse_number(const json& x) {
  const auto* number = x.get_ptr<const json::number_unsigned_t*>();
  return number == nullptr ? std::nullopt : std::optional{*number};
}

std::optional<record> read(const json& line) {
  constexpr size_t members = 7;
  if (!line.is_object() || line.size() != members)
    return std::nullopt;
  for (const auto* name :
       {"detail", "hash", "kind", "prev", "seq", "subject", "time"})
    if (!line.contains(name))
      return std::nullopt;
  const auto seq = parse_number(line["seq"]);
  const auto time = parse_number(line["time"]);
  const auto prev = parse_digest(line["prev"]);
  const auto hash = parse_digest(line["hash"]);
  const auto& detail = line["detail"];
  if (!seq || !time || !prev || !hash || !line["kind"].is_string()
      || !line["subject"].is_string() || !detail.is_object())
    return std::nullopt;
  auto result = record{*seq, {}, *prev, *hash};
  result.what.time = {*time};
  result.what.kind = line["kind"].get<std::string>();
  result.what.subject = line["subject"].get<std::string>();
  for (const auto& [name, value] : detail.items()) {
    if (!value.is_string())
      return std::nullopt;
    result.what.detail.emplace(name, value.get<std::string>());
  }
  return result;
}

/// Objects in an entry are two deep; what goes deeper is not parsed on.
bool shallow(int depth, json::parse_event_t, json&) {
  return depth <= 2;
}

} // namespace

event bounded(const event& x) {
  auto result = event{x.time, x.kind, cut(valid(x.subject), subject_max), {}};
  for (const auto& [name, value] : x.detail) {
    if (result.detail.size() == detail_max)
      break;
    result.detail.emplace(cut(valid(name), detail_name_max),
                          cut(valid(value), detail_value_max));
  }
  return result;
}

std::string text_without_hash(const record& x) {
  return dump(to_json(x));
}

digest hash_of(const record& x) {
  const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(hash_label);
  hash->update(text_without_hash(x));
  auto result = digest{};
  hash->final(result);
  return result;
}

std::string to_line(const record& x) {
  auto line = to_json(x);
  line["hash"] = to_text(x.hash);
  return dump(line);
}

result<record> parse_record(std::string_view line) {
  const auto wrong = [](std::string_view why) {
    return failure{ec::malformed_input, fmt::format("no audit entry: {}", why)};
  };
  if (line.size() > line_max)
    return wrong(fmt::format("longer than {} bytes", line_max));
  const auto parsed = json::parse(line, shallow, false);
  if (parsed.is_discarded())
    return wrong("not JSON");
  const auto found = read(parsed);
  if (!found)
    return wrong("members are missing, unknown or of the wrong type");
  if (to_line(*found) != line)
    return wrong("not spelt the one way that entries are");
  return *found;
}

std::string to_text(const digest& x) {
  return to_string(peer_id{x});
}

} // namespace starling::audit
