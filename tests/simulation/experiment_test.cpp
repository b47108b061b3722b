// An experiment on several nodes, with real sessions between them.

#include "messages/experiment.hpp"

#include "actors/bundled.hpp"
#include "tests/simulation/cluster_actors.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::filesystem::path& file) {
  auto in = std::ifstream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void add_bundled(actor_catalog& catalog) {
  REQUIRE_FALSE(add_bundled_actors(catalog));
}

/// A cluster that runs experiments from node 0.
struct flock {
  scratch_folder out;
  simulated_cluster cluster{4, 3, add_bundled, know_the_first};
  experiment_actor runner;
  std::optional<caf::expected<experiment_outcome>> finished;

  flock() {
    cluster.advance(10s);
    auto made = cluster.ask<caf::strong_actor_ptr>(
      0, cluster.node(0).context().spawner(),
      spawn_request{"experiment", "", {}, {}});
    REQUIRE_MESSAGE(made, to_string(made.error()));
    runner = caf::actor_cast<experiment_actor>(*made);
  }

  ~flock() {
    caf::anon_send_exit(runner, caf::exit_reason::user_shutdown);
    runner = nullptr;
    finished.reset();
    cluster.advance(1s);
  }

  /// Goes through 400 rows at that many a second.
  void start(std::vector<experiment_node> nodes, const std::string& folder,
             int rate = 200) {
    auto what = run_experiment{};
    what.file = "test.toml";
    what.text = "[experiment]\nname = \"flock\"\nrows_max = 400\nrate = "
                + std::to_string(rate) + "\n[summary_tree]\nepoch_rows = 20\n";
    what.recruit = true;
    what.data_dir = test::source_folder() / "examples/data";
    what.out_dir = (out / folder).string();
    what.nodes = std::move(nodes);
    finished.reset();
    cluster.system(0).sys().spawn([this, what](caf::event_based_actor* self) {
      self->request(runner, caf::infinite, what)
        .then(
          [this](experiment_outcome& outcome) {
            finished.emplace(std::move(outcome));
          },
          [this](caf::error& reason) { finished.emplace(std::move(reason)); });
    });
    cluster.run();
  }

  experiment_node member(size_t index) {
    auto spawner = cluster.node(index).context().spawner();
    if (index > 0) {
      auto peer
        = cluster.ask<peer_services>(0, cluster.node(0).context().mesh(),
                                     connect_peer{cluster.node(index).id()});
      REQUIRE_MESSAGE(peer, to_string(peer.error()));
      spawner = service_of<spawner_actor>(*peer, "spawner");
    }
    return {simulated_cluster::name_of(index), cluster.node(index).id(),
            spawner};
  }

  std::string scores(const std::string& folder) {
    REQUIRE(finished);
    REQUIRE_MESSAGE(*finished, to_string(finished->error()));
    return content_of(out / folder / "scores.csv");
  }
};

} // namespace

TEST_SUITE_BEGIN("simulation/experiment");

TEST_CASE("an experiment on a cluster gives the scores of one process, and a "
          "node that is cut off on the way changes none of them") {
  auto test = flock{};
  test.start({test.member(0)}, "alone");
  test.cluster.advance(10s);
  const auto expected = test.scores("alone");
  const auto all = std::vector{test.member(0), test.member(1), test.member(2),
                               test.member(3)};
  test.start(all, "many");
  test.cluster.advance(10s);
  CHECK(test.scores("many") == expected);
  CHECK((*test.finished)->restarts == 0);
  test.start(all, "disturbed");
  test.cluster.advance(1s);
  CHECK_FALSE(test.finished);
  for (const auto* other : {"n0", "n1", "n3"})
    test.cluster.network().cut("n2", other);
  test.cluster.advance(40s);
  CHECK(test.scores("disturbed") == expected);
  CHECK((*test.finished)->restarts > 0);
}

TEST_CASE("a node that joins, or is cut off and comes back, has a place in the "
          "tree of an experiment that runs") {
  auto test = flock{};
  test.start({test.member(0), test.member(1), test.member(2)}, "growing", 20);
  // Node 3 is a member that the list leaves out.
  test.cluster.advance(3s);
  for (const auto* other : {"n0", "n1", "n3"})
    test.cluster.network().cut("n2", other);
  test.cluster.advance(6s);
  for (const auto* other : {"n0", "n1", "n3"})
    test.cluster.network().heal("n2", other, test.cluster.now());
  test.cluster.advance(60s);
  REQUIRE(test.finished);
  REQUIRE_MESSAGE(*test.finished, to_string(test.finished->error()));
  const auto& outcome = **test.finished;
  CHECK(outcome.nodes == 4);
  CHECK(outcome.nodes_joined == 2);
  CHECK(outcome.nodes_lost == 1);
  const auto summary = nlohmann::json::parse(outcome.summary);
  for (const auto& node : summary.at("nodes")) {
    CAPTURE(node.dump());
    CHECK(node.at("tree").at("population_agents") == doctest::Approx{3});
    CHECK(node.at("tree").at("population_epoch") == 19);
  }
  test.start({test.member(0)}, "alone");
  test.cluster.advance(10s);
  CHECK(test.scores("alone") == test.scores("growing"));
}

TEST_SUITE_END();
