#pragma once

#include "actors/agent/work_ring.hpp"
#include "actors/agent/zone_timeline.hpp"
#include "messages/agent.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/expected.hpp>
#include <caf/response_promise.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::agent {

struct replay_agent_options {
  /// Rows in one message, 1 to `batch_rows_max`.
  uint32_t batch_rows = batch_rows_max;
  /// Batches that the detector has not answered yet.
  uint32_t window = 4;
  /// Rows a second after the training rows; 0: as fast as they are taken.
  double rate = 0.0;
  /// Without an answer for this long, a request has failed; 0 in the options
  /// waits for ever. For each request that waits with a timeout CAF's clock
  /// takes time whenever it wakes, so 10^5 agents in one process set none.
  caf::timespan request_timeout = std::chrono::seconds{30};
  /// Work of others that waits until its rows have been judged.
  size_t pending_max = 10'000;
  size_t members_max = 100'000;
};

/// Reads the options of the catalog's "replay-agent". Errors: invalid_option.
caf::expected<replay_agent_options>
read_replay_agent_options(const caf::settings& input);

/// State of an agent whose behaviour was recorded before.
///
/// It streams what it did, row by row, to the detector that watches it, and it
/// works with its neighbours in a ring, an item a row. Work for a row is sent
/// when the zones of everyone are known up to that row: then whether an item is
/// delivered, re-routed or refused follows from the data, not from who was
/// faster.
class replay_agent_state {
public:
  static constexpr const char* name = "starling.agent.replay";

  replay_agent_state(agent_actor::pointer self, replay_agent_options opts);

  agent_actor::behavior_type make_behavior();

private:
  /// Work items in one message.
  static constexpr uint32_t work_rows_max = 4096;

  struct stream {
    behaviour_source_actor source;
    detector_actor detector;
    uint64_t training_rows = 0;
    /// All rows, 0 before the source has answered.
    uint64_t rows = 0;
    /// The row to fetch next.
    uint64_t next = 0;
    /// The row that the detector expects next.
    uint64_t taken = 0;
    uint32_t in_flight = 0;
    /// Rows that may be fetched now, where there is a rate.
    double allowance = 0.0;
    bool ticking = false;
  };

  struct pending_work {
    work_items items;
    caf::typed_response_promise<work_receipt> answer;
  };

  // -- messages ---------------------------------------------------------------

  caf::result<void> join(const agent_ring& msg);
  caf::result<void> start(const agent_stream& msg);
  caf::result<work_receipt> take(const work_items& msg);
  void note(const zone_changed& msg);
  void note(const zone_horizon& msg);
  agent_status status() const;

  // -- streaming --------------------------------------------------------------

  void pump();
  uint32_t rows_allowed() const;
  void fetch(uint32_t rows);
  void forward(behaviour_rows rows);
  void tick();
  void fail(caf::error reason);

  // -- work -------------------------------------------------------------------

  void subscribe(const zone_keeper_actor& keeper);
  void follow_horizon();
  void work();
  void send_work(const work_ring::run& run);
  void count(const work_ring::run& run, const work_receipt& receipt);
  void note_route(const work_ring::run& run);
  work_receipt receipt_for(const work_items& items) const;

  void report(bool finished = false, caf::error failed = {});
  bool all_done() const;
  uint64_t live_rows() const;

  agent_actor::pointer self_;
  replay_agent_options opts_;
  std::string subject_;
  agent_listener_actor listener_;
  caf::actor_addr owner_;
  std::optional<work_ring> ring_;
  uint64_t ring_generation_ = 0;
  std::vector<agent_actor> members_;
  /// How far each keeper has judged its agents.
  std::map<caf::actor_addr, uint64_t> horizons_;
  uint64_t horizon_ = 0;
  zone_timeline zones_;
  std::optional<stream> stream_;
  /// Answers to older streams are stale.
  uint64_t generation_ = 0;
  uint32_t attempt_ = 0;
  uint64_t work_next_ = 0;
  bool working_ = false;
  bool finished_ = false;
  std::optional<size_t> route_;
  std::vector<pending_work> pending_;
  uint64_t bytes_sent_ = 0;
  work_tally unreported_;
  work_tally total_;
  std::vector<route_change> routes_;
};

/// Adds the type "replay-agent". Errors: duplicate_name.
caf::error add_replay_agent(actor_catalog& catalog);

} // namespace starling::agent
