#include "actors/membership/gossip_codec.hpp"

#include "actors/membership/revocation_gossip.hpp"
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
  auto x = digest{
    wire::read_id(from.getFirst()), wire::read_id(from.getLast()), {}, {}};
  const auto revocations = from.getRevocations();
  if (revocations.size() != 0 && revocations.size() != fingerprint_bytes)
    return failure{ec::malformed_input,
                   "gossip: a digest's revocations are no SHA-256"};
  x.revocations.assign(revocations.begin(), revocations.end());
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

result<void> read_ids(const char* what, capnp::List<wire::NodeId>::Reader from,
                      size_t count_max, std::vector<peer_id>& to) {
  if (from.size() > count_max)
    return too_many(what, from.size(), count_max);
  for (auto each : from) {
    const auto id = wire::read_id(each);
    // No node has it, and a list of them takes no bytes however long it is.
    if (id == peer_id{})
      return failure{ec::malformed_input,
                     std::string{"gossip: an id of zeros among the "} + what};
    to.push_back(id);
  }
  return {};
}

result<void> read_revocations(wire::GossipRecords::Reader from,
                              const gossip_limits& limits,
                              record_exchange& to) {
  if (from.getComparesRevocations())
    if (auto done = read_ids("revoked ids", from.getRevoked(),
                             limits.revoked_max, to.revoked.emplace());
        !done)
      return done;
  if (auto done = read_ids("revocations wanted", from.getWantedRevocations(),
                           limits.revoked_max, to.wanted_revocations);
      !done)
    return done;
  const auto records = from.getRevocations();
  if (records.size() > limits.revocations_max)
    return too_many("revocations", records.size(), limits.revocations_max);
  for (auto record : records) {
    if (record.size() > identity::revocation_bytes_max)
      return failure{ec::limit_reached, "gossip: a revocation is too long"};
    to.revocations.emplace_back(record.begin(), record.end());
  }
  return {};
}

result<record_exchange> read_exchange(wire::GossipRecords::Reader from,
                                      const gossip_limits& limits) {
  const auto records = from.getRecords();
  if (records.size() > limits.records_max)
    return too_many("records", records.size(), limits.records_max);
  auto x = record_exchange{};
  for (auto entry : records) {
    auto record = read_signed(entry);
    if (!record)
      return record.error();
    x.records.push_back(std::move(*record));
  }
  if (auto done
      = read_ids("ids wanted", from.getWanted(), limits.entries_max, x.wanted);
      !done)
    return done.error();
  if (auto done = read_revocations(from, limits, x); !done)
    return done.error();
  return x;
}

void write_ids(const std::vector<peer_id>& from,
               capnp::List<wire::NodeId>::Builder to) {
  for (auto i = 0U; i < to.size(); ++i)
    wire::write_id(to[i], from[i]);
}

/// Most messages have none, and get no longer by it.
void write_revocations(const record_exchange& x,
                       wire::GossipRecords::Builder root) {
  const auto count
    = [](const auto& list) { return static_cast<unsigned>(list.size()); };
  if (x.revoked) {
    root.setComparesRevocations(true);
    write_ids(*x.revoked, root.initRevoked(count(*x.revoked)));
  }
  if (!x.wanted_revocations.empty())
    write_ids(x.wanted_revocations,
              root.initWantedRevocations(count(x.wanted_revocations)));
  if (x.revocations.empty())
    return;
  auto records = root.initRevocations(count(x.revocations));
  for (auto i = 0U; i < records.size(); ++i)
    records.set(i, data_of(x.revocations[i]));
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
  if (!x.revocations.empty())
    root.setRevocations(data_of(x.revocations));
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
  write_revocations(x, root);
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
