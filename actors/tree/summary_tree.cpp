#include "actors/tree/summary_tree.hpp"

#include "runtime/outlive_refusals.hpp"
#include "runtime/plugin/settings_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace starling::tree {

namespace {

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

caf::error not_from(const char* what) {
  return caf::make_error(ec::permission_denied,
                         fmt::format("tree: a summary that does not come from "
                                     "{}",
                                     what));
}

/// Returns what a message says, if any honest node could say it.
std::optional<population_figures>
figures_in(const population_summary& msg,
           const direction_sketch::options& opts) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (msg.quantiles.size() != std::size(population_ranks)
      || !std::ranges::all_of(msg.quantiles, finite)
      || !std::ranges::is_sorted(msg.quantiles) || !finite(msg.agents)
      || !finite(msg.median) || !finite(msg.middle_mean)
      || !finite(msg.deviation) || msg.deviation < 0.0 || msg.agents <= 0.0
      || !direction_sketch::decode({msg.features, msg.directions}, 1.0, opts))
    return std::nullopt;
  return population_figures{.agents = msg.agents,
                            .median = msg.median,
                            .middle_mean = msg.middle_mean,
                            .deviation = msg.deviation,
                            .quantiles = msg.quantiles,
                            .directions = {msg.features, msg.directions}};
}

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<summary_tree_options>
read_summary_tree_options(const caf::settings& input) {
  auto result = summary_tree_options{};
  auto fanout = uint64_t{result.round.place.fan_out};
  auto committee = uint64_t{result.round.place.width};
  auto points = uint64_t{result.round.summary.points_max};
  auto directions = uint64_t{result.round.directions.rank};
  auto in = settings_reader{"summary-tree", input};
  in.read("fanout", fanout, 2, 64)
    .read("committee", committee, 1, 1024)
    .read("check_deviations", result.check_deviations, 0.0, 1e3)
    .read("epoch_rows", result.epoch_rows, 1, 100'000)
    .read("points_max", points, 8, 4096)
    .read("directions", directions, 0, 16)
    .read("epochs_open_max", result.epochs_open_max, 1, 10'000)
    .read("epoch_timeout", result.epoch_timeout, caf::timespan{1},
          std::chrono::hours{24});
  if (auto failed = in.finish())
    return failed;
  result.round.place.fan_out = fanout;
  result.round.place.width = committee;
  result.round.summary.points_max = points;
  result.round.directions.rank = directions;
  return result;
}

// -- messages -----------------------------------------------------------------

summary_tree_state::summary_tree_state(summary_tree_actor::pointer self,
                                       summary_tree_options opts)
  : self_{self},
    opts_{std::move(opts)} {
  // nop
}

summary_tree_actor::behavior_type summary_tree_state::make_behavior() {
  self_->set_down_handler(
    [this](const caf::down_msg& down) { forget(down.source); });
  outlive_refusals(*self_);
  return {
    [this](const tree_start& msg) { return start(msg); },
    [this](const score_batch& msg) { return take(msg); },
    [this](const summary_up& msg) { return take(msg); },
    [this](const population_summary& msg) { return take(msg); },
    [this](const query_tree&) { return status(); },
    [this](caf::subscribe_atom, const population_listener_actor& listener) {
      return subscribe(listener);
    },
  };
}

caf::result<void> summary_tree_state::start(const tree_start& msg) {
  if (auto failed = check(msg))
    return failed;
  // Rounds under way have the old places; they would wait for the dead.
  for (auto& kind : kinds_) {
    while (!kind.second.rounds.empty())
      close(kind, kind.second.rounds.begin()->first, false);
    kind.second.closed.clear();
  }
  set_members(msg);
  set_subjects(msg);
  if (msg.owner && msg.owner->address() != owner_) {
    owner_ = msg.owner->address();
    self_->monitor(owner_);
  }
  return caf::unit;
}

caf::error summary_tree_state::check(const tree_start& msg) const {
  if (msg.members.size() > opts_.members_max)
    return caf::make_error(ec::limit_reached,
                           fmt::format("tree: {} members, at most {} "
                                       "(members_max)",
                                       msg.members.size(), opts_.members_max));
  auto kinds = std::set<std::string>{};
  for (const auto& member : msg.members)
    for (const auto& each : member.agents)
      kinds.insert(each.kind);
  if (kinds.size() > opts_.kinds_max)
    return caf::make_error(ec::limit_reached,
                           fmt::format("tree: {} kinds of agents, at most {} "
                                       "(kinds_max)",
                                       kinds.size(), opts_.kinds_max));
  // Whether the options will do follows from no members as well, and sooner.
  if (const auto tried = round_plan::make({}, 0, opts_.round.place); !tried)
    return to_error(tried.error());
  if (std::ranges::find(msg.members, msg.self, &tree_member::id)
      == msg.members.end())
    return caf::make_error(ec::invalid_option,
                           fmt::format("tree: node {} is not among the {} "
                                       "members",
                                       short_name(msg.self),
                                       msg.members.size()));
  return {};
}

void summary_tree_state::set_members(const tree_start& msg) {
  self_id_ = msg.self;
  set_peers(msg.members);
  auto kinds = std::map<std::string, kind_state>{};
  for (const auto& member : msg.members)
    for (const auto& each : member.agents)
      if (!kinds.contains(each.kind))
        kinds.try_emplace(each.kind);
  for (auto& [kind, state] : kinds) {
    if (auto known = kinds_.find(kind); known != kinds_.end())
      state.epoch_min = known->second.epoch_min;
    state.rebuilt = msg.rebuilt;
    state.members.reserve(msg.members.size());
    // Who has no agent of a kind still passes on what others have.
    for (const auto& member : msg.members) {
      const auto found
        = std::ranges::find(member.agents, kind, &kind_count::kind);
      state.members.push_back(
        {member.id, found == member.agents.end() ? 0 : found->agents});
    }
  }
  for (auto& [kind, state] : kinds)
    std::ranges::stable_sort(state.members, {}, &round_member::id);
  kinds_ = std::move(kinds);
}

/// A member that is named twice has the tree that was named last.
void summary_tree_state::set_peers(const std::vector<tree_member>& members) {
  peers_.clear();
  peers_.reserve(members.size());
  for (const auto& member : members)
    peers_.push_back({member.id, member.tree});
  std::ranges::stable_sort(peers_, {}, &peer::id);
  const auto later
    = std::ranges::unique(peers_.rbegin(), peers_.rend(), {}, &peer::id);
  peers_.erase(peers_.begin(), later.begin().base());
  peers_by_actor_.clear();
  peers_by_actor_.reserve(peers_.size());
  for (size_t i = 0; i < peers_.size(); ++i)
    peers_by_actor_.emplace_back(peers_[i].tree.id(), static_cast<uint32_t>(i));
  std::ranges::sort(peers_by_actor_);
}

void summary_tree_state::set_subjects(const tree_start& msg) {
  auto known = std::exchange(agents_, {});
  for (const auto& subject : msg.subjects)
    if (auto agent = known.extract(subject.name))
      agents_.insert(std::move(agent));
  for (const auto& subject : msg.subjects)
    agents_[subject.name].kind = subject.kind;
  for (const auto& [subject, agent] : agents_)
    if (auto kind = kinds_.find(agent.kind); kind != kinds_.end())
      kind->second.agents.enter(epochs_of(agent));
}

caf::result<void> summary_tree_state::take(const score_batch& msg) {
  const auto found = agents_.find(msg.subject);
  if (found == agents_.end())
    return caf::make_error(ec::unknown_name,
                           "tree: agent '" + msg.subject
                             + "' is not scored on this node");
  auto& [subject, agent] = *found;
  const auto epochs = epochs_of(agent);
  if (msg.first > agent.next)
    return caf::make_error(ec::malformed_input,
                           fmt::format("tree: levels of '{}' from row {} on, "
                                       "expected row {}",
                                       subject, msg.first, agent.next));
  for (auto i = agent.next - msg.first; i < msg.levels.size(); ++i) {
    const auto row = agent.next++;
    agent.levels.push_back(msg.levels[i]);
    note_deviation(agent, msg, row);
    if (agent.next % opts_.epoch_rows == 0)
      end_epoch_of(subject, agent, row / opts_.epoch_rows);
  }
  if (msg.last && !agent.ended) {
    agent.ended = true;
    if (!agent.levels.empty())
      end_epoch_of(subject, agent, agent.next / opts_.epoch_rows);
  }
  if (auto kind = kinds_.find(agent.kind); kind != kinds_.end()) {
    if (const auto now = epochs_of(agent); now != epochs) {
      kind->second.agents.leave(epochs);
      kind->second.agents.enter(now);
    }
    close_complete(*kind);
  }
  return caf::unit;
}

caf::result<void> summary_tree_state::take(const summary_up& msg) {
  const auto* from = sender();
  if (!from || *from != msg.from)
    return not_from("the node it names");
  const auto kind = kinds_.find(msg.kind);
  if (kind == kinds_.end())
    return caf::make_error(ec::permission_denied,
                           "tree: no agents of that kind are known");
  // A stranger's epoch must not push out those that are under way.
  const auto& rounds = kind->second.rounds;
  const auto newest
    = rounds.empty() ? kind->second.epoch_min : rounds.rbegin()->first;
  if (msg.epoch > newest + opts_.epochs_open_max)
    return caf::make_error(
      ec::limit_reached,
      fmt::format("tree: epoch {} is far ahead of {}", msg.epoch, newest));
  auto* round = round_of(*kind, msg.epoch);
  if (!round)
    return caf::unit;
  auto weights = msg.weights;
  if (weights.size() == 1)
    weights.assign(msg.values.size(), msg.weights.front());
  if (auto done = round->add_report(msg.from, {{msg.values, std::move(weights)},
                                               {msg.features, msg.directions}});
      !done) {
    // Whoever has another place may just see another tree.
    if (opts_.note_conduct && done.error().code != ec::permission_denied)
      opts_.note_conduct(msg.from, conduct::refused_news);
    return to_error(done.error());
  }
  close_complete(*kind);
  return caf::unit;
}

caf::result<void> summary_tree_state::take(const population_summary& msg) {
  const auto kind = kinds_.find(msg.kind);
  if (kind == kinds_.end())
    return caf::unit;
  auto& closed = kind->second.closed;
  const auto found = closed.find(msg.epoch);
  if (found == closed.end())
    return caf::unit;
  auto& [round, sample, answers] = found->second;
  const auto* from = sender();
  if (!from || !round.is_above(*from))
    return not_from("the committee above");
  const auto figures = figures_in(msg, opts_.round.directions);
  if (!figures) {
    if (opts_.note_conduct)
      opts_.note_conduct(*from, conduct::refused_news);
    return caf::make_error(ec::malformed_input,
                           "tree: a population summary with other ranks, or "
                           "figures that can't be");
  }
  answers.try_emplace(*from, *figures);
  if (answers.size() < quorum_of(round.above().size()))
    return caf::unit;
  auto said = std::vector<population_figures>{};
  for (const auto& [member, answer] : answers)
    said.push_back(answer);
  hand_down(*kind, msg.epoch, median_figures(said), round, sample);
  closed.erase(found);
  return caf::unit;
}

tree_status summary_tree_state::status() const {
  auto result = status_;
  for (const auto& [kind, state] : kinds_)
    result.epochs_open += state.rounds.size();
  return result;
}

caf::result<void>
summary_tree_state::subscribe(const population_listener_actor& listener) {
  if (std::ranges::find(listeners_, listener) != listeners_.end())
    return caf::unit;
  if (listeners_.size() >= opts_.listeners_max)
    return caf::make_error(
      ec::limit_reached,
      fmt::format("tree: {} listeners, its bound", listeners_.size()));
  self_->monitor(listener);
  listeners_.push_back(listener);
  return caf::unit;
}

void summary_tree_state::forget(const caf::actor_addr& ended) {
  if (ended == owner_)
    self_->quit(caf::exit_reason::user_shutdown);
  std::erase_if(listeners_,
                [&](const auto& x) { return x.address() == ended; });
}

// -- catalog ------------------------------------------------------------------

caf::error add_summary_tree(actor_catalog& catalog) {
  using impl = summary_tree_actor::stateful_impl<summary_tree_state>;
  return catalog.add<summary_tree_actor>(
    "summary-tree",
    "hands robust summaries of levels and deviations up a tree of nodes and "
    "down again; "
    "options: fanout, committee, check_deviations, epoch_rows, points_max, "
    "directions, epochs_open_max, epoch_timeout",
    [](node_context& node,
       const caf::settings& input) -> caf::expected<summary_tree_actor> {
      auto opts = read_summary_tree_options(input);
      if (!opts)
        return std::move(opts.error());
      opts->note_conduct = node.note_conduct;
      return node.system->spawn<impl>(std::move(*opts));
    });
}

} // namespace starling::tree
