#pragma once

#include "actors/tree/committee_place.hpp"
#include "actors/tree/summary_tree.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace starling::test {

/// Several nodes in one system, two agents on each.
struct tree_fixture : deterministic_system {
  actor_catalog catalog;
  node_context node;
  std::vector<tree_member> members;
  std::map<uint64_t, std::vector<population_summary>> heard;
  population_listener_actor listener;
  std::vector<caf::actor> ours;

  tree_fixture() {
    node.system = &sys();
    REQUIRE_FALSE(tree::add_summary_tree(catalog));
    listener
      = sys().spawn([this]() -> population_listener_actor::behavior_type {
          return {[this](const population_summary& said) {
            heard[said.epoch].push_back(said);
          }};
        });
    ours.push_back(caf::actor_cast<caf::actor>(listener));
  }

  ~tree_fixture() {
    for (const auto& each : ours)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  int64_t committee = 48;

  summary_tree_actor spawn() {
    auto options = caf::settings{};
    options["committee"] = committee;
    options["fanout"] = int64_t{2};
    options["epoch_rows"] = int64_t{10};
    options["epoch_timeout"] = caf::timespan{std::chrono::seconds{1}};
    auto made = catalog.spawn("summary-tree", node, options);
    REQUIRE_MESSAGE(made, to_string(made.error()));
    ours.push_back(caf::actor_cast<caf::actor>(*made));
    return caf::actor_cast<summary_tree_actor>(*made);
  }

  static std::string agent_name(size_t member, int agent) {
    return std::to_string(member) + "/" + std::to_string(agent);
  }

  /// A member that tells everybody all that it may, of epoch 0: at the start as
  /// a fellow and as one below, and when it is asked as one above. What does
  /// not fit its place is refused.
  summary_tree_actor spawn_liar(peer_id id) {
    auto liar = sys().spawn([this, id](summary_tree_actor::pointer self)
                              -> summary_tree_actor::behavior_type {
      self->set_error_handler([](caf::error&) {});
      return {
        [self, id](const tree_start& msg) {
          for (const auto& member : msg.members)
            for (auto weight : {56.0, 24.0, 8.0, 2.0})
              self->send(
                member.tree,
                summary_up{0,
                           "",
                           id,
                           {1.0},
                           {weight},
                           2,
                           {0.0F, static_cast<float>(std::sqrt(weight))}});
        },
        [](const score_batch&) {},
        [](const summary_up&) {},
        [](const population_summary&) {},
        [this, self](const query_tree&) {
          auto down = population_summary{};
          down.agents = 1.0;
          down.median = 1.0;
          down.quantiles.assign(std::size(population_ranks), 1.0);
          down.features = 2;
          down.directions = {0.0F, 1.0F};
          for (const auto& member : members)
            self->send(member.tree, down);
          return tree_status{};
        },
        [](caf::subscribe_atom, const population_listener_actor&) {},
      };
    });
    ours.push_back(caf::actor_cast<caf::actor>(liar));
    return liar;
  }

  /// Gives a member the list of all, and two agents.
  void tell(size_t i, bool rebuilt = false) {
    REQUIRE(ask<void>(members[i].tree, tree_start{members[i].id,
                                                  members,
                                                  {{agent_name(i, 0), ""},
                                                   {agent_name(i, 1), ""}},
                                                  {},
                                                  rebuilt}));
  }

  void grow(uint8_t size, const std::set<uint8_t>& liars = {}) {
    for (uint8_t i = 0; i < size; ++i) {
      auto id = peer_id{};
      id.bytes[0] = i;
      members.push_back(
        {id, liars.contains(i) ? spawn_liar(id) : spawn(), {{"", 2}}});
    }
    // Liars last, or nobody would know them yet.
    for (auto late : {false, true})
      for (size_t i = 0; i < members.size(); ++i)
        if (liars.contains(static_cast<uint8_t>(i)) == late)
          tell(i);
    CHECK(ask<void>(members[0].tree, caf::subscribe_atom_v, listener));
  }

  /// The committees of four that this many members form in epoch 0.
  tree::committee_place plan_of(uint8_t size) {
    committee = 4;
    auto ids = std::vector<peer_id>(size);
    for (uint8_t i = 0; i < size; ++i)
      ids[i].bytes[0] = i;
    return *tree::committee_place::make(ids, 0, {.fan_out = 2, .width = 4});
  }

  /// All honest agents are at 0.2 in epoch 0.
  void play(uint8_t size, const std::set<uint8_t>& liars) {
    grow(size, liars);
    for (uint8_t i = 0; i < size; ++i)
      if (!liars.contains(i))
        for (auto agent : {0, 1})
          report(i, agent, 0, 10, 0.2);
    for (auto liar : liars)
      static_cast<void>(status(liar));
    advance(std::chrono::seconds{10});
  }

  void report(size_t member, int agent, uint64_t first, size_t rows,
              double level, bool last = false,
              std::vector<row_evidence> evidence = {}) {
    auto batch = score_batch{};
    batch.evidence = std::move(evidence);
    batch.subject = agent_name(member, agent);
    batch.first = first;
    batch.levels.assign(rows, level);
    batch.last = last;
    const auto done = ask<void>(members[member].tree, batch);
    REQUIRE_MESSAGE(done, to_string(done.error()));
  }

  /// What makes a row strange: one feature, so many deviations off.
  static row_evidence off(uint64_t row, uint32_t feature, double deviations) {
    return {row, {{feature, 1.0, 0.0, 0.0, deviations}}};
  }

  /// The share of agents that move along a feature, as a node knows it.
  double share_along(size_t member, size_t feature) {
    const auto known = status(member).population;
    auto sum = 0.0F;
    for (auto i = feature; i < known.directions.size(); i += known.features)
      sum += known.directions[i] * known.directions[i];
    return static_cast<double>(sum);
  }

  tree_status status(size_t member) {
    return *ask<tree_status>(members[member].tree, query_tree{});
  }

  template <class T>
  ec code_of(const caf::expected<T>& outcome) {
    REQUIRE_FALSE(outcome);
    return static_cast<ec>(outcome.error().code());
  }
};

} // namespace starling::test
