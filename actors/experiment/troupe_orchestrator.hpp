#pragma once

#include "actors/experiment/experiment_options.hpp"
#include "actors/experiment/experiment_result.hpp"
#include "actors/experiment/placement.hpp"
#include "messages/agent.hpp"
#include "messages/detector.hpp"
#include "messages/experiment.hpp"
#include "messages/tree.hpp"
#include "messages/zone.hpp"

#include <caf/actor_addr.hpp>
#include <caf/send.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace starling::experiment {

/// The orchestrator as the actors of an experiment see it.
using orchestrator_actor = experiment_actor::extend<
  caf::result<void>(score_batch), caf::result<void>(zone_changed),
  caf::result<void>(zone_horizon), caf::result<void>(agent_report)>;

/// Nodes of one experiment, lost ones included, at most.
inline constexpr size_t troupe_nodes_max = 10'000;

struct troupe_options {
  experiment_options experiment;
  std::filesystem::path data;
  std::vector<std::string> entities;
  std::vector<experiment_node> nodes;
  /// Spawning an actor, or wiring one up.
  caf::timespan request_timeout = std::chrono::seconds{15};
  /// After a failure, time in which others that belong to it become known.
  caf::timespan heal_delay = std::chrono::milliseconds{20};
  /// Times that one entity may begin anew.
  uint32_t restarts_max = 5;
  /// Times that one node may come, or come back, while the experiment runs.
  uint32_t joins_max = 5;
};

/// What the troupe tells its orchestrator.
struct troupe_events {
  /// All entities are being streamed; again after each failure that was healed.
  std::function<void()> streaming;
  /// The experiment can't go on.
  std::function<void(caf::error)> failed;
  /// For the list of events.
  std::function<void(event_note)> noted;
};

/// All actors of one experiment: spawns them through the nodes' spawners, wires
/// them up, and replaces those that die.
///
/// There is one way to do it, at the start, after a failure, and when a node
/// comes: look at what is missing, ask for it, and look again when all answers
/// are in. An entity whose agent or detector died is streamed again from its
/// first row, so that it has the same scores as without the failure. A node
/// that comes has a place in the summary tree at once; of the agents it takes
/// those that are lost later, since moving one that runs would cost all its
/// rows.
class troupe : public std::enable_shared_from_this<troupe> {
public:
  troupe(orchestrator_actor::pointer self, troupe_options opts,
         troupe_events events);

  /// Begins to spawn.
  void begin();

  /// Ends all actors; no event is told after that.
  void stop();

  /// Whether a node that is in the cluster should be added: it has no part in
  /// the experiment, and was not lost or refused too often.
  [[nodiscard]] bool wants_node(const peer_id& id) const;

  /// Takes a node in that came, or came back. @pre `wants_node(what.id)`.
  void add_node(experiment_node what);

  /// Some actor ended; ignored if it is not one of this troupe.
  void note_down(const caf::actor_addr& ended, const caf::error& reason);

  /// An agent said that it can't go on.
  void note_failed(size_t entity, uint32_t attempt, const caf::error& reason);

  /// Work of that entity is done up to that row.
  void note_work(size_t entity, uint64_t rows);

  /// The agent has streamed all its rows and done all its work.
  void note_finished(size_t entity, uint32_t attempt);

  /// A keeper has judged its agents that far; `sender` says which.
  void note_horizon(const caf::actor_addr& sender, uint64_t rows);

  [[nodiscard]] std::optional<size_t>
  find_entity(const std::string& name) const;

  /// Whether all agents have finished, and all keepers judged their rows.
  [[nodiscard]] bool all_finished() const;

  /// Training rows included; 0 until it is known.
  [[nodiscard]] uint64_t rows_total() const;

  /// A node that takes part.
  struct seat {
    std::string name;
    /// Entities that it watches.
    size_t watched = 0;
    /// Times that it came, or came back, while the experiment ran.
    uint32_t joined = 0;
    /// Empty where there is no summary tree.
    summary_tree_actor tree;
  };

  /// Of all nodes that are alive, in the order in which they first came.
  [[nodiscard]] std::vector<seat> seats() const;

  /// Rows to score of one entity. @pre `streaming` was told.
  [[nodiscard]] uint64_t live_rows(size_t entity) const;

  [[nodiscard]] const labelled_source_actor& source(size_t entity) const {
    return entities_[entity].source;
  }

  /// Name of the node that runs the agent.
  [[nodiscard]] const std::string& node_of(size_t entity) const;

  [[nodiscard]] uint32_t restarts() const {
    return restarts_;
  }

  /// Times that a node came, or came back; and that one was lost.
  [[nodiscard]] uint32_t nodes_joined() const {
    return nodes_joined_;
  }

  [[nodiscard]] uint32_t nodes_lost() const {
    return nodes_lost_;
  }

  /// Says who has not finished, for people.
  [[nodiscard]] std::string waiting_text() const;

private:
  enum class part : uint8_t { spawner, keeper, tree, agent, detector };

  struct role {
    part what = part::spawner;
    /// Of the node or entity.
    size_t index = 0;
  };

  struct node_slot {
    experiment_node node;
    zone_keeper_actor keeper;
    summary_tree_actor tree;
    uint64_t horizon = 0;
    bool keeper_wired = false;
    /// Times that it came while the experiment ran.
    uint32_t joined = 0;
    /// Whether it may come back.
    bool wanted = true;
    /// Actor types that plugins have brought to it.
    std::optional<std::set<std::string>> types;
  };

  struct entity_slot {
    std::string name;
    labelled_source_actor source;
    std::optional<behaviour_description> what;
    agent_actor agent;
    detector_actor detector;
    bool streaming = false;
    bool finished = false;
    uint32_t attempt = 0;
    uint64_t work_rows = 0;
  };

  // -- what to do next --------------------------------------------------------

  void watch_spawner(size_t node);
  void step();
  bool describe_entities();
  bool describe_nodes();
  bool spawn_services();
  bool spawn_players();
  bool wire_services();
  bool wire_players();
  void start_streams();

  // -- asking -----------------------------------------------------------------

  /// Sends a request and goes on with `step` when all such are answered.
  template <class Result, class Handle, class Content>
  void ask(const Handle& receiver, Content content,
           std::function<void(Result&)> on_value,
           std::function<void(caf::error&)> on_error);

  /// Asks an actor of the troupe; one that can't answer is replaced.
  template <class Handle, class Content>
  void wire(const Handle& receiver, Content content);

  template <class Handle>
  void spawn(size_t node, std::string type, std::string name,
             caf::settings options, role what, Handle& target);

  /// Takes note of an answer; nothing if it comes too late.
  static std::shared_ptr<troupe> answered(const std::weak_ptr<troupe>& weak,
                                          uint64_t number);

  /// Waits no longer for what that actor was asked: it is gone, and an answer
  /// may take until its time is out.
  void forget_asked(const caf::actor_addr& receiver);

  caf::settings keeper_settings() const;
  caf::settings tree_settings() const;
  caf::settings agent_settings() const;
  /// The bundled one, or a type that a plugin has brought to the node.
  [[nodiscard]] std::string detector_type(size_t entity) const;
  caf::settings detector_settings(size_t entity) const;
  watch_agents watch_list(size_t node) const;
  tree_start tree_list(size_t node) const;
  std::vector<kind_count> kinds_on(size_t node) const;
  agent_ring ring_of(size_t entity) const;

  // -- failures ---------------------------------------------------------------

  void lose_node(size_t node, const caf::error& reason);
  void lose_services(size_t node, const caf::error& reason);
  void lose_agent(size_t entity, const caf::error& reason);
  void lose_detector(size_t entity, const caf::error& reason);
  void restart(size_t entity, const std::string& what,
               const caf::error& reason);
  void heal_soon();
  void lose_or_fail(size_t node, caf::error reason);
  /// Tells all keepers anew whom they judge, and all trees who is there.
  void rewire_services();
  void fail(caf::error reason);
  /// Ends an actor and forgets it, so that its end is no failure.
  template <class Handle>
  void dismiss(Handle& which) {
    if (!which)
      return;
    roles_.erase(which.address());
    forget_asked(which.address());
    caf::anon_send_exit(which, caf::exit_reason::user_shutdown);
    which = nullptr;
  }

  orchestrator_actor::pointer self_;
  troupe_options opts_;
  troupe_events events_;
  placement places_;
  /// Answers that are awaited refer to its elements.
  std::deque<node_slot> nodes_;
  std::vector<entity_slot> entities_;
  std::map<std::string, size_t> by_name_;
  std::multimap<caf::actor_addr, role> roles_;
  /// Requests whose answers are awaited, by number, with their receivers.
  std::map<uint64_t, caf::actor_addr> asked_;
  uint64_t asks_ = 0;
  bool services_wired_ = false;
  /// Times that the trees were told who is there.
  uint32_t trees_told_ = 0;
  bool players_wired_ = false;
  bool healing_ = false;
  bool failed_ = false;
  bool stopped_ = false;
  uint32_t spawned_ = 0;
  uint32_t restarts_ = 0;
  uint32_t nodes_joined_ = 0;
  uint32_t nodes_lost_ = 0;
};

} // namespace starling::experiment
