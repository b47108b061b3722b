#include "runtime/identity/revocation.hpp"

#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace starling;
using namespace starling::identity;
using namespace std::chrono_literals;

namespace {

const std::chrono::system_clock::time_point now
  = std::chrono::sys_seconds{1'800'000'000s};

struct fixture {
  seeded_rng rng{1};
  private_key cluster = private_key::generate(rng);
  private_key stranger = private_key::generate(rng);
  peer_id node = private_key::generate(rng).id();
  revocation record = *revoke(cluster, node, now + 500ms, "key stolen", rng);

  failure refusal(const revocation& changed) const {
    const auto checked = check(changed, cluster.public_part());
    REQUIRE(!checked);
    return checked.error();
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/identity/revocation");

TEST_CASE_FIXTURE(fixture, "the cluster key revokes a node") {
  CHECK(record.cluster == cluster.id());
  CHECK(record.subject == node);
  CHECK(record.time == now);
  CHECK(record.reason == "key stolen");
  CHECK(check(record, cluster.public_part()));
}

TEST_CASE_FIXTURE(fixture, "nobody else does") {
  auto forged = *revoke(stranger, node, now, "envy", rng);
  CHECK(refusal(forged).code == ec::authentication_failed);
  CHECK(refusal(forged).text.find("it is for cluster") != std::string::npos);
  forged.cluster = cluster.id();
  CHECK(refusal(forged).code == ec::authentication_failed);
  CHECK(refusal(forged).text.find("bad signature") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "changing any field breaks the signature") {
  const auto change = [&](auto edit) {
    auto changed = record;
    edit(changed);
    CHECK(refusal(changed).code == ec::authentication_failed);
  };
  change([&](auto& x) { x.subject = stranger.id(); });
  change([](auto& x) { x.time += 1s; });
  change([](auto& x) { x.reason += "!"; });
  change([](auto& x) { x.signature.clear(); });
}

TEST_CASE_FIXTURE(fixture, "a useless record is refused at once") {
  const auto code_of
    = [&](const peer_id& subject, auto time, std::string_view reason) {
        const auto made = revoke(cluster, subject, time, reason, rng);
        REQUIRE(!made);
        return made.error().code;
      };
  CHECK(code_of(cluster.id(), now, "") == ec::invalid_option);
  CHECK(code_of(node, now, std::string(201, 'x')) == ec::invalid_option);
  CHECK(code_of(node, now, "a\rb") == ec::invalid_option);
  CHECK(code_of(node, now - 600'000h, "") == ec::invalid_option);
  CHECK(revoke(cluster, node, now, std::string(200, 'x'), rng));
}

TEST_CASE_FIXTURE(fixture, "it holds after a way over the wire") {
  const auto bytes = encode(record);
  CHECK(bytes.size() <= revocation_bytes_max);
  const auto got = decode_revocation(bytes);
  REQUIRE(got);
  CHECK(*got == record);
}

TEST_CASE_FIXTURE(fixture, "cut off bytes are malformed") {
  const auto bytes = encode(record);
  for (auto size = size_t{0}; size < bytes.size(); size += 13)
    CHECK(decode_revocation(std::span{bytes}.first(size)).error().code
          == ec::malformed_input);
}

TEST_CASE_FIXTURE(fixture, "no changed byte makes another valid record") {
  const auto bytes = encode(record);
  for (auto round = 0; round < 500; ++round) {
    auto changed = bytes;
    auto pick = std::array<uint8_t, 2>{};
    rng.randomize(pick);
    // The structure is in the first 256 bytes, the signature follows.
    changed[pick[0]] = static_cast<uint8_t>(changed[pick[0]] ^ (pick[1] | 1));
    const auto got = decode_revocation(changed);
    if (got && check(*got, cluster.public_part()))
      CHECK(*got == record);
  }
}

TEST_SUITE_END();
