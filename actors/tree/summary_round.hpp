#pragma once

#include "actors/tree/population_sketch.hpp"
#include "actors/tree/round_plan.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace starling::tree {

/// One node's part in one epoch: gathers what its own agents did, the parts of
/// its fellows in the committee, and what the committees below report, into
/// what it reports to the committee above.
///
/// Each agent counts once however many rows it brings, and nobody can weigh
/// more than the agents that it speaks for. A committee below is believed when
/// a quorum of its members has reported, and then what the middle of them says.
class summary_round {
public:
  struct options {
    committee_place::options place;
    quantile_summary::options summary;
    direction_sketch::options directions;
    /// Levels of one agent in one epoch.
    size_t levels_max = 100'000;
  };

  /// Errors: invalid_option (`self` has no place).
  [[nodiscard]] static result<summary_round>
  make(std::shared_ptr<const round_plan> plan, const peer_id& self,
       const options& opts);

  /// Takes the levels of one of this node's agents, and the direction in which
  /// it left what is usual for it, if it did; a second time is ignored.
  /// Errors: limit_reached.
  result<void> add_agent(const std::string& subject,
                         std::span<const double> levels,
                         std::span<const float> deviation = {});

  /// Takes what a fellow says of its own agents, or what a member of a
  /// committee below says of all below it; a second time is ignored. Errors:
  /// permission_denied (neither in this epoch), malformed_input, limit_reached.
  result<void> add_report(const peer_id& from, const summary_report& said);

  /// Whether as many agents were heard.
  [[nodiscard]] bool own_complete(size_t expected) const {
    return agents_heard_.size() >= expected;
  }

  /// Whether all fellows with agents, and all members of committees with agents
  /// below them, were heard too. Takes the same time however many they are: it
  /// is asked with whatever comes.
  [[nodiscard]] bool complete(size_t expected) const {
    return own_complete(expected) && parts_due_ == 0;
  }

  /// This node's agents: what its fellows are told.
  [[nodiscard]] const population_sketch& own() const {
    return own_;
  }

  /// The committee's members by their own word: a sample of the population that
  /// nobody stood in between of.
  /// The same on every member that heard the same, in whatever order.
  [[nodiscard]] population_sketch sample() const;

  /// The committee, by its `sample`, and all below it: what the committee above
  /// is told.
  [[nodiscard]] population_sketch total(population_sketch sample) const;

  [[nodiscard]] population_sketch total() const {
    return total(sample());
  }

  /// Frees what was said, once it was summed up: of a large committee it is a
  /// hundred times its sum. Places stay known.
  void forget_reports();

  /// The other members of this committee.
  [[nodiscard]] const std::vector<peer_id>& fellows() const {
    return fellows_;
  }

  /// The members of the committee above; none at the root.
  [[nodiscard]] std::span<const peer_id> above() const;

  [[nodiscard]] bool is_above(const peer_id& member) const;

  /// The members of all committees below.
  [[nodiscard]] const std::vector<peer_id>& below() const {
    return below_;
  }

  [[nodiscard]] bool is_root() const {
    return committee_ == 0;
  }

  /// Steps from the lowest committee below up to this one.
  [[nodiscard]] uint32_t height() const;

private:
  summary_round(std::shared_ptr<const round_plan> plan, const peer_id& self,
                size_t committee, const options& opts,
                const population_sketch& empty);

  [[nodiscard]] bool is_below(size_t committee) const;

  /// Errors: those of the parts.
  [[nodiscard]] result<population_sketch> decode(const summary_report& said,
                                                 double agents_max) const;

  std::shared_ptr<const round_plan> plan_;
  peer_id self_;
  size_t committee_;
  options opts_;
  population_sketch empty_;
  population_sketch own_;
  std::vector<peer_id> fellows_;
  std::vector<peer_id> below_;
  std::set<std::string> agents_heard_;
  std::map<peer_id, population_sketch> fellows_heard_;
  /// By committee below, then by member.
  std::map<size_t, std::map<peer_id, summary_report>> reports_;
  /// Fellows with agents, and members of committees with agents below them,
  /// that were not heard yet.
  size_t parts_due_ = 0;
};

} // namespace starling::tree
