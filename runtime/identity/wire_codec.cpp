#include "runtime/identity/wire_codec.hpp"

#include "runtime/identity/canonical_bytes.hpp"
#include "runtime/identity/printable_text.hpp"

#include <algorithm>
#include <string>

namespace starling::identity::wire_codec {

namespace {

result<std::string> read_text(capnp::Text::Reader from, size_t bytes_max,
                              std::string_view field) {
  if (from.size() > bytes_max)
    return malformed(field, fmt::format("{} bytes, expected at most {}",
                                        from.size(), bytes_max));
  auto text = std::string{from.begin(), from.size()};
  if (!is_printable(text))
    return malformed(field, "not printable UTF-8");
  return text;
}

result<std::chrono::sys_seconds> read_time(int64_t from,
                                           std::string_view field) {
  if (auto time = time_from_seconds(from))
    return *time;
  return malformed(field, fmt::format("second {} is not in 0 to {}", from,
                                      record_seconds_max));
}

} // namespace

std::vector<uint8_t> to_bytes(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {bytes.begin(), bytes.end()};
}

capnp::Data::Reader view_of(std::span<const uint8_t> bytes) {
  return {bytes.data(), bytes.size()};
}

failure malformed(std::string_view what, std::string_view why) {
  return {ec::malformed_input, fmt::format("malformed {}: {}", what, why)};
}

result<peer_id> read_id(capnp::Data::Reader from, std::string_view field) {
  if (from.size() != peer_id::size)
    return malformed(
      field, fmt::format("{} bytes, expected {}", from.size(), peer_id::size));
  auto id = peer_id{};
  std::copy(from.begin(), from.end(), id.bytes.begin());
  return id;
}

result<std::vector<uint8_t>> read_signature(capnp::Data::Reader from) {
  if (from.size() != signature_size)
    return malformed("signature", fmt::format("{} bytes, expected {}",
                                              from.size(), signature_size));
  return std::vector<uint8_t>{from.begin(), from.end()};
}

result<certificate_body> read_body(wire::CertificateBody::Reader from) {
  const auto cluster = read_id(from.getCluster(), "cluster id");
  if (!cluster)
    return cluster.error();
  const auto subject = read_id(from.getSubject(), "subject id");
  if (!subject)
    return subject.error();
  const auto issuer = read_id(from.getIssuer(), "issuer id");
  if (!issuer)
    return issuer.error();
  const auto not_before = read_time(from.getNotBefore(), "start of validity");
  if (!not_before)
    return not_before.error();
  const auto not_after = read_time(from.getNotAfter(), "end of validity");
  if (!not_after)
    return not_after.error();
  auto name = read_text(from.getName(), name_bytes_max, "node name");
  if (!name)
    return name.error();
  return certificate_body{*cluster,
                          *subject,
                          *issuer,
                          from.getSerial(),
                          *not_before,
                          *not_after,
                          from.getMaySponsor(),
                          std::move(*name)};
}

result<revocation> read_revocation(wire::RevocationRecord::Reader from) {
  const auto cluster = read_id(from.getCluster(), "cluster id");
  if (!cluster)
    return cluster.error();
  const auto subject = read_id(from.getSubject(), "subject id");
  if (!subject)
    return subject.error();
  const auto time = read_time(from.getTime(), "time of revocation");
  if (!time)
    return time.error();
  auto reason
    = read_text(from.getReason(), reason_bytes_max, "reason of revocation");
  if (!reason)
    return reason.error();
  auto signature = read_signature(from.getSignature());
  if (!signature)
    return signature.error();
  return revocation{*cluster, *subject, *time, std::move(*reason),
                    std::move(*signature)};
}

void write_body(const certificate_body& from,
                wire::CertificateBody::Builder to) {
  to.setCluster(view_of(from.cluster.bytes));
  to.setSubject(view_of(from.subject.bytes));
  to.setIssuer(view_of(from.issuer.bytes));
  to.setSerial(from.serial);
  to.setNotBefore(seconds_since_1970(from.not_before));
  to.setNotAfter(seconds_since_1970(from.not_after));
  to.setMaySponsor(from.may_sponsor);
  to.setName(from.name.c_str());
}

void write_revocation(const revocation& from,
                      wire::RevocationRecord::Builder to) {
  to.setCluster(view_of(from.cluster.bytes));
  to.setSubject(view_of(from.subject.bytes));
  to.setTime(seconds_since_1970(from.time));
  to.setReason(from.reason.c_str());
  to.setSignature(view_of(from.signature));
}

} // namespace starling::identity::wire_codec
