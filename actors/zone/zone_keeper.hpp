#pragma once

#include "actors/zone/zone_book.hpp"
#include "messages/zone.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/expected.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace starling::zone {

struct zone_keeper_options {
  zone_book::options book;
  /// Rows by which the horizon has to move before listeners hear of it.
  uint64_t horizon_step = 32;
  /// Changes kept for listeners that come late; older ones are forgotten.
  size_t history_max = 100'000;
  size_t listeners_max = 10'000;
  /// An incident is common when this share of all agents moves the same way,
  /// and this one with them; where no such way is known, when the share is
  /// above the monitoring threshold. In (0, 1).
  double common_share = 0.25;
};

/// Reads the options of the catalog's "zone-keeper". Errors: invalid_option.
caf::expected<zone_keeper_options>
read_zone_keeper_options(const caf::settings& input);

/// State of the actor that decides on the zones of the agents scored on its
/// node, says so to all who listen, and writes it into the audit log with its
/// evidence. It asks nobody: what other nodes think is context, not a vote.
class zone_keeper_state {
public:
  static constexpr const char* name = "starling.zone.keeper";

  /// @pre `zone_book::make(opts.book)` has a value.
  zone_keeper_state(zone_keeper_actor::pointer self, node_context& node,
                    zone_keeper_options opts);

  zone_keeper_actor::behavior_type make_behavior();

private:
  caf::result<void> watch(const watch_agents& msg);
  caf::result<void> judge(const score_batch& msg);
  caf::result<void> note(const population_summary& msg);
  caf::result<void> release(const release_agent& msg);
  caf::result<zone_status> status(const query_zone& query) const;
  caf::result<void> subscribe(const zone_listener_actor& listener);
  void forget(const caf::actor_addr& ended);

  void publish(const std::string& subject, const zone_book::dated_change& what,
               const row_evidence* evidence);
  void publish_horizon();
  std::string evidence_text(const std::string& subject,
                            const row_evidence& evidence) const;
  std::string context_text(const std::string& subject,
                           const row_evidence* evidence) const;

  zone_keeper_actor::pointer self_;
  node_context& node_;
  zone_keeper_options opts_;
  zone_book book_;
  std::map<std::string, std::vector<std::string>, std::less<>> features_;
  /// Who answers for an agent, as far as anyone does.
  std::map<std::string, peer_id, std::less<>> hosts_;
  std::vector<zone_listener_actor> listeners_;
  std::vector<zone_changed> history_;
  std::map<std::string, std::string, std::less<>> kinds_;
  /// The newest of each kind that is judged here.
  std::map<std::string, population_summary, std::less<>> populations_;
  /// Nothing is known of what there is to judge before the first list.
  bool watching_ = false;
  uint64_t horizon_said_ = 0;
  caf::actor_addr owner_;
};

/// Adds the type "zone-keeper". Errors: duplicate_name.
caf::error add_zone_keeper(actor_catalog& catalog);

} // namespace starling::zone
