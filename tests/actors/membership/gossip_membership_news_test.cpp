#include "actors/membership/gossip_codec.hpp"
#include "actors/membership/gossip_membership_buffers.hpp"
#include "tests/actors/membership/gossip_membership_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

membership::signed_record record_of(test_member& one, std::string caf_node) {
  auto x = membership::member_record{};
  x.id = one.context.self;
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(
    one.context.wall_clock());
  x.version = {9, clock::timestamp::from(now).bits};
  x.name = one.context.name;
  x.caf_node = std::move(caf_node);
  auto made = *membership::sign_record(std::move(x), one.options.sign);
  made.key = one.options.public_key;
  made.credential = {1};
  return made;
}

gossip_records message_with(membership::signed_record x) {
  auto news = membership::record_exchange{};
  news.records.push_back(std::move(x));
  return {membership::buffer_of(encode(news))};
}

struct fixture : member_flock {
  fixture() : member_flock{3} {
    at(0).start();
    system.run();
  }

  caf::error tell(membership::signed_record x) {
    auto answer = system.ask<void>(at(0).actor, message_with(std::move(x)));
    return answer ? caf::error{} : answer.error();
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/membership/gossip_membership_news");

TEST_CASE_FIXTURE(fixture, "a record that another node signed is refused") {
  auto forged = record_of(at(1), at(1).caf_node());
  forged.signature = record_of(at(2), at(2).caf_node()).signature;
  CHECK(tell(forged) == ec::authentication_failed);
  CHECK(known_to(0).size() == 1);
  REQUIRE(at(0).audited.size() == 1);
  CHECK(at(0).audited[0].first == "membership.refused");
}

TEST_CASE_FIXTURE(fixture, "a record with the key of another node is refused") {
  auto forged = record_of(at(1), at(1).caf_node());
  forged.key = at(2).options.public_key;
  static_cast<void>(tell(forged));
  CHECK(known_to(0).size() == 1);
  CHECK(at(0).audited.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a node that nobody admitted does not count") {
  auto stranger = record_of(at(1), at(1).caf_node());
  stranger.credential = {2};
  static_cast<void>(tell(stranger));
  CHECK(known_to(0).size() == 1);
  CHECK(at(0).audited.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a record without a key counts once it is known") {
  auto bare = record_of(at(1), at(1).caf_node());
  bare.key.clear();
  bare.credential.clear();
  CHECK_FALSE(tell(bare));
  CHECK(known_to(0).size() == 1);
  CHECK_FALSE(tell(record_of(at(1), at(1).caf_node())));
  CHECK(known_to(0).size() == 2);
  system.advance(10ms);
  auto newer = record_of(at(1), at(1).caf_node());
  newer.key.clear();
  newer.credential.clear();
  CHECK_FALSE(tell(newer));
  CHECK(at(0).audited.empty());
}

TEST_CASE_FIXTURE(fixture, "a claim to the CAF node of another is refused") {
  static_cast<void>(tell(record_of(at(2), at(1).caf_node())));
  CHECK(known_to(0).size() == 1);
  REQUIRE(at(0).audited.size() == 1);
  CHECK(at(0).audited[0].second == to_string(at(2).context.self));
  // Nor may anyone claim to be this process.
  static_cast<void>(tell(record_of(at(1), at(0).caf_node())));
  CHECK(known_to(0).size() == 1);
  CHECK(at(0).audited.size() == 2);
  CHECK_FALSE(tell(record_of(at(1), at(1).caf_node())));
  auto found = system.ask<member_info>(
    at(0).actor, find_member_by_node{basp::node_name(at(1).context.self, 1)});
  REQUIRE(found);
  CHECK(found->id == at(1).context.self);
}

TEST_CASE_FIXTURE(fixture, "a revoked node is forgotten") {
  auto revoked = false;
  at(1).options.is_revoked
    = [&](const peer_id& id) { return revoked && id == at(2).context.self; };
  at(1).start();
  at(2).start();
  system.run();
  join(1, 2);
  system.advance(1s);
  CHECK(known_to(1).size() == 2);
  revoked = true;
  system.advance(2s);
  CHECK(known_to(1).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "bytes that are no gossip are an error") {
  auto junk = caf::byte_buffer(16, caf::byte{0xff});
  CHECK(system.ask<gossip_records>(at(0).actor, gossip_digest{junk}).error()
        == ec::malformed_input);
  CHECK(system.ask<void>(at(0).actor, gossip_records{junk}).error()
        == ec::malformed_input);
}

/// Five others, of whose records some are forged.
struct batch_fixture : member_flock {
  batch_fixture() : member_flock{6} {
    // nop
  }

  void start(double validation_threshold) {
    at(0).options.validation_threshold = validation_threshold;
    at(0).start();
    system.run();
  }

  caf::error tell(size_t forged) {
    auto news = membership::record_exchange{};
    for (size_t i = 1; i < 6; ++i)
      news.records.push_back(record_of(at(i), at(i).caf_node()));
    for (size_t i = 0; i < forged; ++i)
      news.records[i].signature = news.records[4].signature;
    auto answer = system.ask<void>(
      at(0).actor, gossip_records{membership::buffer_of(encode(news))});
    return answer ? caf::error{} : answer.error();
  }
};

TEST_CASE_FIXTURE(batch_fixture,
                  "what passes in a message that is sound enough "
                  "is taken") {
  start(0.8);
  // Four of five pass.
  CHECK_FALSE(tell(1));
  CHECK(known_to(0).size() == 5);
  CHECK(at(0).audited.size() == 1);
}

TEST_CASE_FIXTURE(batch_fixture,
                  "a message below the threshold is refused as a "
                  "whole") {
  start(0.8);
  CHECK(tell(2) == ec::authentication_failed);
  CHECK(known_to(0).size() == 1);
}

TEST_CASE_FIXTURE(batch_fixture, "the threshold is the node's own") {
  SUBCASE("strict") {
    start(1.0);
    CHECK(tell(1) == ec::authentication_failed);
  }
  SUBCASE("lax") {
    start(0.6);
    CHECK_FALSE(tell(2));
    CHECK(known_to(0).size() == 4);
  }
}

TEST_SUITE_END();
