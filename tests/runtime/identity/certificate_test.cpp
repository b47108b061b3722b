#include "runtime/identity/certificate.hpp"

#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace starling::identity;
using namespace std::chrono_literals;

namespace {

using std::chrono::sys_days;
using std::chrono::year;

const std::chrono::system_clock::time_point start
  = sys_days{year{2030} / 1 / 1};
const auto middle = start + 24h;
const auto end = start + 48h;

const auto none_revoked = [](const peer_id&) { return false; };

struct fixture {
  seeded_rng rng{1};
  private_key cluster = private_key::generate(rng);
  private_key sponsor = private_key::generate(rng);
  private_key node = private_key::generate(rng);
  private_key stranger = private_key::generate(rng);
  membership of_sponsor
    = *issue(cluster, body_for(sponsor.id(), true, "sponsor"), rng);
  membership of_node = *issue(sponsor, of_sponsor, body_for(node.id()), rng);

  static certificate_body body_for(const peer_id& subject,
                                   bool may_sponsor = false,
                                   std::string name = "node-7") {
    auto body = certificate_body{};
    body.subject = subject;
    body.serial = 7;
    body.not_before = start;
    body.not_after = end;
    body.may_sponsor = may_sponsor;
    body.name = std::move(name);
    return body;
  }

  result<certificate_body> check_node(const membership& claim) const {
    return check(claim, cluster.public_part(), node.id(), middle, none_revoked);
  }

  /// Returns code and text of the refusal.
  failure refusal(const membership& claim) const {
    const auto checked = check_node(claim);
    REQUIRE(!checked);
    return checked.error();
  }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("runtime/identity/certificate");

TEST_CASE_FIXTURE(fixture, "the cluster key admits a node") {
  const auto claim = *issue(cluster, body_for(node.id()), rng);
  const auto body = check_node(claim);
  REQUIRE(body);
  CHECK(body->cluster == cluster.id());
  CHECK(body->issuer == cluster.id());
  CHECK(body->subject == node.id());
  CHECK(body->serial == 7);
  CHECK(body->name == "node-7");
  CHECK(!claim.sponsor);
}

TEST_CASE_FIXTURE(fixture, "a sponsor admits a node in the cluster's name") {
  const auto body = check_node(of_node);
  REQUIRE(body);
  CHECK(body->cluster == cluster.id());
  CHECK(body->issuer == sponsor.id());
  CHECK(!body->may_sponsor);
}

TEST_CASE_FIXTURE(fixture, "it is valid from its start until before its end") {
  const auto at = [&](std::chrono::system_clock::time_point now) {
    return check(of_node, cluster.public_part(), node.id(), now, none_revoked);
  };
  CHECK(at(start));
  CHECK(at(end - 1ns));
  const auto early = at(start - 1ns);
  REQUIRE(!early);
  CHECK(early.error().code == ec::authentication_failed);
  CHECK(contains(early.error().text, "not yet valid"));
  const auto late = at(end);
  REQUIRE(!late);
  CHECK(late.error().code == ec::authentication_failed);
  CHECK(contains(late.error().text, "expired at 2030-01-03 00:00:00 UTC"));
}

TEST_CASE_FIXTURE(fixture, "the sponsor has to be valid at that time, too") {
  auto brief = body_for(sponsor.id(), true);
  brief.not_after = start + 1h;
  const auto own = *issue(cluster, brief, rng);
  const auto claim = *issue(sponsor, own, body_for(node.id()), rng);
  const auto refused = refusal(claim);
  CHECK(refused.code == ec::authentication_failed);
  CHECK(contains(refused.text, "the sponsor's certificate"));
  CHECK(contains(refused.text, "expired"));
}

TEST_CASE_FIXTURE(fixture, "another node can't present it") {
  const auto refused = check(of_node, cluster.public_part(), stranger.id(),
                             middle, none_revoked);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::authentication_failed);
  CHECK(contains(refused.error().text, "wrong subject"));
}

TEST_CASE_FIXTURE(fixture, "it is no good for another cluster") {
  const auto refused
    = check(of_node, stranger.public_part(), node.id(), middle, none_revoked);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::authentication_failed);
  CHECK(contains(refused.error().text, "it is for cluster"));
}

TEST_CASE_FIXTURE(fixture, "a revoked subject or sponsor is refused") {
  for (const auto& revoked : {node.id(), sponsor.id()}) {
    const auto refused
      = check(of_node, cluster.public_part(), node.id(), middle,
              [&](const peer_id& id) { return id == revoked; });
    REQUIRE(!refused);
    CHECK(refused.error().code == ec::revoked);
    CHECK(contains(refused.error().text, short_name(revoked)));
  }
}

TEST_CASE_FIXTURE(fixture, "changing any field breaks the signature") {
  const auto change = [&](auto edit) {
    auto claim = of_node;
    edit(claim.body);
    const auto refused = refusal(claim);
    CHECK(refused.code == ec::authentication_failed);
    CHECK(contains(refused.text, "bad signature"));
  };
  change([](auto& body) { body.serial = 8; });
  change([](auto& body) { body.not_before -= 1s; });
  change([](auto& body) { body.not_after += 1s; });
  change([](auto& body) { body.name = "node-8"; });
  auto claim = of_node;
  claim.sponsor->body.not_after += 1s;
  CHECK(contains(refusal(claim).text, "bad signature"));
}

TEST_CASE_FIXTURE(fixture, "a stranger can't issue in the cluster's name") {
  auto claim = *issue(stranger, body_for(node.id()), rng);
  claim.body.cluster = cluster.id();
  CHECK(contains(refusal(claim).text, "may not sponsor"));
  claim.body.issuer = cluster.id();
  CHECK(contains(refusal(claim).text, "bad signature"));
}

TEST_CASE_FIXTURE(fixture, "a node that may not sponsor admits nobody") {
  const auto plain = *issue(cluster, body_for(stranger.id()), rng);
  const auto refused = issue(stranger, plain, body_for(node.id()), rng);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::permission_denied);

  // It forges what `issue` would not make for it.
  auto forged_own = plain;
  forged_own.body.may_sponsor = true;
  auto claim = *issue(stranger, forged_own, body_for(node.id()), rng);
  CHECK(contains(refusal(claim).text, "bad signature"));
  claim.sponsor->body.may_sponsor = false;
  CHECK(refusal(claim).code == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "a stranger can't hide behind a sponsor's proof") {
  auto claim = *issue(stranger, body_for(node.id()), rng);
  claim.body.cluster = cluster.id();
  claim.sponsor = of_node.sponsor;
  CHECK(refusal(claim).code == ec::permission_denied);
  claim.body.issuer = sponsor.id();
  CHECK(contains(refusal(claim).text, "bad signature"));
  claim.sponsor->key = stranger.public_part();
  CHECK(refusal(claim).code == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "another's certificate does not make a sponsor") {
  auto forged_own = of_sponsor;
  forged_own.body.subject = stranger.id();
  auto claim = *issue(stranger, forged_own, body_for(node.id()), rng);
  CHECK(contains(refusal(claim).text, "bad signature"));
  // All signatures hold now, but the proof is about another node.
  claim.sponsor->body = of_sponsor.body;
  const auto refused = refusal(claim);
  CHECK(refused.code == ec::permission_denied);
  CHECK(contains(refused.text, "about another node"));
}

TEST_CASE_FIXTURE(fixture,
                  "a sponsor can't make sponsors, so chains are short") {
  const auto refused
    = issue(sponsor, of_sponsor, body_for(node.id(), true), rng);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::permission_denied);

  auto body = body_for(node.id(), true);
  body.cluster = cluster.id();
  body.issuer = sponsor.id();
  auto claim = of_node;
  claim.body = body;
  CHECK(refusal(claim).code == ec::permission_denied);

  // A member that a sponsor admitted does not pass as a sponsor.
  auto own = of_node;
  own.body.may_sponsor = true;
  CHECK(!issue(node, own, body_for(stranger.id()), rng));
  own.sponsor.reset();
  const auto grandchild = *issue(node, own, body_for(stranger.id()), rng);
  const auto checked = check(grandchild, cluster.public_part(), stranger.id(),
                             middle, none_revoked);
  REQUIRE(!checked);
  CHECK(checked.error().code == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "a useless body is refused at once") {
  const auto code_of = [&](auto edit) {
    auto body = body_for(node.id());
    edit(body);
    const auto issued = issue(cluster, body, rng);
    REQUIRE(!issued);
    return issued.error().code;
  };
  CHECK(code_of([](auto& x) { x.name = std::string(65, 'x'); })
        == ec::invalid_option);
  CHECK(code_of([](auto& x) { x.name = "two\nlines"; }) == ec::invalid_option);
  CHECK(code_of([](auto& x) { x.not_after = x.not_before; })
        == ec::invalid_option);
  CHECK(code_of([](auto& x) { x.not_before = sys_days{year{1969} / 1 / 1}; })
        == ec::invalid_option);
  CHECK(code_of([](auto& x) { x.not_after = sys_days{year{2250} / 1 / 1}; })
        == ec::invalid_option);
  auto longest = body_for(node.id());
  longest.name = std::string(64, 'x');
  CHECK(issue(cluster, longest, rng));
}

TEST_CASE_FIXTURE(fixture, "fractions of a second are cut off on issue") {
  auto body = body_for(node.id());
  body.not_before += 999ms;
  const auto claim = *issue(cluster, body, rng);
  CHECK(claim.body.not_before == start);
}

TEST_CASE_FIXTURE(fixture, "it holds after a way over the wire") {
  for (const auto& sent :
       {of_node, *issue(cluster, body_for(node.id(), true, ""), rng)}) {
    const auto bytes = encode(sent);
    CHECK(bytes.size() <= membership_bytes_max);
    const auto got = decode_membership(bytes);
    REQUIRE(got);
    CHECK(got->body == sent.body);
    CHECK(got->signature == sent.signature);
    CHECK(got->sponsor.has_value() == sent.sponsor.has_value());
    CHECK(check_node(*got));
  }
}

TEST_CASE_FIXTURE(fixture, "cut off or padded bytes are malformed") {
  const auto bytes = encode(of_node);
  for (auto size = size_t{0}; size < bytes.size(); size += 61) {
    const auto refused = decode_membership(std::span{bytes}.first(size));
    REQUIRE(!refused);
    CHECK(refused.error().code == ec::malformed_input);
  }
  auto longer = bytes;
  longer.resize(longer.size() + 8);
  CHECK(!decode_membership(longer));
  longer.resize(20'000);
  CHECK(!decode_membership(longer));
}

TEST_CASE_FIXTURE(fixture, "no changed byte makes another valid certificate") {
  const auto bytes = encode(of_node);
  auto accepted = 0;
  for (auto round = 0; round < 400; ++round) {
    auto changed = bytes;
    auto pick = std::array<uint8_t, 3>{};
    rng.randomize(pick);
    // Half of the changes hit the first 512 bytes, where the structure is.
    const auto range = round % 2 == 0 ? size_t{512} : bytes.size();
    const auto at = (size_t{pick[0]} << 8 | pick[1]) % range;
    changed[at] = static_cast<uint8_t>(changed[at] ^ (pick[2] | 1));
    const auto got = decode_membership(changed);
    if (!got || !check_node(*got))
      continue;
    ++accepted;
    CHECK(got->body == of_node.body);
  }
  // Some bytes carry nothing: padding and unused bits of flags.
  CHECK(accepted < 40);
}

TEST_SUITE_END();
