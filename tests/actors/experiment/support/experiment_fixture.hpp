#pragma once

#include "actors/agent/replay_agent.hpp"
#include "actors/detector/stream_detector.hpp"
#include "actors/experiment/experiment_orchestrator.hpp"
#include "actors/spawner/catalog_spawner.hpp"
#include "actors/tree/summary_tree.hpp"
#include "actors/zone/zone_keeper.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::test {

/// One audited event.
struct audited {
  std::string kind;
  std::string subject;
  std::map<std::string, std::string> details;
};

inline std::string content_of(const std::filesystem::path& file) {
  auto in = std::ifstream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// A process that can run experiments: catalog, spawners and an orchestrator,
/// in virtual time.
struct experiment_fixture : deterministic_system {
  scratch_folder out;
  actor_catalog catalog;
  node_context node;
  std::vector<audited> audit;
  std::vector<spawner_actor> spawners;
  experiment_actor runner;
  std::optional<caf::expected<experiment_outcome>> finished;

  explicit experiment_fixture(const caf::settings& options = {}) {
    node.system = &sys();
    node.name = "alone";
    node.wall_clock = [] { return std::chrono::system_clock::time_point{}; };
    node.audit = [this](std::string kind, std::string subject,
                        std::map<std::string, std::string> details) {
      audit.push_back(
        {std::move(kind), std::move(subject), std::move(details)});
    };
    REQUIRE_FALSE(detector::add_stream_detector(catalog));
    REQUIRE_FALSE(zone::add_zone_keeper(catalog));
    REQUIRE_FALSE(tree::add_summary_tree(catalog));
    REQUIRE_FALSE(agent::add_replay_agent(catalog));
    REQUIRE_FALSE(experiment::add_experiment_orchestrator(catalog));
    auto made = catalog.spawn("experiment", node, options);
    REQUIRE(made);
    runner = caf::actor_cast<experiment_actor>(*made);
  }

  ~experiment_fixture() {
    for (const auto& spawner : spawners)
      caf::anon_send_exit(spawner, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(runner, caf::exit_reason::user_shutdown);
  }

  spawner_actor add_spawner() {
    using impl = spawner_actor::stateful_impl<spawner::catalog_spawner_state>;
    auto opts = spawner::catalog_spawner_options{};
    opts.node = &node;
    opts.catalog = &catalog;
    // No mesh says who asks, so those of this process do.
    return spawners.emplace_back(sys().spawn<impl>(std::move(opts)));
  }

  /// Nodes with a spawner each, as in a cluster.
  std::vector<experiment_node> cluster(size_t size) {
    auto nodes = experiment::local_nodes({}, size);
    for (auto& each : nodes)
      each.spawner = add_spawner();
    return nodes;
  }

  run_experiment job(std::string text, std::vector<experiment_node> nodes,
                     const std::string& folder = "out") {
    auto result = run_experiment{};
    result.file = "test.toml";
    result.text = std::move(text);
    result.data_dir = test::source_folder() / "examples/data";
    result.out_dir = (out / folder).string();
    result.nodes = std::move(nodes);
    return result;
  }

  caf::expected<experiment_outcome> run_job(const run_experiment& what) {
    return ask<experiment_outcome>(runner, what);
  }

  /// Begins an experiment; `finished` holds what comes of it.
  void start_job(const run_experiment& what) {
    finished.reset();
    sys().spawn([this, what](caf::event_based_actor* self) {
      self->request(runner, caf::infinite, what)
        .then(
          [this](experiment_outcome& outcome) {
            finished.emplace(std::move(outcome));
          },
          [this](caf::error& reason) { finished.emplace(std::move(reason)); });
    });
    run();
  }

  /// What the spawners of these nodes have spawned and lives, whose name
  /// contains `part`.
  std::vector<spawned_actor> alive(const std::string& part,
                                   const spawner_actor& spawner) {
    auto found = ask<std::vector<spawned_actor>>(spawner, list_spawned{});
    REQUIRE(found);
    std::erase_if(*found, [&](const auto& x) {
      return x.name.find(part) == std::string::npos;
    });
    return std::move(*found);
  }

  /// Ends the one actor whose name contains `part`, as a crash would.
  void crash(const std::string& part) {
    auto hits = 0;
    for (const auto& spawner : spawners)
      for (const auto& each : alive(part, spawner)) {
        ++hits;
        auto handle
          = ask<caf::strong_actor_ptr>(spawner, find_spawned{each.name});
        REQUIRE(handle);
        caf::anon_send_exit(caf::actor_cast<caf::actor>(*handle),
                            caf::exit_reason::kill);
      }
    CHECK(hits == 1);
    run();
  }

  std::string file(const std::string& name, const std::string& folder = "out") {
    return content_of(out / folder / name);
  }
};

} // namespace starling::test
