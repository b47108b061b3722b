#include "actors/router/routing_error.hpp"

#include "messages/wire/packet.capnp.h"
#include "runtime/wire/flat_message.hpp"

#include <algorithm>
#include <utility>

namespace starling::router {

namespace {

/// More than the longest error takes.
constexpr size_t error_bytes_max = 512;

constexpr uint8_t error_ttl = 64;

bool may_be_reported(uint8_t code) {
  constexpr ec known[] = {ec::ttl_exceeded, ec::unreachable, ec::quarantined,
                          ec::protocol_violation};
  return std::ranges::any_of(
    known, [code](ec x) { return static_cast<uint8_t>(x) == code; });
}

} // namespace

std::vector<uint8_t> encode(const routing_error& x) {
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<wire::RoutingError>();
  root.setCode(static_cast<uint8_t>(x.code));
  root.setPacketIdLow(wire::load_u64(&x.packet.bytes[0]));
  root.setPacketIdHigh(wire::load_u64(&x.packet.bytes[8]));
  wire::write_id(root.initDestination(), x.destination);
  wire::write_id(root.initAt(), x.at);
  const auto detail = x.detail.substr(0, routing_error_detail_max);
  root.setDetail(kj::StringPtr{detail.data(), detail.size()});
  return wire::canonical_bytes<wire::RoutingError>(root.asReader());
}

result<routing_error> decode_routing_error(std::span<const uint8_t> bytes) {
  const auto read
    = [](wire::RoutingError::Reader from) -> result<routing_error> {
    if (!may_be_reported(from.getCode()))
      return failure{ec::malformed_input, "routing error: unknown code "
                                            + std::to_string(from.getCode())};
    auto x = routing_error{};
    x.code = static_cast<ec>(from.getCode());
    wire::store_u64(&x.packet.bytes[0], from.getPacketIdLow());
    wire::store_u64(&x.packet.bytes[8], from.getPacketIdHigh());
    x.destination = wire::read_id(from.getDestination());
    x.at = wire::read_id(from.getAt());
    auto detail = wire::read_text("routing error: detail", from.getDetail(),
                                  routing_error_detail_max);
    if (!detail)
      return detail.error();
    x.detail = std::move(*detail);
    return x;
  };
  return wire::read_flat<wire::RoutingError>("routing error", bytes,
                                             error_bytes_max, true, read);
}

packet error_packet(const routing_error& x, const packet& about,
                    const packet_id& id, uint64_t timestamp) {
  auto result = packet{};
  result.id = id;
  result.timestamp = timestamp;
  result.source = x.at;
  result.destination = about.source;
  result.type = packet_type::control;
  result.priority = about.priority;
  result.flags = packet_flag::error;
  result.ttl = error_ttl;
  result.payload = encode(x);
  return result;
}

} // namespace starling::router
