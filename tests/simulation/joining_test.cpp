// How a newcomer gets in with a join token, and with what else it does not.

#include "runtime/identity/join_token.hpp"
#include "tests/simulation/cluster_actors.hpp"
#include "tests/support/scratch_folder.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

using parts = deploy::node_parts;
using identity::token_book;

/// Node 0 gives out join tokens, node 1 is a member, the others are newcomers
/// that come with a token each.
struct fixture {
  identity::seeded_rng rng{5};
  std::shared_ptr<identity::private_key> cluster_key
    = std::make_shared<identity::private_key>(
      identity::private_key::generate(rng));
  peer_id sponsor;
  /// Changes what a node is made from, last.
  std::function<void(size_t index, parts&)> shape = [](size_t, parts&) {};
  std::unique_ptr<simulated_cluster> cluster;

  using token_fun = std::function<std::string(size_t index)>;

  static std::chrono::system_clock::time_point start() {
    // An hour after the simulation's epoch, see `deterministic_system`.
    return std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + 1h;
  }

  identity::membership certify(const peer_id& id, bool may_sponsor) {
    auto body = identity::certificate_body{};
    body.subject = id;
    body.not_before = start() - 24h;
    body.not_after = start() + 24h * 365;
    body.may_sponsor = may_sponsor;
    return *identity::issue(*cluster_key, body, rng);
  }

  /// Issues `count` tokens of an hour into the book of node 0.
  std::vector<std::string> issue(token_book& book, size_t count,
                                 const peer_id& in_cluster) {
    auto result = std::vector<std::string>{};
    for (size_t i = 0; i < count; ++i)
      result.push_back(*book.issue(sponsor, in_cluster, start(), 1h, rng));
    return result;
  }

  /// Starts `count` nodes; `choose` says which of the tokens a newcomer shows.
  void start(size_t count,
             const std::function<std::string(
               size_t index, const std::vector<std::string>& good)>& choose) {
    auto good = std::vector<std::string>{};
    cluster = std::make_unique<simulated_cluster>(
      count, 1, add_test_actors, be_quiet, [&](size_t index, parts& x) {
        shape(index, x);
        const auto id = x.state.key->id();
        if (index == 0) {
          sponsor = id;
          good = issue(x.state.tokens, 3, cluster_key->id());
        }
        if (index < 2) {
          x.state.cluster = cluster_key->public_part();
          x.state.own = certify(id, index == 0);
          return;
        }
        x.state.cluster.reset();
        x.state.own.reset();
        x.options.security.join_token = choose(index, good);
      });
  }

  /// Returns what a newcomer is told that is not let in.
  std::string refusal(size_t from, size_t to = 0) {
    auto peer = dial(*cluster, from, to);
    REQUIRE(!peer);
    return to_string(peer.error());
  }

  /// Returns why, as the node wrote it down that let nobody in.
  std::string noted(size_t at = 0) {
    const auto entries = audited(*cluster, at, "session.refused");
    REQUIRE(entries.size() == 1);
    return entries[0].details.at("reason");
  }

  /// Checks that a newcomer is not let in, that it is told why, and that the
  /// other side and it have written that down.
  void check_refused(size_t from, size_t to,
                     std::initializer_list<const char*> why) {
    const auto told = refusal(from, to);
    const auto at_home = noted(from);
    const auto there = noted(to);
    for (const auto* part : why) {
      CHECK_MESSAGE(told.find(part) != std::string::npos, told);
      CHECK_MESSAGE(at_home.find(part) != std::string::npos, at_home);
      CHECK_MESSAGE(there.find(part) != std::string::npos, there);
    }
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("simulation/joining");

TEST_CASE_FIXTURE(fixture, "a token lets a newcomer in, and its certificate "
                           "elsewhere") {
  start(3, [](size_t, const auto& good) { return good[0]; });
  // Before it is a member, only its sponsor lets it in.
  CHECK(has(refusal(2, 1), "token"));
  auto joined = dial(*cluster, 2, 0);
  REQUIRE_MESSAGE(joined, to_string(joined.error()));
  REQUIRE(audited(*cluster, 2, "membership.issued").size() == 1);
  CHECK(audited(*cluster, 2, "membership.issued")[0].details.at("issuer")
        == to_string(sponsor));
  auto met = dial(*cluster, 2, 1);
  REQUIRE_MESSAGE(met, to_string(met.error()));
  // A whole member: it spawns there.
  auto remote = spawn_on<echo_actor>(*cluster, 2, 1, "echo");
  CHECK(cluster->ask<std::string>(2, remote, std::string{"hello"})
        == std::string{"hello"});
}

TEST_CASE_FIXTURE(fixture, "a token is used up by the first who shows it") {
  start(4, [](size_t, const auto& good) { return good[0]; });
  REQUIRE(dial(*cluster, 2, 0));
  check_refused(3, 0, {"token_refused", "used"});
}

TEST_CASE_FIXTURE(fixture, "an expired token is refused as that") {
  start(3, [](size_t, const auto& good) { return good[0]; });
  cluster->advance(1h);
  check_refused(2, 0, {"token_refused", "expired"});
}

TEST_CASE_FIXTURE(fixture,
                  "a token that its sponsor never gave out is refused") {
  start(3, [this](size_t, const auto&) {
    auto book = token_book{};
    return issue(book, 1, cluster_key->id())[0];
  });
  check_refused(2, 0, {"token_refused", "unknown"});
}

TEST_CASE_FIXTURE(fixture,
                  "a token of another cluster shows itself to no one") {
  start(3, [this](size_t, const auto&) {
    auto book = token_book{};
    auto foreign = peer_id{};
    foreign.bytes.fill(0x77);
    return issue(book, 1, foreign)[0];
  });
  // The newcomer sees first that this is not its cluster: its token stays with
  // it.
  const auto why = refusal(2);
  CHECK_MESSAGE(has(why, "another cluster"), why);
  CHECK(has(noted(), "another cluster"));
}

TEST_CASE_FIXTURE(fixture, "a newcomer without a token is refused") {
  start(3, [](size_t, const auto&) { return std::string{}; });
  check_refused(2, 0, {"permission_denied"});
  CHECK(peers_of(*cluster, 0).empty());
}

TEST_CASE_FIXTURE(fixture, "a node that is no sponsor can't let anyone in") {
  start(3, [](size_t, const auto& good) { return good[1]; });
  CHECK(has(refusal(2, 1), "has to be shown to node"));
  CHECK(dial(*cluster, 2, 0));
}

TEST_CASE_FIXTURE(fixture,
                  "without storage to note its use, a token lets nobody in") {
  const auto folder = scratch_folder{};
  auto storage = std::make_shared<resources::resource_state>(
    resources::resource_state::options{.storage = 1'000'000});
  shape = [&](size_t index, parts& x) {
    if (index != 0)
      return;
    x.persistent = true;
    x.options.node.state_dir = folder.path().string();
    x.resources = storage;
  };
  start(3, [](size_t, const auto& good) { return good[0]; });
  storage->set({.storage = 1'000'000});
  CHECK(has(refusal(2), "[limits] storage"));
  CHECK(audited(*cluster, 2, "membership.issued").empty());
  // There is room again, and the token is as good as it was.
  storage->set({.storage = 0});
  auto joined = dial(*cluster, 2, 0);
  REQUIRE_MESSAGE(joined, to_string(joined.error()));
  CHECK(audited(*cluster, 2, "membership.issued").size() == 1);
  // Its folder is to go.
  cluster.reset();
}

TEST_SUITE_END();
