#pragma once

#include "actors/tree/epoch_roll.hpp"
#include "actors/tree/population_check.hpp"
#include "actors/tree/summary_round.hpp"
#include "messages/tree.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/trust/conduct.hpp"

#include <caf/expected.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace starling::tree {

struct summary_tree_options {
  /// Rows of each agent in one epoch.
  uint32_t epoch_rows = 60;
  summary_round::options round;
  /// Standard errors, by the word of this node's own committee, that the
  /// figures which come down may be off; see `checked`.
  double check_deviations = 2.0;
  /// Epochs that wait for someone; with one more the oldest goes up as it is.
  uint32_t epochs_open_max = 64;
  /// What a node has of its own agents goes to its committee after this long,
  /// and up as long after that for each level below.
  caf::timespan epoch_timeout = std::chrono::seconds{10};
  size_t members_max = 100'000;
  size_t kinds_max = 256;
  size_t listeners_max = 1'000;
  /// Is told which node sent a summary that can't be; may be empty.
  std::function<void(const peer_id&, conduct)> note_conduct;
};

/// Reads the options of the catalog's "summary-tree". Errors: invalid_option.
caf::expected<summary_tree_options>
read_summary_tree_options(const caf::settings& input);

/// State of a node's place in the tree.
///
/// Every epoch, and every kind of agents, has a tree of committees of its own,
/// which every node works out for itself. A node tells its own agents' levels
/// to its committee; what the committee and all below it have, each member
/// tells each member of the committee above. The root's figures come down the
/// same way. What a committee says is what the middle of its members says. Who
/// is late or silent is left out: a summary is evidence, and nobody waits for
/// it.
class summary_tree_state {
public:
  static constexpr const char* name = "starling.tree.summary";

  summary_tree_state(summary_tree_actor::pointer self,
                     summary_tree_options opts);

  summary_tree_actor::behavior_type make_behavior();

private:
  /// A node of the tree.
  struct peer {
    peer_id id;
    summary_tree_actor tree;
  };

  /// An agent scored on this node.
  struct local_agent {
    /// The next row expected.
    uint64_t next = 0;
    /// Levels of the epoch that is under way.
    std::vector<double> levels;
    /// Its deviation in the strangest row of that epoch, if any was strange.
    std::vector<float> deviation;
    double strangest = 0.0;
    bool ended = false;
    std::string kind;
  };

  /// An epoch that went up, kept for the answer from above.
  struct closed_epoch {
    summary_round round;
    /// Of the committee.
    population_sketch sample;
    /// By member of the committee above.
    std::map<peer_id, population_figures> answers;
  };

  /// The tree of one kind of agents.
  struct kind_state {
    std::vector<round_member> members;
    /// This node's agents of that kind.
    epoch_roll agents;
    std::map<uint64_t, summary_round> rounds;
    /// Of those under way, whose own part was told.
    std::set<uint64_t> told;
    std::map<uint64_t, closed_epoch> closed;
    /// All epochs before this one are closed.
    uint64_t epoch_min = 0;
    /// The tree is another one than before, and no epoch of it was opened yet.
    bool rebuilt = false;
    /// Epochs before this one may lack what was sent while members had
    /// different lists.
    uint64_t settled_from = 0;
  };

  /// With its name.
  using kind_entry = std::map<std::string, kind_state>::value_type;

  caf::result<void> start(const tree_start& msg);
  caf::result<void> take(const score_batch& msg);
  caf::result<void> take(const summary_up& msg);
  caf::result<void> take(const population_summary& msg);
  tree_status status() const;
  caf::result<void> subscribe(const population_listener_actor& listener);
  void forget(const caf::actor_addr& ended);

  caf::error check(const tree_start& msg) const;
  void set_members(const tree_start& msg);
  void set_peers(const std::vector<tree_member>& members);
  void set_subjects(const tree_start& msg);
  void end_epoch_of(const std::string& subject, local_agent& agent,
                    uint64_t epoch);
  static void note_deviation(local_agent& agent, const score_batch& msg,
                             uint64_t row);
  /// Returns the round of an epoch, nothing if it is closed. Opens it if it is
  /// new.
  summary_round* round_of(kind_entry& kind, uint64_t epoch);
  void set_timers(const std::string& kind, uint64_t epoch, uint32_t height);
  /// Returns how many epochs an agent has rows in.
  uint64_t epochs_of(const local_agent& agent) const;
  /// Tells the committee of this node's agents, once.
  void tell_fellows(kind_entry& kind, uint64_t epoch,
                    const summary_round& round);
  void close_complete(kind_entry& kind);
  /// Whether a later epoch has all that this one still waits for.
  static bool is_passed(const kind_state& kind, uint64_t epoch);
  void close(kind_entry& kind, uint64_t epoch, bool complete);
  void hand_down(const kind_entry& kind, uint64_t epoch,
                 const population_figures& figures, const summary_round& round,
                 const population_sketch& sample);
  /// Sends nothing to who is no member.
  template <class Message>
  void send_to(const peer_id& member, const Message& msg) const;
  /// Returns the member whose actor sent the present message.
  const peer_id* sender() const;

  summary_tree_actor::pointer self_;
  summary_tree_options opts_;
  peer_id self_id_;
  /// Sorted by id: of many nodes each knows all, so entries are small.
  std::vector<peer> peers_;
  /// Indices into `peers_`, sorted by the number of the actor on its node.
  std::vector<std::pair<caf::actor_id, uint32_t>> peers_by_actor_;
  std::map<std::string, local_agent> agents_;
  std::map<std::string, kind_state> kinds_;
  tree_status status_;
  std::vector<population_listener_actor> listeners_;
  caf::actor_addr owner_;
};

/// Adds the type "summary-tree". Errors: duplicate_name.
caf::error add_summary_tree(actor_catalog& catalog);

} // namespace starling::tree
