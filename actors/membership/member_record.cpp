#include "actors/membership/member_record.hpp"

#include "messages/wire/membership.capnp.h"
#include "runtime/identity/printable_text.hpp"
#include "runtime/wire/flat_message.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace starling::membership {

namespace {

using limits = record_limits;

constexpr float cost_max = 1e6F;

/// What is wrong with a record, and how.
struct fault {
  bool too_long = false;
  std::string text;
};

std::optional<fault> fault_of(const char* what, const std::string& text,
                              size_t bytes_max) {
  if (text.size() > bytes_max)
    return fault{true, std::string{what} + " is longer than "
                         + std::to_string(bytes_max) + " bytes"};
  if (!identity::is_printable(text))
    return fault{false, std::string{what} + " can't be printed"};
  return std::nullopt;
}

std::optional<fault> fault_of(const char* what,
                              const std::vector<std::string>& texts,
                              size_t count_max, size_t bytes_max) {
  if (texts.size() > count_max)
    return fault{true,
                 "more than " + std::to_string(count_max) + " times " + what};
  for (const auto& text : texts)
    if (auto wrong = fault_of(what, text, bytes_max))
      return wrong;
  return std::nullopt;
}

/// Comparisons are written so that NaN fails them.
bool is_sound(const neighbour_record& x) {
  return x.reliability >= 0.0F && x.reliability <= 1.0F && x.cost >= 0.0F
         && x.cost <= cost_max;
}

std::optional<fault> fault_of(const member_record& x) {
  if (auto wrong = fault_of("name", x.name, limits::name_max))
    return wrong;
  if (auto wrong = fault_of("endpoint", x.endpoints, limits::endpoints_max,
                            limits::endpoint_max))
    return wrong;
  if (auto wrong = fault_of("capability", x.capabilities,
                            limits::capabilities_max, limits::capability_max))
    return wrong;
  if (auto wrong = fault_of("CAF node", x.caf_node, limits::caf_node_max))
    return wrong;
  if (x.neighbours.size() > limits::neighbours_max)
    return fault{true, "more than " + std::to_string(limits::neighbours_max)
                         + " neighbours"};
  if (!std::ranges::all_of(x.neighbours, is_sound))
    return fault{false, "a neighbour's reliability or cost is out of range"};
  if (x.zone > limits::zone_max)
    return fault{false, "zone " + std::to_string(x.zone) + " does not exist"};
  return std::nullopt;
}

failure failure_of(const member_record& x, const fault& wrong, ec otherwise) {
  return {wrong.too_long ? ec::limit_reached : otherwise,
          "record of node " + short_name(x.id) + ": " + wrong.text};
}

kj::StringPtr text_of(const std::string& x) {
  return {x.data(), x.size()};
}

void write_texts(capnp::List<capnp::Text>::Builder to,
                 const std::vector<std::string>& from) {
  for (auto i = 0U; i < to.size(); ++i)
    to.set(i, text_of(from[i]));
}

std::string string_of(capnp::Text::Reader from) {
  return {from.begin(), from.size()};
}

/// Reads no more than one text above the bound; `fault_of` finds it.
std::vector<std::string> read_texts(capnp::List<capnp::Text>::Reader from,
                                    size_t count_max) {
  auto result = std::vector<std::string>{};
  for (auto i = 0U; i < std::min<size_t>(from.size(), count_max + 1); ++i)
    result.push_back(string_of(from[i]));
  return result;
}

void write_neighbour(wire::MemberNeighbour::Builder to,
                     const neighbour_record& from) {
  wire::write_id(to.initId(), from.id);
  to.setLatencyUs(from.latency_us);
  to.setReliability(from.reliability);
  to.setCost(from.cost);
  to.setBandwidth(from.bandwidth);
}

neighbour_record read_neighbour(wire::MemberNeighbour::Reader from) {
  return {wire::read_id(from.getId()), from.getLatencyUs(),
          from.getReliability(), from.getCost(), from.getBandwidth()};
}

result<member_record> read_record(wire::MemberRecord::Reader from) {
  auto x = member_record{};
  x.id = wire::read_id(from.getId());
  x.version = {from.getIncarnation(), from.getTimestamp()};
  x.name = string_of(from.getName());
  x.endpoints = read_texts(from.getEndpoints(), limits::endpoints_max);
  x.capabilities = read_texts(from.getCapabilities(), limits::capabilities_max);
  x.caf_node = string_of(from.getCafNode());
  x.zone = from.getZone();
  x.left = from.getLeft();
  const auto neighbours = from.getNeighbours();
  const auto count
    = std::min<size_t>(neighbours.size(), limits::neighbours_max + 1);
  for (auto i = 0U; i < count; ++i)
    x.neighbours.push_back(read_neighbour(neighbours[i]));
  if (auto wrong = fault_of(x))
    return failure_of(x, *wrong, ec::malformed_input);
  return x;
}

} // namespace

result<std::vector<uint8_t>> encode_record(const member_record& x) {
  if (auto wrong = fault_of(x))
    return failure_of(x, *wrong, ec::invalid_option);
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<wire::MemberRecord>();
  wire::write_id(root.initId(), x.id);
  root.setIncarnation(x.version.incarnation);
  root.setTimestamp(x.version.timestamp);
  root.setName(text_of(x.name));
  write_texts(root.initEndpoints(static_cast<unsigned>(x.endpoints.size())),
              x.endpoints);
  write_texts(
    root.initCapabilities(static_cast<unsigned>(x.capabilities.size())),
    x.capabilities);
  root.setCafNode(text_of(x.caf_node));
  root.setZone(x.zone);
  root.setLeft(x.left);
  auto neighbours
    = root.initNeighbours(static_cast<unsigned>(x.neighbours.size()));
  for (auto i = 0U; i < neighbours.size(); ++i)
    write_neighbour(neighbours[i], x.neighbours[i]);
  return wire::canonical_bytes<wire::MemberRecord>(root.asReader());
}

result<member_record> decode_record(std::span<const uint8_t> bytes) {
  return wire::read_flat<wire::MemberRecord>(
    "member record", bytes, limits::bytes_max, true, read_record);
}

result<signed_record> sign_record(member_record x,
                                  const wire::sign_fn& signer) {
  auto body = encode_record(x);
  if (!body)
    return body.error();
  auto signature = signer(record_context, *body);
  return signed_record{std::move(x), std::move(*body), std::move(signature)};
}

bool is_authentic(const signed_record& x, const wire::verify_fn& verify) {
  return !x.signature.empty()
         && verify(x.content.id, record_context, x.body, x.signature);
}

} // namespace starling::membership
