#include "actors/membership/gossip_codec.hpp"

#include "messages/wire/membership.capnp.h"
#include "runtime/wire/flat_message.hpp"

#include <string>
#include <utility>

namespace starling::membership {

namespace {

using bytes_view = std::span<const uint8_t>;

failure too_many(const char* what, size_t count, size_t count_max) {
  return {ec::limit_reached, "gossip: " + std::to_string(count) + " " + what
                               + ", at most " + std::to_string(count_max)
                               + " are taken"};
}

/// Returns the only segment, or all of them in one.
template <class Schema>
std::vector<uint8_t>
flat_bytes(capnp::MessageBuilder& message, typename Schema::Builder root) {
  const auto segments = message.getSegmentsForOutput();
  if (segments.size() != 1)
    return wire::canonical_bytes<Schema>(root.asReader());
  const auto bytes = segments[0].asBytes();
  return {bytes.begin(), bytes.end()};
}

capnp::Data::Reader data_of(const std::vector<uint8_t>& x) {
  return {x.data(), x.size()};
}

result<digest> read_digest(wire::GossipDigest::Reader from,
                           size_t entries_max) {
  const auto versions = from.getVersions();
  if (versions.size() > entries_max)
    return too_many("entries in a digest", versions.size(), entries_max);
  auto x
    = digest{wire::read_id(from.getFirst()), wire::read_id(from.getLast()), {}};
  if (x.last < x.first)
    return failure{ec::malformed_input, "gossip: a digest of no range"};
  x.entries.reserve(versions.size());
  for (auto entry : versions) {
    const auto id = wire::read_id(entry.getId());
    const auto in_order = x.entries.empty() || x.entries.back().id < id;
    if (!in_order || id < x.first || x.last < id)
      return failure{ec::malformed_input,
                     "gossip: a digest's entries are out of order or range"};
    x.entries.push_back({id, {entry.getIncarnation(), entry.getTimestamp()}});
  }
  return x;
}

result<signed_record> read_signed(wire::SignedMemberRecord::Reader from) {
  const auto body = from.getRecord();
  const auto signature = from.getSignature();
  if (signature.size() > wire::signature_max)
    return failure{ec::limit_reached, "gossip: a signature has more than "
                                        + std::to_string(wire::signature_max)
                                        + " bytes"};
  const auto key = from.getKey();
  const auto credential = from.getCredential();
  if (key.size() > record_key_max || credential.size() > record_credential_max)
    return failure{ec::limit_reached,
                   "gossip: a record's key or credential is too long"};
  auto content = decode_record(bytes_view{body.begin(), body.size()});
  if (!content)
    return content.error();
  return signed_record{std::move(*content),
                       {body.begin(), body.end()},
                       {signature.begin(), signature.end()},
                       {key.begin(), key.end()},
                       {credential.begin(), credential.end()}};
}

result<record_exchange> read_exchange(wire::GossipRecords::Reader from,
                                      const gossip_limits& limits) {
  const auto records = from.getRecords();
  if (records.size() > limits.records_max)
    return too_many("records", records.size(), limits.records_max);
  const auto wanted = from.getWanted();
  if (wanted.size() > limits.entries_max)
    return too_many("ids wanted", wanted.size(), limits.entries_max);
  auto x = record_exchange{};
  for (auto entry : records) {
    auto record = read_signed(entry);
    if (!record)
      return record.error();
    x.records.push_back(std::move(*record));
  }
  for (auto id : wanted)
    x.wanted.push_back(wire::read_id(id));
  return x;
}

} // namespace

std::vector<uint8_t> encode(const digest& x) {
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<wire::GossipDigest>();
  wire::write_id(root.initFirst(), x.first);
  wire::write_id(root.initLast(), x.last);
  auto versions = root.initVersions(static_cast<unsigned>(x.entries.size()));
  for (auto i = 0U; i < versions.size(); ++i) {
    wire::write_id(versions[i].initId(), x.entries[i].id);
    versions[i].setIncarnation(x.entries[i].version.incarnation);
    versions[i].setTimestamp(x.entries[i].version.timestamp);
  }
  return flat_bytes<wire::GossipDigest>(message, root);
}

std::vector<uint8_t> encode(const record_exchange& x) {
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<wire::GossipRecords>();
  auto records = root.initRecords(static_cast<unsigned>(x.records.size()));
  for (auto i = 0U; i < records.size(); ++i) {
    records[i].setRecord(data_of(x.records[i].body));
    records[i].setSignature(data_of(x.records[i].signature));
    if (x.records[i].key.empty())
      continue;
    records[i].setKey(data_of(x.records[i].key));
    records[i].setCredential(data_of(x.records[i].credential));
  }
  auto wanted = root.initWanted(static_cast<unsigned>(x.wanted.size()));
  for (auto i = 0U; i < wanted.size(); ++i)
    wire::write_id(wanted[i], x.wanted[i]);
  return flat_bytes<wire::GossipRecords>(message, root);
}

result<digest> decode_digest(bytes_view bytes, const gossip_limits& limits) {
  return wire::read_flat<wire::GossipDigest>(
    "gossip digest", bytes, limits.bytes_max, false,
    [&](wire::GossipDigest::Reader from) {
      return read_digest(from, limits.entries_max);
    });
}

result<record_exchange> decode_exchange(bytes_view bytes,
                                        const gossip_limits& limits) {
  return wire::read_flat<wire::GossipRecords>(
    "gossip records", bytes, limits.bytes_max, false,
    [&](wire::GossipRecords::Reader from) {
      return read_exchange(from, limits);
    });
}

} // namespace starling::membership
