#include "actors/zone/zone_keeper.hpp"

#include "runtime/outlive_refusals.hpp"
#include "runtime/plugin/settings_reader.hpp"
#include "runtime/trust/deviation.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace starling::zone {

namespace {

/// Fewer agents say nothing about what is common.
constexpr double agents_min = 3.0;

/// Part of a deviation that others must share for it to be theirs as well.
constexpr double common_part = 0.5;

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

/// Says how far a value is from this agent's usual one.
std::string distance_text(const feature_part& part) {
  if (!std::isfinite(part.deviations))
    return ", missing";
  return fmt::format(": {:.4g}, {:.1f} deviations {} its usual {:.4g}",
                     part.value, std::abs(part.deviations),
                     part.deviations < 0.0 ? "below" : "above", part.usual);
}

zone_book make_book(const zone_book::options& opts) {
  auto made = zone_book::make(opts);
  assert(made);
  return std::move(*made);
}

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<zone_keeper_options>
read_zone_keeper_options(const caf::settings& input) {
  constexpr auto none = caf::timespan{0};
  constexpr auto year = caf::timespan{std::chrono::hours{24 * 365}};
  auto result = zone_keeper_options{};
  auto& policy = result.book.policy;
  auto in = settings_reader{"zone-keeper", input};
  in.read("trust_below", policy.trust_below, 0.0, 1.0)
    .read("monitor_above", policy.monitor_above, 0.0, 1.0)
    .read("quarantine_above", policy.quarantine_above, 0.0, 1.0)
    .read("quarantine_duration", policy.quarantine_duration, none, year)
    .read("monitor_stay", policy.monitor_stay, none, year)
    .read("probation", policy.probation, none, year)
    .read("calm_share", policy.calm_share, 0.0, 1.0)
    .read("calm_rows", policy.calm_rows, 0.0, 1e6)
    .read("strikes_max", policy.strikes_max, 1, 1'000'000)
    .read("strike_lifetime", policy.strike_lifetime, none, year)
    .read("isolation_duration", policy.isolation_duration, none, year)
    .read("row_interval", result.book.row_interval, caf::timespan{1}, year)
    .read("horizon_step", result.horizon_step, 1, 1'000'000)
    .read("common_share", result.common_share, 0.01, 0.99);
  if (auto failed = in.finish())
    return failed;
  if (auto made = zone_book::make(result.book); !made)
    return to_error(made.error());
  return result;
}

// -- messages -----------------------------------------------------------------

zone_keeper_state::zone_keeper_state(zone_keeper_actor::pointer self,
                                     node_context& node,
                                     zone_keeper_options opts)
  : self_{self},
    node_{node},
    opts_{std::move(opts)},
    book_{make_book(opts_.book)} {
  // nop
}

zone_keeper_actor::behavior_type zone_keeper_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler(
    [this](const caf::down_msg& down) { forget(down.source); });
  return {
    [this](const watch_agents& msg) { return watch(msg); },
    [this](const score_batch& msg) { return judge(msg); },
    [this](const population_summary& msg) { return note(msg); },
    [this](const release_agent& msg) { return release(msg); },
    [this](const query_zone& query) { return status(query); },
    [this](caf::subscribe_atom, const zone_listener_actor& listener) {
      return subscribe(listener);
    },
  };
}

caf::result<void> zone_keeper_state::watch(const watch_agents& msg) {
  auto names = std::vector<std::string>{};
  for (const auto& agent : msg.agents)
    names.push_back(agent.name);
  if (auto done = book_.watch(names); !done)
    return to_error(done.error());
  features_.clear();
  hosts_.clear();
  kinds_.clear();
  auto populations = std::exchange(populations_, {});
  for (const auto& agent : msg.agents) {
    features_.insert_or_assign(agent.name, agent.features);
    kinds_.insert_or_assign(agent.name, agent.kind);
    if (auto known = populations.extract(agent.kind))
      populations_.insert(std::move(known));
    else
      populations_.try_emplace(agent.kind);
    if (!agent.host.empty() && agent.host.front() != node_.self)
      hosts_.insert_or_assign(agent.name, agent.host.front());
  }
  watching_ = true;
  if (msg.owner && msg.owner->address() != owner_) {
    owner_ = msg.owner->address();
    self_->monitor(owner_);
  }
  // The tree keeps one entry for each time it is told; a restarted one knows
  // nobody. Being told twice does no harm.
  if (msg.tree)
    self_->send(msg.tree, caf::subscribe_atom_v,
                caf::actor_cast<population_listener_actor>(self_->ctrl()));
  publish_horizon();
  return caf::unit;
}

caf::result<void> zone_keeper_state::judge(const score_batch& msg) {
  auto changes = book_.judge(msg.subject, msg.first, msg.levels, msg.last);
  if (!changes)
    return to_error(changes.error());
  for (const auto& change : *changes) {
    const auto found
      = std::ranges::find(msg.evidence, change.row, &row_evidence::row);
    publish(msg.subject, change,
            found != msg.evidence.end() ? &*found : nullptr);
  }
  publish_horizon();
  return caf::unit;
}

caf::result<void> zone_keeper_state::note(const population_summary& msg) {
  const auto found = populations_.find(msg.kind);
  if (found == populations_.end()
      || msg.quantiles.size() != std::size(population_ranks))
    return caf::unit;
  if (auto& known = found->second;
      known.quantiles.empty() || msg.epoch > known.epoch)
    known = msg;
  return caf::unit;
}

caf::result<void> zone_keeper_state::release(const release_agent& msg) {
  const auto change = book_.release(msg.subject);
  if (!change)
    return to_error(change.error());
  publish(msg.subject, *change, nullptr);
  return caf::unit;
}

caf::result<zone_status>
zone_keeper_state::status(const query_zone& query) const {
  const auto* agent = book_.find(query.subject);
  if (!agent)
    return caf::make_error(ec::unknown_name,
                           "zone keeper: agent '" + query.subject
                             + "' is not judged on this node");
  return zone_status{agent->policy.current(), agent->since, agent->rows,
                     agent->policy.strikes()};
}

caf::result<void>
zone_keeper_state::subscribe(const zone_listener_actor& listener) {
  const auto known
    = std::ranges::find(listeners_, listener) != listeners_.end();
  if (!known && listeners_.size() >= opts_.listeners_max)
    return caf::make_error(
      ec::limit_reached,
      fmt::format("zone keeper: {} listeners, its bound", listeners_.size()));
  if (!known) {
    self_->monitor(listener);
    listeners_.push_back(listener);
  }
  for (const auto& change : history_)
    self_->send(listener, change);
  if (watching_)
    self_->send(listener, zone_horizon{book_.horizon()});
  return caf::unit;
}

void zone_keeper_state::forget(const caf::actor_addr& ended) {
  if (ended == owner_)
    self_->quit(caf::exit_reason::user_shutdown);
  std::erase_if(listeners_,
                [&](const auto& x) { return x.address() == ended; });
}

// -- internals ----------------------------------------------------------------

void zone_keeper_state::publish(const std::string& subject,
                                const zone_book::dated_change& what,
                                const row_evidence* evidence) {
  const auto& change = what.change;
  if (const auto host = hosts_.find(subject);
      host != hosts_.end() && is_cut_off(change.to) && change.to > change.from)
    node_.note_conduct(host->second, conduct::agent_cut_off);
  auto said = zone_changed{};
  said.subject = subject;
  said.row = what.row;
  said.from = change.from;
  said.to = change.to;
  said.level = change.level;
  said.reason = change.reason;
  const auto features
    = evidence ? evidence_text(subject, *evidence) : std::string{};
  if (!features.empty())
    said.reason += "; most from " + features;
  said.context = context_text(subject, evidence);
  node_.audit("zone.change", subject,
              {{"row", std::to_string(what.row)},
               {"from", std::string{name_of(change.from)}},
               {"to", std::string{name_of(change.to)}},
               {"level", fmt::format("{:.4f}", change.level)},
               {"strikes", std::to_string(change.strikes)},
               {"reason", change.reason},
               {"features", features},
               {"population", said.context}});
  for (const auto& listener : listeners_)
    self_->send(listener, said);
  if (history_.size() >= opts_.history_max)
    history_.erase(history_.begin(),
                   history_.begin()
                     + static_cast<ptrdiff_t>(history_.size() / 2));
  history_.push_back(std::move(said));
}

void zone_keeper_state::publish_horizon() {
  if (!watching_)
    return;
  const auto rows = book_.horizon();
  const auto ended = rows == zone_book::no_row;
  // It falls when an agent comes anew; that has to be said at once.
  const auto moved = rows < horizon_said_
                     || rows - horizon_said_ >= opts_.horizon_step
                     || (ended && horizon_said_ != zone_book::no_row);
  if (!moved)
    return;
  horizon_said_ = rows;
  for (const auto& listener : listeners_)
    self_->send(listener, zone_horizon{rows});
}

std::string
zone_keeper_state::evidence_text(const std::string& subject,
                                 const row_evidence& evidence) const {
  constexpr size_t parts_max = 3;
  constexpr auto share_min = 0.01;
  const auto found = features_.find(subject);
  auto result = std::string{};
  for (const auto& part : evidence.parts) {
    if (&part - evidence.parts.data() == parts_max || part.share < share_min)
      break;
    const auto named
      = found != features_.end() && part.feature < found->second.size();
    result += fmt::format("{}{} ({:.0f} %{})", result.empty() ? "" : ", ",
                          named ? found->second[part.feature]
                                : fmt::format("feature {}", part.feature),
                          100.0 * part.share, distance_text(part));
  }
  return result;
}

/// Says whether others are affected too, and in the same way: an incident that
/// hits many at once is rather one of what they share than of this agent.
std::string
zone_keeper_state::context_text(const std::string& subject,
                                const row_evidence* evidence) const {
  const auto kind = kinds_.find(subject);
  if (kind == kinds_.end())
    return "";
  const auto& population = populations_.at(kind->second);
  if (population.quantiles.empty() || population.agents < agents_min)
    return "";
  // The greatest of the known ranks that leaves `common_share` above it.
  auto rank = size_t{0};
  for (size_t i = 0; i < std::size(population_ranks); ++i)
    if (population_ranks[i] <= 1.0 - opts_.common_share)
      rank = i;
  auto common = population.quantiles[rank] > opts_.book.policy.monitor_above;
  auto shared = shared_deviation{};
  if (evidence)
    shared = shared_part(deviation_of(*evidence), population.directions,
                         population.features, opts_.common_share);
  // Many may be strange, and this one in another way.
  if (shared.agents > 0.0)
    common = shared.part >= common_part;
  const auto way
    = shared.agents > 0.0
        ? fmt::format("{:.0f} % of it is what {:.0f} % of the agents do, ",
                      100.0 * shared.part, 100.0 * shared.agents)
        : std::string{};
  return fmt::format("{}: {}median level {:.3f} of {:.0f} agents, 90 % below "
                     "{:.3f}, epoch {}",
                     common ? "common" : "individual", way, population.median,
                     population.agents, population.quantiles[4],
                     population.epoch);
}

// -- catalog ------------------------------------------------------------------

caf::error add_zone_keeper(actor_catalog& catalog) {
  using impl = zone_keeper_actor::stateful_impl<zone_keeper_state>;
  return catalog.add<zone_keeper_actor>(
    "zone-keeper",
    "decides how far the agents scored on its node are trusted; options: "
    "trust_below, monitor_above, quarantine_above, quarantine_duration, "
    "monitor_stay, probation, calm_share, calm_rows, strikes_max, "
    "strike_lifetime, isolation_duration, row_interval, horizon_step, "
    "common_share",
    [](node_context& node,
       const caf::settings& input) -> caf::expected<zone_keeper_actor> {
      auto opts = read_zone_keeper_options(input);
      if (!opts)
        return std::move(opts.error());
      return node.system->spawn<impl>(node, std::move(*opts));
    });
}

} // namespace starling::zone
