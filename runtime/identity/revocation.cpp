#include "runtime/identity/revocation.hpp"

#include "runtime/identity/canonical_bytes.hpp"
#include "runtime/identity/printable_text.hpp"
#include "runtime/identity/wire_codec.hpp"

#include <fmt/format.h>

#include <optional>

namespace starling::identity {

namespace {

constexpr std::string_view signature_context = "starling/revocation/1";

std::vector<uint8_t> signed_bytes(const revocation& record) {
  return canonical_bytes{}
    .id(record.cluster)
    .id(record.subject)
    .time(record.time)
    .text(record.reason)
    .get();
}

failure refused(ec code, const revocation& record, std::string_view why) {
  return {code, fmt::format("revocation of node {}: {}",
                            short_name(record.subject), why)};
}

/// Returns what is wrong with the fields, if anything.
std::optional<std::string> flaw_of(const revocation& record) {
  if (record.subject == record.cluster)
    return "the cluster's own key can't be revoked; make a new cluster";
  if (record.reason.size() > reason_bytes_max)
    return fmt::format("the reason has {} bytes, the most is {}",
                       record.reason.size(), reason_bytes_max);
  if (!is_printable(record.reason))
    return "the reason is not printable UTF-8";
  if (!is_record_time(record.time))
    return "its time is not within 1970 to 2242";
  return std::nullopt;
}

} // namespace

result<revocation> revoke(const private_key& cluster, const peer_id& subject,
                          std::chrono::system_clock::time_point now,
                          std::string_view reason,
                          Botan::RandomNumberGenerator& rng) {
  auto record = revocation{cluster.id(),
                           subject,
                           std::chrono::floor<std::chrono::seconds>(now),
                           std::string{reason},
                           {}};
  if (const auto flaw = flaw_of(record))
    return refused(ec::invalid_option, record, *flaw);
  record.signature = cluster.sign(signature_context, signed_bytes(record), rng);
  return record;
}

result<void> check(const revocation& record, const public_key& cluster) {
  if (record.cluster != cluster.id())
    return refused(ec::authentication_failed, record,
                   fmt::format("it is for cluster {}, not {}",
                               short_name(record.cluster),
                               short_name(cluster.id())));
  if (const auto flaw = flaw_of(record))
    return refused(ec::malformed_input, record, *flaw);
  if (!cluster.verify(signature_context, signed_bytes(record),
                      record.signature))
    return refused(ec::authentication_failed, record,
                   "bad signature, not made by the cluster key");
  return {};
}

std::vector<uint8_t> encode(const revocation& x) {
  auto message = capnp::MallocMessageBuilder{};
  wire_codec::write_revocation(x, message.initRoot<wire::RevocationRecord>());
  return wire_codec::to_bytes(message);
}

result<revocation> decode_revocation(std::span<const uint8_t> bytes) {
  return wire_codec::read_message<wire::RevocationRecord>(
    bytes, revocation_bytes_max, "revocation", wire_codec::read_revocation);
}

} // namespace starling::identity
