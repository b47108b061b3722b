#include "actors/peer/admission_policy.hpp"

#include "runtime/identity/join_token.hpp"
#include "runtime/identity/revocation.hpp"
#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace starling;
using namespace starling::peer;
using namespace std::chrono_literals;
using session::role;

namespace {

using bytes = std::vector<uint8_t>;

/// Keys take milliseconds to make; no test changes one.
struct keys {
  identity::seeded_rng rng{1};
  identity::private_key cluster = identity::private_key::generate(rng);
  identity::private_key sponsor = identity::private_key::generate(rng);
  identity::private_key stranger = identity::private_key::generate(rng);
  identity::private_key other_cluster = identity::private_key::generate(rng);
};

struct fixture {
  static keys& all() {
    static auto made = keys{};
    return made;
  }

  keys& k = all();
  std::chrono::system_clock::time_point now
    = std::chrono::sys_seconds{1'800'000'000s};
  admission_policy::options opts;
  result<void> saving;
  size_t saved = 0;
  std::unique_ptr<admission_policy> policy;

  fixture() {
    make();
    policy->join(k.cluster.public_part(), issue(k.cluster, k.sponsor, true));
  }

  void make() {
    auto around = admission_policy::surroundings{};
    around.key = &k.sponsor;
    around.rng = &k.rng;
    around.now = [this] { return now; };
    around.save_tokens = [this](const identity::token_book&) {
      ++saved;
      return saving;
    };
    policy = std::make_unique<admission_policy>(opts, std::move(around));
  }

  identity::membership issue(const identity::private_key& by,
                             const identity::private_key& to,
                             bool may_sponsor = false) {
    auto body = identity::certificate_body{};
    body.subject = to.id();
    body.not_before = now - 1h;
    body.not_after = now + 24h;
    body.may_sponsor = may_sponsor;
    return *identity::issue(by, body, k.rng);
  }

  static bytes certificate(const identity::private_key& cluster,
                           const identity::membership& own) {
    return encode(
      member_credential{cluster.public_part().bytes(), identity::encode(own)});
  }

  std::string token(std::chrono::seconds lifetime = 1h) {
    return *policy->tokens().issue(k.sponsor.id(), k.cluster.id(), now,
                                   lifetime, k.rng);
  }

  result<session::admitted> admit(const bytes& shown,
                                  role side = role::initiator) {
    return policy->admit(k.stranger.public_part(), shown, side);
  }

  result<session::admitted> admit_token(const std::string& text) {
    return admit(encode(token_credential{text}));
  }

  /// Returns code and text of a refusal.
  static failure why(const result<session::admitted>& verdict) {
    REQUIRE(!verdict);
    return verdict.error();
  }
};

bool says(const failure& x, ec code, const std::string& part) {
  return x.code == code && x.text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("actors/peer/admission_policy");

TEST_CASE_FIXTURE(fixture,
                  "who shows nothing is refused, and told what helps") {
  CHECK(says(why(admit({})), ec::permission_denied, "allow-list"));
  CHECK(says(why(admit(encode(no_credential{}), role::responder)),
             ec::permission_denied, "allow-list"));
  CHECK(why(admit({9, 9})).code == ec::malformed_input);
}

TEST_CASE_FIXTURE(fixture, "who is on the allow-list needs to show nothing") {
  opts.allow.insert(k.stranger.id());
  make();
  CHECK(admit({}));
  CHECK(admit({}, role::responder));
  // The list does not help a node that was put out since.
  policy->block(k.stranger.id(), "zone");
  CHECK(says(why(admit({})), ec::quarantined, "zone"));
  policy->unblock(k.stranger.id());
  CHECK(admit({}));
}

TEST_CASE_FIXTURE(fixture, "a member is let in by its certificate") {
  const auto own = issue(k.cluster, k.stranger);
  CHECK(admit(certificate(k.cluster, own)));
  CHECK(admit(certificate(k.cluster, own), role::responder));
  now += 25h;
  CHECK(why(admit(certificate(k.cluster, own))).code
        == ec::authentication_failed);
}

TEST_CASE_FIXTURE(fixture, "a certificate of another, or from another cluster, "
                           "is worth nothing") {
  const auto of_another = issue(k.cluster, k.other_cluster);
  CHECK(why(admit(certificate(k.cluster, of_another))).code
        == ec::authentication_failed);
  const auto foreign = issue(k.other_cluster, k.stranger);
  CHECK(why(admit(certificate(k.other_cluster, foreign))).code
        == ec::authentication_failed);
  // Nor with the right cluster key beside it.
  make();
  policy->join(k.cluster.public_part(), issue(k.cluster, k.sponsor, true));
  CHECK(why(admit(certificate(k.cluster, foreign))).code
        == ec::authentication_failed);
}

TEST_CASE_FIXTURE(fixture, "a revoked node is refused whatever it shows") {
  opts.allow.insert(k.stranger.id());
  make();
  policy->join(k.cluster.public_part(), issue(k.cluster, k.sponsor, true));
  auto record
    = identity::revoke(k.cluster, k.stranger.id(), now, "stolen", k.rng);
  REQUIRE(record);
  REQUIRE(policy->revocations().add(*record, k.cluster.public_part()));
  const auto own = issue(k.cluster, k.stranger);
  CHECK(says(why(admit(certificate(k.cluster, own))), ec::revoked, "revoked"));
  CHECK(why(admit({})).code == ec::revoked);
}

TEST_CASE_FIXTURE(fixture, "a node whose sponsor was revoked is refused") {
  const auto own
    = issue(k.cluster, k.other_cluster, true); // Any third key does.
  auto body = identity::certificate_body{};
  body.subject = k.stranger.id();
  body.not_before = now;
  body.not_after = now + 1h;
  auto sponsored = identity::issue(k.other_cluster, own, body, k.rng);
  REQUIRE(sponsored);
  CHECK(admit(certificate(k.cluster, *sponsored)));
  auto record
    = identity::revoke(k.cluster, k.other_cluster.id(), now, "x", k.rng);
  REQUIRE(policy->revocations().add(*record, k.cluster.public_part()));
  CHECK(why(admit(certificate(k.cluster, *sponsored))).code == ec::revoked);
}

TEST_CASE_FIXTURE(fixture, "a token is good once and buys a certificate") {
  const auto text = token();
  auto let_in = admit_token(text);
  REQUIRE(let_in);
  CHECK(saved == 1);
  auto issued = decode_credential(let_in->reply);
  REQUIRE(issued);
  const auto* member = std::get_if<member_credential>(&*issued);
  REQUIRE(member);
  CHECK(member->cluster_key == k.cluster.public_part().bytes());
  auto own = identity::decode_membership(member->membership);
  REQUIRE(own);
  auto body = identity::check(*own, k.cluster.public_part(), k.stranger.id(),
                              now, [](const peer_id&) { return false; });
  REQUIRE(body);
  CHECK(body->issuer == k.sponsor.id());
  CHECK(!body->may_sponsor);
  // Clocks may differ by minutes; the certificate holds for a year.
  CHECK(body->not_before == now - 5min);
  CHECK(body->not_after == now + 24h * 365);
  CHECK(says(why(admit_token(text)), ec::token_refused, "used"));
}

TEST_CASE_FIXTURE(fixture, "each bad token is refused with a text of its own") {
  opts.max_failed_attempts = 100;
  make();
  policy->join(k.cluster.public_part(), issue(k.cluster, k.sponsor, true));
  const auto old = token(1h);
  now += 1h;
  CHECK(says(why(admit_token(old)), ec::token_refused, "expired"));
  auto foreign = *policy->tokens().issue(k.sponsor.id(), k.other_cluster.id(),
                                         now, 1h, k.rng);
  CHECK(says(why(admit_token(foreign)), ec::token_refused, "another cluster"));
  auto elsewhere
    = *policy->tokens().issue(k.stranger.id(), k.cluster.id(), now, 1h, k.rng);
  CHECK(says(why(admit_token(elsewhere)), ec::token_refused,
             "has to be shown to node " + short_name(k.stranger.id())));
  auto made_up = *identity::parse_join_token(token());
  made_up.secret[0] ^= 1;
  CHECK(
    says(why(admit_token(to_string(made_up))), ec::token_refused, "unknown"));
  CHECK(why(admit_token("sjt1.nonsense")).code == ec::token_refused);
  CHECK(saved == 0);
}

TEST_CASE_FIXTURE(fixture, "a responder can't spend a token on an initiator") {
  const auto text = token();
  CHECK(why(admit(encode(token_credential{text}), role::responder)).code
        == ec::permission_denied);
  CHECK(policy->tokens().open_count(now) == 1);
}

TEST_CASE_FIXTURE(fixture, "who may not sponsor gives no certificate") {
  make();
  policy->join(k.cluster.public_part(), issue(k.cluster, k.sponsor, false));
  CHECK(why(admit_token(token())).code == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture,
                  "a token that can't be marked on disk lets no one in") {
  saving = failure{ec::file_error, "disk full"};
  CHECK(says(why(admit_token(token())), ec::file_error, "disk full"));
}

TEST_CASE_FIXTURE(fixture,
                  "too many refusals in a row shut a node out a while") {
  const auto own = certificate(k.cluster, issue(k.cluster, k.stranger));
  for (auto i = 0; i < 2; ++i)
    CHECK(!says(why(admit({})), ec::permission_denied, "too often"));
  // A success starts the count anew.
  CHECK(admit(own));
  for (auto i = 0; i < 3; ++i)
    CHECK(!says(why(admit({})), ec::permission_denied, "too often"));
  CHECK(says(why(admit(own)), ec::permission_denied, "too often"));
  now += 1h - 1s;
  CHECK(says(why(admit(own)), ec::permission_denied, "too often"));
  now += 1s;
  CHECK(admit(own));
  // Others were never touched.
  CHECK(policy
          ->admit(k.other_cluster.public_part(),
                  certificate(k.cluster, issue(k.cluster, k.other_cluster)),
                  role::initiator)
          .operator bool());
}

TEST_CASE_FIXTURE(fixture,
                  "the refusals remembered are bounded, oldest first") {
  opts.failures_max = 1;
  opts.max_failed_attempts = 1;
  make();
  CHECK(!admit({}));
  CHECK(says(why(admit({})), ec::permission_denied, "too often"));
  now += 1s;
  CHECK(!policy->admit(k.other_cluster.public_part(), {}, role::initiator));
  CHECK(!says(why(admit({})), ec::permission_denied, "too often"));
}

TEST_CASE_FIXTURE(fixture,
                  "a newcomer believes only the cluster of its token") {
  make();
  const auto member = certificate(k.cluster, issue(k.cluster, k.stranger));
  CHECK(says(why(admit(member, role::responder)), ec::permission_denied,
             "no cluster"));
  policy->expect_cluster(k.cluster.id());
  CHECK(admit(member, role::responder));
  const auto impostor
    = certificate(k.other_cluster, issue(k.other_cluster, k.stranger));
  CHECK(says(why(admit(impostor, role::responder)), ec::authentication_failed,
             "another cluster"));
  // It can't give tokens out before it is a member.
  CHECK(why(admit_token(token())).code == ec::token_refused);
}

TEST_SUITE_END();
