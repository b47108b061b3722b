#include "actors/membership/revocation_gossip.hpp"

#include "actors/membership/gossip_codec.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace starling;
using namespace starling::membership;

namespace {

peer_id peer(uint8_t number) {
  auto id = peer_id{};
  id.bytes[0] = number;
  return id;
}

revocation_log log_of(std::initializer_list<int> subjects) {
  auto made = std::vector<identity::revocation>{};
  for (auto number : subjects)
    made.push_back({peer(99),
                    peer(static_cast<uint8_t>(number)),
                    {},
                    "test",
                    std::vector<uint8_t>(4'691, 7)});
  return std::make_shared<const std::vector<identity::revocation>>(
    std::move(made));
}

/// Sends an exchange through its bytes.
record_exchange over_wire(const record_exchange& x) {
  auto decoded = decode_exchange(encode(x));
  REQUIRE(decoded);
  return std::move(*decoded);
}

peer_id subject_of(const std::vector<uint8_t>& bytes) {
  auto record = identity::decode_revocation(bytes);
  REQUIRE(record);
  return record->subject;
}

} // namespace

TEST_SUITE_BEGIN("actors/membership/revocation_gossip");

TEST_CASE("a fingerprint follows from the set alone") {
  CHECK(fingerprint_of({}).empty());
  CHECK(fingerprint_of(log_of({})).empty());
  CHECK(fingerprint_of(log_of({1, 2})).size() == fingerprint_bytes);
  CHECK(fingerprint_of(log_of({1, 2})) == fingerprint_of(log_of({2, 1})));
  CHECK(fingerprint_of(log_of({1, 2})) != fingerprint_of(log_of({1, 3})));
}

TEST_CASE("nodes that know the same say nothing") {
  auto answer = record_exchange{};
  compare_revocations(fingerprint_of(log_of({1, 2})), log_of({2, 1}), answer);
  CHECK_FALSE(answer.revoked);
  compare_revocations({}, {}, answer);
  CHECK_FALSE(answer.revoked);
}

TEST_CASE("two nodes get each other's records") {
  const auto ours = log_of({1, 2});
  const auto theirs = log_of({2, 3});
  auto answer = record_exchange{};
  compare_revocations(fingerprint_of(ours), theirs, answer);
  const auto reply = over_wire(revocations_in_return(over_wire(answer), ours));
  REQUIRE(reply.revocations.size() == 1);
  CHECK(subject_of(reply.revocations[0]) == peer(1));
  CHECK(reply.wanted_revocations == std::vector{peer(3)});
  const auto last = over_wire(revocations_in_return(reply, theirs));
  REQUIRE(last.revocations.size() == 1);
  CHECK(subject_of(last.revocations[0]) == peer(3));
  CHECK(last.wanted_revocations.empty());
}

TEST_CASE("who knows none is sent all, and the other way round") {
  auto answer = record_exchange{};
  compare_revocations(fingerprint_of(log_of({1})), log_of({}), answer);
  CHECK(revocations_in_return(over_wire(answer), log_of({1})).revocations.size()
        == 1);
  answer = {};
  compare_revocations({}, log_of({1}), answer);
  CHECK(revocations_in_return(over_wire(answer), {}).wanted_revocations
        == std::vector{peer(1)});
}

TEST_CASE("one message takes so many records") {
  auto many = std::vector<identity::revocation>{};
  for (int i = 0; i < 40; ++i)
    many.push_back(log_of({i})->front());
  const auto log
    = std::make_shared<const std::vector<identity::revocation>>(many);
  CHECK(revocations_from(0, log).revocations.size() == 16);
  CHECK(revocations_from(32, log).revocations.size() == 8);
  CHECK(revocations_from(50, log).revocations.empty());
  auto answer = record_exchange{};
  answer.revoked.emplace();
  CHECK(revocations_in_return(answer, log).revocations.size() == 16);
}

TEST_CASE("more than the bounds allow is refused") {
  auto much = record_exchange{};
  much.revocations.resize(33, {1, 2, 3});
  CHECK(decode_exchange(encode(much)).error().code == ec::limit_reached);
  much.revocations.assign(1, std::vector<uint8_t>(8 * 1024 + 1));
  CHECK(decode_exchange(encode(much)).error().code == ec::limit_reached);
  much = {};
  much.revoked.emplace(4'097, peer(1));
  CHECK(decode_exchange(encode(much)).error().code == ec::limit_reached);
  much = {};
  much.wanted_revocations.resize(4'097, peer(1));
  CHECK(decode_exchange(encode(much)).error().code == ec::limit_reached);
  auto strange = digest{};
  strange.revocations = {1, 2, 3};
  CHECK(decode_digest(encode(strange)).error().code == ec::malformed_input);
}

TEST_SUITE_END();
