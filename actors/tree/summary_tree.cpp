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
#include <memory>
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

population_summary message_of(uint64_t epoch, const population_figures& x) {
  return {epoch, x.agents, x.median, x.middle_mean, x.deviation, x.quantiles};
}

/// Returns what a message says, if any honest node could say it.
std::optional<population_figures> figures_in(const population_summary& msg) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (msg.quantiles.size() != std::size(population_ranks)
      || !std::ranges::all_of(msg.quantiles, finite)
      || !std::ranges::is_sorted(msg.quantiles) || !finite(msg.agents)
      || !finite(msg.median) || !finite(msg.middle_mean)
      || !finite(msg.deviation) || msg.deviation < 0.0 || msg.agents <= 0.0)
    return std::nullopt;
  return population_figures{msg.agents, msg.median, msg.middle_mean,
                            msg.deviation, msg.quantiles};
}

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<summary_tree_options>
read_summary_tree_options(const caf::settings& input) {
  auto result = summary_tree_options{};
  auto fanout = uint64_t{result.round.place.fan_out};
  auto committee = uint64_t{result.round.place.width};
  auto points = uint64_t{result.round.summary.points_max};
  auto in = settings_reader{"summary-tree", input};
  in.read("fanout", fanout, 2, 64)
    .read("committee", committee, 1, 1024)
    .read("check_deviations", result.check_deviations, 0.0, 1e3)
    .read("epoch_rows", result.epoch_rows, 1, 100'000)
    .read("points_max", points, 8, 4096)
    .read("epochs_open_max", result.epochs_open_max, 1, 10'000)
    .read("epoch_timeout", result.epoch_timeout, caf::timespan{1},
          std::chrono::hours{24});
  if (auto failed = in.finish())
    return failed;
  result.round.place.fan_out = fanout;
  result.round.place.width = committee;
  result.round.summary.points_max = points;
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
  if (msg.members.size() > opts_.members_max)
    return caf::make_error(ec::limit_reached,
                           fmt::format("tree: {} members, at most {} "
                                       "(members_max)",
                                       msg.members.size(), opts_.members_max));
  auto members = std::vector<round_member>{};
  for (const auto& member : msg.members)
    members.push_back({member.id, member.agents});
  const auto tried = round_plan::make(members, 0, opts_.round.place);
  if (!tried)
    return to_error(tried.error());
  if (!tried->place().committee_of(msg.self))
    return caf::make_error(ec::invalid_option,
                           fmt::format("tree: node {} is not among the {} "
                                       "members",
                                       short_name(msg.self), members.size()));
  // Rounds under way have the old places; they would wait for the dead.
  while (!rounds_.empty())
    close(rounds_.begin()->first, false);
  closed_.clear();
  self_id_ = msg.self;
  members_ = std::move(members);
  trees_.clear();
  senders_.clear();
  for (const auto& member : msg.members) {
    trees_.insert_or_assign(member.id, member.tree);
    senders_.insert_or_assign(member.tree.address(), member.id);
  }
  std::erase_if(agents_, [&msg](const auto& agent) {
    return std::ranges::find(msg.subjects, agent.first) == msg.subjects.end();
  });
  for (const auto& subject : msg.subjects)
    agents_.try_emplace(subject);
  if (msg.owner && msg.owner->address() != owner_) {
    owner_ = msg.owner->address();
    self_->monitor(owner_);
  }
  return caf::unit;
}

caf::result<void> summary_tree_state::take(const score_batch& msg) {
  const auto found = agents_.find(msg.subject);
  if (found == agents_.end())
    return caf::make_error(ec::unknown_name,
                           "tree: agent '" + msg.subject
                             + "' is not scored on this node");
  auto& [subject, agent] = *found;
  if (msg.first > agent.next)
    return caf::make_error(ec::malformed_input,
                           fmt::format("tree: levels of '{}' from row {} on, "
                                       "expected row {}",
                                       subject, msg.first, agent.next));
  for (auto i = agent.next - msg.first; i < msg.levels.size(); ++i) {
    const auto row = agent.next++;
    agent.levels.push_back(msg.levels[i]);
    if (agent.next % opts_.epoch_rows == 0)
      end_epoch_of(subject, agent, row / opts_.epoch_rows);
  }
  if (msg.last && !agent.ended) {
    agent.ended = true;
    if (!agent.levels.empty())
      end_epoch_of(subject, agent, agent.next / opts_.epoch_rows);
  }
  close_complete();
  return caf::unit;
}

caf::result<void> summary_tree_state::take(const summary_up& msg) {
  const auto* from = sender();
  if (!from || *from != msg.from)
    return not_from("the node it names");
  // A stranger's epoch must not push out those that are under way.
  const auto newest = rounds_.empty() ? epoch_min_ : rounds_.rbegin()->first;
  if (msg.epoch > newest + opts_.epochs_open_max)
    return caf::make_error(
      ec::limit_reached,
      fmt::format("tree: epoch {} is far ahead of {}", msg.epoch, newest));
  auto* round = round_of(msg.epoch);
  if (!round)
    return caf::unit;
  if (auto done = round->add_report(msg.from, {msg.values, msg.weights});
      !done) {
    // Whoever has another place may just see another tree.
    if (opts_.note_conduct && done.error().code != ec::permission_denied)
      opts_.note_conduct(msg.from, conduct::refused_news);
    return to_error(done.error());
  }
  close_complete();
  return caf::unit;
}

caf::result<void> summary_tree_state::take(const population_summary& msg) {
  const auto found = closed_.find(msg.epoch);
  if (found == closed_.end())
    return caf::unit;
  auto& [round, answers] = found->second;
  const auto* from = sender();
  if (!from || !round.is_above(*from))
    return not_from("the committee above");
  const auto figures = figures_in(msg);
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
  hand_down(msg.epoch, median_figures(said), round);
  closed_.erase(found);
  return caf::unit;
}

tree_status summary_tree_state::status() const {
  auto result = status_;
  result.epochs_open = rounds_.size();
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

// -- epochs -------------------------------------------------------------------

void summary_tree_state::end_epoch_of(const std::string& subject,
                                      local_agent& agent, uint64_t epoch) {
  const auto levels = std::exchange(agent.levels, {});
  if (auto* round = round_of(epoch))
    // Bounded by epoch_rows, so there is nothing to refuse.
    static_cast<void>(round->add_agent(subject, levels));
}

summary_round* summary_tree_state::round_of(uint64_t epoch) {
  if (epoch < epoch_min_)
    return nullptr;
  if (auto found = rounds_.find(epoch); found != rounds_.end())
    return &found->second;
  if (closed_.contains(epoch))
    return nullptr;
  auto plan = round_plan::make(members_, epoch, opts_.round.place);
  if (!plan)
    return nullptr;
  auto made
    = summary_round::make(std::make_shared<const round_plan>(std::move(*plan)),
                          self_id_, opts_.round);
  if (!made)
    return nullptr;
  while (rounds_.size() >= opts_.epochs_open_max)
    close(rounds_.begin()->first, false);
  if (epoch < epoch_min_)
    return nullptr;
  self_->run_delayed(opts_.epoch_timeout, [this, epoch] {
    if (auto found = rounds_.find(epoch); found != rounds_.end())
      tell_fellows(epoch, found->second);
  });
  // Those above wait longer, or all would give up on each other at once.
  const auto wait = opts_.epoch_timeout * (2 + made->height());
  self_->run_delayed(wait, [this, epoch] {
    if (rounds_.contains(epoch))
      close(epoch, false);
  });
  return &rounds_.emplace(epoch, std::move(*made)).first->second;
}

/// Agents that have ended before an epoch are not waited for.
std::set<std::string> summary_tree_state::expected_in(uint64_t epoch) const {
  auto result = std::set<std::string>{};
  for (const auto& [subject, agent] : agents_)
    if (!agent.ended || agent.next > epoch * opts_.epoch_rows)
      result.insert(subject);
  return result;
}

void summary_tree_state::tell_fellows(uint64_t epoch,
                                      const summary_round& round) {
  if (round.own().empty() || !told_.insert(epoch).second)
    return;
  const auto& parts = round.own().encode();
  for (const auto& fellow : round.fellows())
    send_to(fellow, {epoch, self_id_, parts.values, parts.weights});
}

void summary_tree_state::close_complete() {
  for (const auto& [epoch, round] : rounds_)
    if (round.own_complete(expected_in(epoch)))
      tell_fellows(epoch, round);
  // In order, so that closing the newest does not drop the ones before.
  while (!rounds_.empty()) {
    const auto& [epoch, round] = *rounds_.begin();
    if (!round.complete(expected_in(epoch)))
      return;
    close(epoch, true);
  }
}

void summary_tree_state::close(uint64_t epoch, bool complete) {
  auto node = rounds_.extract(epoch);
  epoch_min_ = std::max(epoch_min_, epoch + 1);
  ++status_.epochs_closed;
  status_.epochs_incomplete += complete ? 0 : 1;
  auto& round = node.mapped();
  tell_fellows(epoch, round);
  told_.erase(epoch);
  const auto total = round.total();
  if (round.is_root()) {
    if (!total.empty())
      hand_down(epoch, figures_of(total, population_ranks), round);
    return;
  }
  if (!total.empty()) {
    const auto& parts = total.encode();
    for (const auto& member : round.above())
      send_to(member, {epoch, self_id_, parts.values, parts.weights});
  }
  closed_.emplace(epoch, closed_epoch{std::move(round), {}});
  while (closed_.size() > opts_.epochs_open_max)
    closed_.erase(closed_.begin());
}

/// Those below hear what came from above, and check it by themselves.
void summary_tree_state::hand_down(uint64_t epoch,
                                   const population_figures& figures,
                                   const summary_round& round) {
  for (const auto& member : round.below())
    if (auto found = trees_.find(member); found != trees_.end())
      self_->send(found->second, message_of(epoch, figures));
  const auto believed = message_of(
    epoch, checked(figures, round.sample(), round.fellows().size() + 1,
                   opts_.check_deviations, population_ranks));
  if (status_.population.quantiles.empty() || epoch > status_.population.epoch)
    status_.population = believed;
  for (const auto& listener : listeners_)
    self_->send(listener, believed);
}

void summary_tree_state::send_to(const peer_id& member,
                                 const summary_up& msg) const {
  if (auto found = trees_.find(member); found != trees_.end())
    self_->send(found->second, msg);
}

const peer_id* summary_tree_state::sender() const {
  const auto& from = self_->current_sender();
  if (!from)
    return nullptr;
  const auto found = senders_.find(from->address());
  return found == senders_.end() ? nullptr : &found->second;
}

// -- catalog ------------------------------------------------------------------

caf::error add_summary_tree(actor_catalog& catalog) {
  using impl = summary_tree_actor::stateful_impl<summary_tree_state>;
  return catalog.add<summary_tree_actor>(
    "summary-tree",
    "hands robust summaries of levels up a tree of nodes and down again; "
    "options: fanout, committee, check_deviations, epoch_rows, points_max, "
    "epochs_open_max, epoch_timeout",
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
