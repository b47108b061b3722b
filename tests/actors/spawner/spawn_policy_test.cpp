#include "actors/spawner/spawn_policy.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::spawner;

namespace {

peer_id id_of(uint8_t number) {
  auto id = peer_id{};
  id.bytes.fill(number);
  return id;
}

const auto self = id_of(1);
const auto alice = id_of(2);
const auto bob = id_of(3);

ec refusal(const spawn_policy& policy, const peer_id& asker,
           const std::string& type) {
  auto checked = policy.check(asker, type);
  REQUIRE(!checked);
  return checked.error().code;
}

} // namespace

TEST_SUITE_BEGIN("actors/spawner/spawn_policy");

TEST_CASE("without a permission peers spawn nothing, the node everything") {
  auto policy = spawn_policy{self, {}, 10};
  CHECK(policy.check(self, "echo"));
  auto refused = policy.check(alice, "echo");
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::permission_denied);
  // It says who, what, and where to change it.
  CHECK(refused.error().text
        == "node 020202020202 may not spawn 'echo' here; see [[spawn.allow]] "
           "in this node's file");
}

TEST_CASE("a permission names a peer and types") {
  auto policy = spawn_policy{self, {{alice, {"echo", "agent"}, 5}}, 10};
  CHECK(policy.check(alice, "echo"));
  CHECK(policy.check(alice, "agent"));
  CHECK(refusal(policy, alice, "shell") == ec::permission_denied);
  CHECK(refusal(policy, alice, "ech") == ec::permission_denied);
  CHECK(refusal(policy, alice, "") == ec::permission_denied);
  CHECK(refusal(policy, bob, "echo") == ec::permission_denied);
}

TEST_CASE("a star stands for all types, no peer for all peers") {
  auto policy
    = spawn_policy{self, {{alice, {"*"}, 5}, {std::nullopt, {"echo"}, 5}}, 10};
  CHECK(policy.check(alice, "anything"));
  CHECK(policy.check(bob, "echo"));
  CHECK(refusal(policy, bob, "anything") == ec::permission_denied);
  // Only whole names count: a star elsewhere is a letter.
  auto odd = spawn_policy{self, {{std::nullopt, {"ec*"}, 5}}, 10};
  CHECK(refusal(odd, bob, "echo") == ec::permission_denied);
}

TEST_CASE("a quota counts one peer's living actors of all types") {
  auto policy = spawn_policy{self, {{std::nullopt, {"*"}, 2}}, 10};
  policy.note_spawned(alice);
  policy.note_spawned(alice);
  CHECK(refusal(policy, alice, "echo") == ec::limit_reached);
  CHECK(policy.check(bob, "echo"));
  policy.note_ended(alice);
  CHECK(policy.check(alice, "echo"));
}

TEST_CASE("of several permissions the largest quota counts") {
  auto policy = spawn_policy{
    self,
    {{std::nullopt, {"echo"}, 1}, {alice, {"echo"}, 2}, {alice, {"x"}, 9}},
    10};
  policy.note_spawned(alice);
  CHECK(policy.check(alice, "echo"));
  policy.note_spawned(alice);
  CHECK(refusal(policy, alice, "echo") == ec::limit_reached);
  CHECK(policy.check(alice, "x"));
}

TEST_CASE("a quota of none lets nothing in") {
  auto policy = spawn_policy{self, {{alice, {"*"}, 0}}, 10};
  CHECK(refusal(policy, alice, "echo") == ec::limit_reached);
}

TEST_CASE("the node's bound holds for everyone, itself too") {
  auto policy = spawn_policy{self, {{std::nullopt, {"*"}, 100}}, 3};
  policy.note_spawned(alice);
  policy.note_spawned(bob);
  policy.note_spawned(self);
  CHECK(refusal(policy, alice, "echo") == ec::limit_reached);
  CHECK(refusal(policy, self, "echo") == ec::limit_reached);
  policy.note_ended(self);
  CHECK(policy.check(alice, "echo"));
}

TEST_CASE("a peer that is cut off spawns nothing, the node itself always") {
  auto policy = spawn_policy{self, {{std::nullopt, {"*"}, 10}}, 10};
  auto trusted = starling::standing{};
  for (auto zone :
       {starling::trust_zone::quarantined, starling::trust_zone::isolated}) {
    trusted.zone = zone;
    CHECK(policy.check(alice, "echo", trusted).error().code == ec::quarantined);
    CHECK(policy.check(self, "echo", trusted));
  }
  trusted.zone = starling::trust_zone::monitored;
  CHECK(policy.check(alice, "echo", trusted));
}

TEST_CASE("a peer that is not proven has half of its quota") {
  auto policy = spawn_policy{self, {{std::nullopt, {"*"}, 3}}, 10};
  auto stranger = starling::standing{};
  stranger.proven = false;
  CHECK(policy.check(alice, "echo", stranger));
  policy.note_spawned(alice);
  CHECK(policy.check(alice, "echo", stranger).error().code
        == ec::limit_reached);
  CHECK(policy.check(alice, "echo"));
  // One at least.
  auto strict = spawn_policy{self, {{std::nullopt, {"*"}, 1}}, 10};
  CHECK(strict.check(alice, "echo", stranger));
}

TEST_CASE("an end that was never a beginning changes nothing") {
  auto policy = spawn_policy{self, {{std::nullopt, {"*"}, 1}}, 1};
  policy.note_ended(alice);
  CHECK(policy.check(alice, "echo"));
  policy.note_spawned(alice);
  policy.note_ended(bob);
  CHECK(refusal(policy, bob, "echo") == ec::limit_reached);
}

TEST_SUITE_END();
