#pragma once

#include "actors/experiment/collector.hpp"
#include "actors/experiment/experiment_options.hpp"
#include "actors/experiment/experiment_result.hpp"
#include "actors/experiment/recruiting_orchestrator.hpp"
#include "actors/experiment/summary.hpp"
#include "actors/experiment/troupe_orchestrator.hpp"
#include "messages/experiment.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/expected.hpp>
#include <caf/response_promise.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::experiment {

struct experiment_orchestrator_options {
  /// Spawning an actor, or wiring one up.
  caf::timespan request_timeout = std::chrono::seconds{15};
  /// A run in which nothing moves for this long has failed. With a rate, four
  /// rows' time is added.
  caf::timespan stall_timeout = std::chrono::seconds{60};
  /// After a failure, time in which others that belong to it become known.
  caf::timespan heal_delay = std::chrono::milliseconds{20};
  /// Times that one entity may begin anew.
  uint32_t restarts_max = 5;
  /// Time between two looks for nodes that came.
  caf::timespan recruit_interval = std::chrono::seconds{1};
  size_t listeners_max = 100;
};

/// Reads the options of the catalog's "experiment". Errors: invalid_option.
caf::expected<experiment_orchestrator_options>
read_experiment_orchestrator_options(const caf::settings& input);

/// Returns that many nodes that share one spawner, for an experiment in one
/// process: "node-1" and so on.
std::vector<experiment_node> local_nodes(const spawner_actor& spawner,
                                         size_t count);

/// State of the actor that runs experiments.
///
/// It spreads actors over nodes and collects what they say; it takes no part in
/// what they do. Scores, levels, zones and the fate of work items follow from
/// the data and the experiment file alone: in one process and on a cluster, and
/// whether or not an actor or node died on the way.
class experiment_orchestrator_state {
public:
  static constexpr const char* name = "starling.experiment.orchestrator";

  experiment_orchestrator_state(orchestrator_actor::pointer self,
                                node_context& node,
                                experiment_orchestrator_options opts);

  ~experiment_orchestrator_state();

  orchestrator_actor::behavior_type make_behavior();

private:
  /// One experiment under way.
  struct run {
    experiment_options options;
    std::string file;
    std::filesystem::path data;
    std::filesystem::path out;
    std::shared_ptr<troupe> actors;
    /// If nodes that come shall take part.
    std::shared_ptr<recruiter> recruits;
    std::optional<collector> found;
    caf::typed_response_promise<experiment_outcome> answer;
    std::vector<uint64_t> rows_streamed;
    uint64_t rows_said = 0;
    std::string stage = "preparing";
    caf::actor_clock::time_point started;
    std::chrono::system_clock::time_point started_wall;
    caf::actor_clock::time_point moved;
    std::vector<std::vector<uint8_t>> labels;
    std::vector<node_note> nodes;
    /// Answers that are waited for before the report is written.
    size_t answers_missing = 0;
  };

  // -- messages ---------------------------------------------------------------

  caf::result<experiment_outcome> begin(run_experiment& msg);
  caf::result<void> subscribe(const experiment_listener_actor& listener);
  caf::result<void> collect(const score_batch& msg);
  void collect(const zone_changed& msg);
  void collect(const zone_horizon& msg);
  void collect(const agent_report& msg);
  void forget(const caf::down_msg& down);

  // -- the run ----------------------------------------------------------------

  caf::error prepare(run_experiment& msg, run& made) const;
  void assemble(std::vector<std::string> entities, run_experiment& msg);
  void watch_for_stalls();
  void finish_if_done();
  void recruit();
  void fetch_all_labels();
  void ask_trees();
  void note_answer();
  void write();
  experiment_outcome outcome_of(const experiment_result& result,
                                const experiment_summary& summary) const;
  void fail(caf::error reason);
  void end_run();
  void say_progress(bool always = false);
  void note_event(event_note event);

  orchestrator_actor::pointer self_;
  node_context& node_;
  experiment_orchestrator_options opts_;
  std::vector<experiment_listener_actor> listeners_;
  std::optional<run> run_;
  /// Timers of older runs are stale.
  uint64_t runs_ = 0;
};

/// Adds the type "experiment". Errors: duplicate_name.
caf::error add_experiment_orchestrator(actor_catalog& catalog);

} // namespace starling::experiment
