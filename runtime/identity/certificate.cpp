#include "runtime/identity/certificate.hpp"

#include "runtime/identity/canonical_bytes.hpp"
#include "runtime/identity/printable_text.hpp"
#include "runtime/identity/wire_codec.hpp"

#include <fmt/format.h>

#include <utility>

namespace starling::identity {

namespace {

using time_point = std::chrono::system_clock::time_point;

constexpr std::string_view signature_context = "starling/membership/1";

std::vector<uint8_t> signed_bytes(const certificate_body& body) {
  return canonical_bytes{}
    .id(body.cluster)
    .id(body.subject)
    .id(body.issuer)
    .number(body.serial)
    .time(body.not_before)
    .time(body.not_after)
    .number(body.may_sponsor ? 1 : 0)
    .text(body.name)
    .get();
}

std::string date_of(time_point time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const auto date = std::chrono::year_month_day{day};
  const auto hours = std::chrono::hh_mm_ss{
    std::chrono::floor<std::chrono::seconds>(time) - day};
  return fmt::format(
    "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
    hours.hours().count(), hours.minutes().count(), hours.seconds().count());
}

failure refused(ec code, std::string_view whose, const certificate_body& body,
                std::string_view why) {
  return {code, fmt::format("{} certificate of node {}: {}", whose,
                            short_name(body.subject), why)};
}

result<void> check_form(const certificate_body& body) {
  const auto invalid = [&](std::string_view why) {
    return refused(ec::invalid_option, "cannot issue the", body, why);
  };
  if (body.name.size() > name_bytes_max)
    return invalid(fmt::format("its name has {} bytes, the most is {}",
                               body.name.size(), name_bytes_max));
  if (!is_printable(body.name))
    return invalid("its name is not printable UTF-8");
  if (!is_record_time(body.not_before) || !is_record_time(body.not_after))
    return invalid("its validity is not within 1970 to 2242");
  if (body.not_before >= body.not_after)
    return invalid("its validity ends before it starts");
  return {};
}

result<membership> sign_body(const private_key& issuer, certificate_body body,
                             Botan::RandomNumberGenerator& rng) {
  body.not_before = std::chrono::floor<std::chrono::seconds>(body.not_before);
  body.not_after = std::chrono::floor<std::chrono::seconds>(body.not_after);
  if (auto ok = check_form(body); !ok)
    return ok.error();
  auto signature = issuer.sign(signature_context, signed_bytes(body), rng);
  return membership{std::move(body), std::move(signature), std::nullopt};
}

/// What holds for the certificate of a member and of its sponsor alike.
result<void> check_body(const certificate_body& body, std::string_view whose,
                        const peer_id& cluster, time_point now,
                        const revocation_check& is_revoked) {
  if (body.cluster != cluster)
    return refused(ec::authentication_failed, whose, body,
                   fmt::format("it is for cluster {}, not {}",
                               short_name(body.cluster), short_name(cluster)));
  if (now < body.not_before)
    return refused(ec::authentication_failed, whose, body,
                   fmt::format("not yet valid at {}, valid from {}; compare "
                               "the clocks of both nodes",
                               date_of(now), date_of(body.not_before)));
  if (now >= body.not_after)
    return refused(ec::authentication_failed, whose, body,
                   fmt::format("expired at {}; the node has to join again",
                               date_of(body.not_after)));
  if (is_revoked && is_revoked(body.subject))
    return refused(ec::revoked, whose, body, "the node was revoked");
  return {};
}

result<void> check_signature(const certificate_body& body,
                             std::string_view whose, const public_key& issuer,
                             std::span<const uint8_t> signature) {
  if (issuer.verify(signature_context, signed_bytes(body), signature))
    return {};
  return refused(
    ec::authentication_failed, whose, body,
    fmt::format("bad signature, not made by {}", short_name(issuer.id())));
}

/// Does the sponsor's proof show that it may issue `body`?
result<void> check_sponsor(const membership::sponsor_proof& proof,
                           const certificate_body& body, const peer_id& cluster,
                           time_point now, const revocation_check& is_revoked) {
  const auto denied = [&](std::string_view why) {
    return refused(ec::permission_denied, "the", body, why);
  };
  if (proof.body.subject != body.issuer || proof.key.id() != body.issuer)
    return denied("the proof of its sponsor is about another node");
  if (!proof.body.may_sponsor || proof.body.issuer != cluster)
    return denied(
      fmt::format("its issuer {} may not sponsor", short_name(body.issuer)));
  if (body.may_sponsor)
    return denied("only the cluster key can make sponsors");
  return check_body(proof.body, "the sponsor's", cluster, now, is_revoked);
}

result<membership::sponsor_proof> read_proof(wire::SponsorProof::Reader from) {
  auto body = wire_codec::read_body(from.getBody());
  if (!body)
    return body.error();
  auto signature = wire_codec::read_signature(from.getSignature());
  if (!signature)
    return signature.error();
  const auto data = from.getKey();
  auto key = public_key::parse({data.begin(), data.size()});
  if (!key)
    return key.error();
  return membership::sponsor_proof{std::move(*key), std::move(*body),
                                   std::move(*signature)};
}

result<membership> read_membership(wire::MembershipCertificate::Reader from) {
  auto body = wire_codec::read_body(from.getBody());
  if (!body)
    return body.error();
  auto signature = wire_codec::read_signature(from.getSignature());
  if (!signature)
    return signature.error();
  auto claim
    = membership{std::move(*body), std::move(*signature), std::nullopt};
  if (from.hasSponsor()) {
    auto proof = read_proof(from.getSponsor());
    if (!proof)
      return proof.error();
    claim.sponsor = std::move(*proof);
  }
  return claim;
}

} // namespace

result<membership> issue(const private_key& cluster, certificate_body body,
                         Botan::RandomNumberGenerator& rng) {
  body.cluster = cluster.id();
  body.issuer = cluster.id();
  return sign_body(cluster, std::move(body), rng);
}

result<membership> issue(const private_key& sponsor, const membership& own,
                         certificate_body body,
                         Botan::RandomNumberGenerator& rng) {
  if (own.sponsor || !own.body.may_sponsor || own.body.subject != sponsor.id())
    return failure{ec::permission_denied,
                   fmt::format("node {} may not sponsor: its own certificate "
                               "does not say so; ask the cluster's operator",
                               short_name(sponsor.id()))};
  if (body.may_sponsor)
    return failure{ec::permission_denied, "only the cluster key can make "
                                          "sponsors"};
  body.cluster = own.body.cluster;
  body.issuer = sponsor.id();
  auto issued = sign_body(sponsor, std::move(body), rng);
  if (issued)
    issued->sponsor = membership::sponsor_proof{sponsor.public_part(), own.body,
                                                own.signature};
  return issued;
}

result<certificate_body> check(const membership& claim,
                               const public_key& cluster,
                               const peer_id& subject, time_point now,
                               const revocation_check& is_revoked) {
  const auto& body = claim.body;
  const auto cluster_id = cluster.id();
  if (body.subject != subject)
    return refused(ec::authentication_failed, "the", body,
                   fmt::format("wrong subject: it was presented by node {}",
                               short_name(subject)));
  if (auto ok = check_body(body, "the", cluster_id, now, is_revoked); !ok)
    return ok.error();
  if (!claim.sponsor) {
    if (body.issuer != cluster_id)
      return refused(ec::permission_denied, "the", body,
                     fmt::format("its issuer {} may not sponsor: no proof",
                                 short_name(body.issuer)));
    if (auto ok = check_signature(body, "the", cluster, claim.signature); !ok)
      return ok.error();
    return body;
  }
  const auto& proof = *claim.sponsor;
  if (auto ok = check_sponsor(proof, body, cluster_id, now, is_revoked); !ok)
    return ok.error();
  if (auto ok
      = check_signature(proof.body, "the sponsor's", cluster, proof.signature);
      !ok)
    return ok.error();
  if (auto ok = check_signature(body, "the", proof.key, claim.signature); !ok)
    return ok.error();
  return body;
}

std::vector<uint8_t> encode(const membership& x) {
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<wire::MembershipCertificate>();
  wire_codec::write_body(x.body, root.initBody());
  root.setSignature(wire_codec::view_of(x.signature));
  if (x.sponsor) {
    auto proof = root.initSponsor();
    proof.setKey(wire_codec::view_of(x.sponsor->key.bytes()));
    wire_codec::write_body(x.sponsor->body, proof.initBody());
    proof.setSignature(wire_codec::view_of(x.sponsor->signature));
  }
  return wire_codec::to_bytes(message);
}

result<membership> decode_membership(std::span<const uint8_t> bytes) {
  return wire_codec::read_message<wire::MembershipCertificate>(
    bytes, membership_bytes_max, "membership certificate", read_membership);
}

} // namespace starling::identity
