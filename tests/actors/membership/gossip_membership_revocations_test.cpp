#include "actors/membership/gossip_codec.hpp"
#include "actors/membership/gossip_membership_buffers.hpp"
#include "runtime/identity/revocation_list.hpp"
#include "tests/actors/membership/gossip_membership_fixture.hpp"

#include <algorithm>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

/// A chain of members, each with a list of its own.
struct fixture : member_flock {
  identity::seeded_rng rng{77};
  identity::private_key cluster = identity::private_key::generate(rng);
  std::vector<identity::revocation_list> lists{4};
  std::vector<membership::revocation_log> logs{4};
  std::vector<conduct> noted;

  fixture() : member_flock{4} {
    for (size_t i = 0; i < 4; ++i) {
      logs[i] = std::make_shared<std::vector<identity::revocation>>();
      auto& opts = at(i).options;
      opts.revocations = [this, i] { return logs[i]; };
      opts.revoke = [this, i](const identity::revocation& record) {
        return add(i, record);
      };
      opts.is_revoked
        = [this, i](const peer_id& id) { return lists[i].contains(id); };
    }
    at(0).context.note_conduct
      = [this](const peer_id&, conduct what) { noted.push_back(what); };
    start();
  }

  result<bool> add(size_t index, const identity::revocation& record) {
    auto added = lists[index].add(record, cluster.public_part());
    if (added && *added)
      logs[index] = std::make_shared<const std::vector<identity::revocation>>(
        lists[index].all());
    return added;
  }

  identity::revocation revocation_of(const peer_id& subject,
                                     const identity::private_key& by) {
    auto made
      = identity::revoke(by, subject, at(0).context.wall_clock(), "test", rng);
    REQUIRE(made);
    return *made;
  }

  /// A revocation signed by another key than the cluster's.
  gossip_records forged(const peer_id& subject) {
    auto record = revocation_of(subject, at(1).key);
    record.cluster = cluster.id();
    auto news = membership::record_exchange{};
    news.revocations.push_back(identity::encode(record));
    return {membership::buffer_of(encode(news))};
  }

  bool knows(size_t index, const peer_id& subject) {
    return lists[index].contains(subject);
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/membership/gossip_membership_revocations");

TEST_CASE_FIXTURE(fixture, "a revocation reaches all, and who comes later") {
  join(0, 1);
  join(1, 2);
  system.advance(2s);
  const auto subject = at(3).context.self;
  REQUIRE(add(0, revocation_of(subject, cluster)));
  system.advance(3s);
  CHECK(knows(1, subject));
  CHECK(knows(2, subject));
  CHECK_FALSE(knows(3, subject));
  join(2, 3);
  system.advance(3s);
  CHECK(knows(3, subject));
  CHECK(noted.size() > 0);
  CHECK(std::ranges::count(noted, conduct::forged) == 0);
}

TEST_CASE_FIXTURE(fixture, "a revocation that the cluster did not sign is not "
                           "taken") {
  join(0, 1);
  system.advance(2s);
  const auto subject = at(2).context.self;
  CHECK(system.ask<void>(at(0).actor, forged(subject)).error()
        == ec::authentication_failed);
  CHECK_FALSE(knows(0, subject));
  auto junk = membership::record_exchange{};
  junk.revocations.push_back({1, 2, 3});
  CHECK(system
          .ask<void>(at(0).actor,
                     gossip_records{membership::buffer_of(encode(junk))})
          .error()
        == ec::malformed_input);
}

TEST_SUITE_END();
