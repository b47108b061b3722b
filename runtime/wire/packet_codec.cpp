#include "runtime/wire/packet_codec.hpp"

#include "messages/wire/packet.capnp.h"
#include "runtime/wire/flat_message.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <string>
#include <utility>

namespace starling::wire {

namespace {

constexpr size_t word_size = sizeof(capnp::word);

/// A stream message of one segment starts with the number of segments less one
/// and the segment's words, 32 bits each.
constexpr size_t framing_size = 8;

constexpr size_t header_words = 14;
constexpr size_t header_words_max = 64;
constexpr size_t header_size = framing_size + header_words * word_size;

/// Root pointer, one word of data, the pointer to the route.
constexpr size_t relay_words_min = 3;

/// What an entry of a route may take, words.
constexpr size_t hop_words_max = 16;

using const_bytes = std::span<const uint8_t>;

failure malformed(std::string text) {
  return {ec::malformed_input, "packet: " + std::move(text)};
}

/// Cuts one stream message off `bytes` and returns its segment.
result<const_bytes> take_segment(std::string_view what, const_bytes& bytes,
                                 size_t words_max) {
  if (bytes.size() < framing_size)
    return malformed(std::string{what} + " is cut off");
  const auto framing = load_u64(bytes.data());
  const auto words = static_cast<size_t>(framing >> 32);
  if ((framing & 0xffff'ffffU) != 0)
    return malformed(std::string{what} + " has more than one segment");
  if (words == 0 || words > words_max)
    return failure{ec::limit_reached,
                   "packet: " + std::string{what} + " has "
                     + std::to_string(words) + " words, 1 to "
                     + std::to_string(words_max) + " are taken"};
  if (bytes.size() < framing_size + words * word_size)
    return malformed(std::string{what} + " is cut off");
  const auto result = bytes.subspan(framing_size, words * word_size);
  bytes = bytes.subspan(framing_size + words * word_size);
  return result;
}

result<route_hop> read_hop(PacketHop::Reader from) {
  auto transport = read_text("packet: a transport's name", from.getTransport(),
                             transport_name_max);
  if (!transport)
    return transport.error();
  const auto reliability = from.getReliability();
  // Also false for NaN.
  if (!(reliability >= 0.0F && reliability <= 1.0F))
    return malformed("a hop's reliability is not between 0 and 1");
  return route_hop{read_id(from.getPeer()), std::move(*transport),
                   from.getLatencyUs(), reliability};
}

result<void> read_relay(PacketRelay::Reader from, size_t hops_max, packet& to) {
  to.ttl = from.getTtl();
  to.hop_count = from.getHopCount();
  if (!from.hasRoute())
    return {};
  const auto route = from.getRoute();
  if (route.size() > hops_max)
    return failure{ec::limit_reached,
                   "packet: its route has " + std::to_string(route.size())
                     + " hops, at most " + std::to_string(hops_max)
                     + " are taken"};
  to.route.reserve(route.size());
  for (auto entry : route) {
    auto hop = read_hop(entry);
    if (!hop)
      return hop.error();
    to.route.push_back(std::move(*hop));
  }
  return {};
}

/// Returns the length of the payload.
result<size_t> read_header(PacketHeader::Reader from, packet& to) {
  if (from.getVersion() != packet_version)
    return failure{ec::negotiation_failed, "packet: version "
                                             + std::to_string(from.getVersion())
                                             + " is not known here, only "
                                             + std::to_string(packet_version)};
  if (from.getType() > static_cast<uint8_t>(packet_type_last))
    return malformed("unknown type " + std::to_string(from.getType()));
  if (from.getPriority() > packet_priority_max)
    return malformed("priority " + std::to_string(from.getPriority())
                     + " is above " + std::to_string(packet_priority_max));
  to.version = from.getVersion();
  to.type = static_cast<packet_type>(from.getType());
  to.priority = from.getPriority();
  to.flags = from.getFlags();
  to.timestamp = from.getTimestamp();
  store_u64(&to.id.bytes[0], from.getIdLow());
  store_u64(&to.id.bytes[8], from.getIdHigh());
  store_u64(&to.source.bytes[0], from.getSourceA());
  store_u64(&to.source.bytes[8], from.getSourceB());
  store_u64(&to.source.bytes[16], from.getSourceC());
  store_u64(&to.source.bytes[24], from.getSourceD());
  store_u64(&to.destination.bytes[0], from.getDestinationA());
  store_u64(&to.destination.bytes[8], from.getDestinationB());
  store_u64(&to.destination.bytes[16], from.getDestinationC());
  store_u64(&to.destination.bytes[24], from.getDestinationD());
  return size_t{from.getPayloadLength()};
}

result<void> check_whole(const packet_view& x) {
  const auto& head = x.head;
  if (!head.route.empty() && !head.has(packet_flag::record_route))
    return malformed("it has a route, but no flag that says so");
  if (head.route.size() > head.hop_count)
    return malformed("its route is longer than its way");
  if (head.has(packet_flag::is_signed) != !x.signature.empty())
    return malformed(x.signature.empty() ? "its signature is missing"
                                         : "bytes follow its payload");
  if (x.signature.size() > signature_max)
    return failure{ec::limit_reached, "packet: its signature has more than "
                                        + std::to_string(signature_max)
                                        + " bytes"};
  return {};
}

/// Writes a builder's only segment with its framing.
void write_segment(capnp::MessageBuilder& from, std::span<uint8_t> out) {
  const auto segments = from.getSegmentsForOutput();
  assert(segments.size() == 1);
  const auto bytes = segments[0].asBytes();
  assert(bytes.size() + framing_size == out.size());
  store_u64(out.data(), uint64_t{segments[0].size()} << 32);
  std::memcpy(out.data() + framing_size, bytes.begin(), bytes.size());
}

size_t words_of(const route_hop& x) {
  // Its struct, its id, its text with a zero at the end.
  return 3 + 4 + (x.transport.size() + word_size) / word_size;
}

size_t relay_size(const packet& x, const route_hop* taken) {
  auto words = relay_words_min;
  if (!x.route.empty() || taken != nullptr)
    words += 1;
  for (const auto& hop : x.route)
    words += words_of(hop);
  if (taken != nullptr)
    words += words_of(*taken);
  return framing_size + words * word_size;
}

void write_hop(PacketHop::Builder to, const route_hop& x) {
  assert(x.transport.size() <= transport_name_max);
  assert(x.reliability >= 0.0F && x.reliability <= 1.0F);
  write_id(to.initPeer(), x.peer);
  to.setTransport(kj::StringPtr{x.transport.data(), x.transport.size()});
  to.setLatencyUs(x.latency_us);
  to.setReliability(x.reliability);
}

void write_relay(uint8_t ttl, uint8_t hop_count,
                 const std::vector<route_hop>& route, const route_hop* taken,
                 std::span<uint8_t> out) {
  // Large enough for one segment, on the stack where no route is recorded.
  auto small = std::array<capnp::word, relay_words_min + 1>{};
  auto large = std::vector<uint64_t>{};
  auto scratch = kj::arrayPtr(small.data(), small.size());
  if (const auto words = out.size() / word_size; words > small.size()) {
    large.resize(words);
    void* start = large.data();
    scratch = kj::arrayPtr(static_cast<capnp::word*>(start), words);
  }
  auto message = capnp::MallocMessageBuilder{scratch};
  auto root = message.initRoot<PacketRelay>();
  root.setTtl(ttl);
  root.setHopCount(hop_count);
  const auto count = route.size() + (taken != nullptr ? 1 : 0);
  if (count > 0) {
    auto list = root.initRoute(static_cast<unsigned>(count));
    auto index = 0U;
    for (const auto& hop : route)
      write_hop(list[index++], hop);
    if (taken != nullptr)
      write_hop(list[index], *taken);
  }
  write_segment(message, out);
}

void write_header(const packet& x, std::span<uint8_t> out) {
  auto scratch = std::array<capnp::word, header_words + 1>{};
  auto message
    = capnp::MallocMessageBuilder{kj::arrayPtr(scratch.data(), scratch.size())};
  auto root = message.initRoot<PacketHeader>();
  root.setIdLow(load_u64(&x.id.bytes[0]));
  root.setIdHigh(load_u64(&x.id.bytes[8]));
  root.setTimestamp(x.timestamp);
  root.setSourceA(load_u64(&x.source.bytes[0]));
  root.setSourceB(load_u64(&x.source.bytes[8]));
  root.setSourceC(load_u64(&x.source.bytes[16]));
  root.setSourceD(load_u64(&x.source.bytes[24]));
  root.setDestinationA(load_u64(&x.destination.bytes[0]));
  root.setDestinationB(load_u64(&x.destination.bytes[8]));
  root.setDestinationC(load_u64(&x.destination.bytes[16]));
  root.setDestinationD(load_u64(&x.destination.bytes[24]));
  root.setPayloadLength(static_cast<uint32_t>(x.payload.size()));
  root.setFlags(x.flags);
  root.setType(static_cast<uint8_t>(x.type));
  root.setPriority(x.priority);
  root.setVersion(x.version);
  write_segment(message, out);
}

void copy_to(std::span<uint8_t> out, const_bytes from) {
  assert(out.size() >= from.size());
  if (!from.empty())
    std::memcpy(out.data(), from.data(), from.size());
}

/// Returns the hop if the packet wants it and has room for it.
const route_hop* recorded(const packet& head, const route_hop* taken) {
  if (!head.has(packet_flag::record_route)
      || head.route.size() >= route_hops_max)
    return nullptr;
  return taken;
}

} // namespace

result<packet_view> view(const_bytes bytes, const packet_limits& limits) {
  auto result = packet_view{};
  auto rest = bytes;
  auto relay = take_segment(
    "relay part", rest, relay_words_min + 1 + limits.hops_max * hop_words_max);
  if (!relay)
    return relay.error();
  auto relay_read = read_flat<PacketRelay>(
    "packet: relay part", *relay, relay->size(), false,
    [&](PacketRelay::Reader from) {
      return read_relay(from, limits.hops_max, result.head);
    });
  if (!relay_read)
    return relay_read.error();
  result.fixed_bytes = rest;
  auto header = take_segment("header", rest, header_words_max);
  if (!header)
    return header.error();
  auto length = read_flat<PacketHeader>(
    "packet: header", *header, header->size(), true,
    [&](PacketHeader::Reader from) { return read_header(from, result.head); });
  if (!length)
    return length.error();
  // Version 1 has no fields beyond those; a later one must say so.
  if (header->size() != header_words * word_size
      || load_u64(&header->back() - 7) > UINT16_MAX)
    return malformed("its header holds more than version 1 has");
  if (*length > limits.payload_max)
    return failure{ec::limit_reached,
                   "packet: its payload has " + std::to_string(*length)
                     + " bytes, at most " + std::to_string(limits.payload_max)
                     + " are taken"};
  if (*length > rest.size())
    return malformed("its payload is cut off");
  result.payload = rest.first(*length);
  result.signature = rest.subspan(*length);
  result.signed_bytes = result.fixed_bytes.first(result.fixed_bytes.size()
                                                 - result.signature.size());
  if (auto whole = check_whole(result); !whole)
    return whole.error();
  return result;
}

result<packet> decode(const_bytes bytes, const packet_limits& limits) {
  auto seen = view(bytes, limits);
  if (!seen)
    return seen.error();
  auto result = std::move(seen->head);
  result.payload.assign(seen->payload.begin(), seen->payload.end());
  result.signature.assign(seen->signature.begin(), seen->signature.end());
  return result;
}

size_t encoded_size(const packet& x) {
  return relay_size(x, nullptr) + header_size + x.payload.size()
         + x.signature.size();
}

void encode_to(const packet& x, std::span<uint8_t> out) {
  assert(out.size() == encoded_size(x));
  assert(x.version != 0 && x.priority <= packet_priority_max);
  assert(x.route.empty() || x.has(packet_flag::record_route));
  assert(x.route.size() <= x.hop_count);
  assert(x.has(packet_flag::is_signed) != x.signature.empty());
  assert(x.payload.size() <= UINT32_MAX);
  const auto relay = relay_size(x, nullptr);
  write_relay(x.ttl, x.hop_count, x.route, nullptr, out.first(relay));
  write_header(x, out.subspan(relay, header_size));
  out = out.subspan(relay + header_size);
  copy_to(out, x.payload);
  copy_to(out.subspan(x.payload.size()), x.signature);
}

std::vector<uint8_t> encode(const packet& x) {
  auto result = std::vector<uint8_t>(encoded_size(x));
  encode_to(x, result);
  return result;
}

size_t forwarded_size(const packet_view& x, const route_hop* taken) {
  return relay_size(x.head, recorded(x.head, taken)) + x.fixed_bytes.size();
}

void forward_to(const packet_view& x, const route_hop* taken,
                std::span<uint8_t> out) {
  assert(x.head.ttl > 0);
  assert(out.size() == forwarded_size(x, taken));
  const auto* entry = recorded(x.head, taken);
  const auto relay = relay_size(x.head, entry);
  // A count at its end stays there: the hops left bound the way.
  const auto hop_count = std::min(x.head.hop_count + 1, UINT8_MAX);
  write_relay(static_cast<uint8_t>(x.head.ttl - 1),
              static_cast<uint8_t>(hop_count), x.head.route, entry,
              out.first(relay));
  copy_to(out.subspan(relay), x.fixed_bytes);
}

std::vector<uint8_t> forward(const packet_view& x, const route_hop* taken) {
  auto result = std::vector<uint8_t>(forwarded_size(x, taken));
  forward_to(x, taken, result);
  return result;
}

void sign(packet& x, const sign_fn& signer) {
  x.flags |= packet_flag::is_signed;
  auto message = std::vector<uint8_t>(header_size + x.payload.size());
  write_header(x, std::span{message}.first(header_size));
  copy_to(std::span{message}.subspan(header_size), x.payload);
  x.signature = signer(packet_context, message);
}

bool is_signed_by_source(const packet_view& x, const verify_fn& verify) {
  return !x.signature.empty()
         && verify(x.head.source, packet_context, x.signed_bytes, x.signature);
}

} // namespace starling::wire
