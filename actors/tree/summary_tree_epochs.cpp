#include "actors/tree/summary_tree.hpp"
#include "runtime/trust/deviation.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

namespace starling::tree {

namespace {

/// Epochs in which a new list may reach some members before others.
constexpr uint64_t settling_epochs = 4;

population_summary message_of(uint64_t epoch, const std::string& kind,
                              const population_figures& x) {
  return {.epoch = epoch,
          .kind = kind,
          .agents = x.agents,
          .median = x.median,
          .middle_mean = x.middle_mean,
          .deviation = x.deviation,
          .quantiles = x.quantiles,
          .features = x.directions.features,
          .directions = x.directions.rows};
}

summary_up message_of(uint64_t epoch, const std::string& kind,
                      const peer_id& from, const population_sketch& x) {
  auto parts = x.encode();
  auto& weights = parts.levels.weights;
  // The rule: half of the message otherwise.
  if (weights.size() > 1
      && std::ranges::adjacent_find(weights, std::not_equal_to{})
           == weights.end())
    weights.resize(1);
  return {.epoch = epoch,
          .kind = kind,
          .from = from,
          .values = std::move(parts.levels.values),
          .weights = std::move(parts.levels.weights),
          .features = parts.directions.features,
          .directions = std::move(parts.directions.rows)};
}

} // namespace

void summary_tree_state::end_epoch_of(const std::string& subject,
                                      local_agent& agent, uint64_t epoch) {
  const auto levels = std::exchange(agent.levels, {});
  const auto deviation = std::exchange(agent.deviation, {});
  agent.strangest = 0.0;
  const auto kind = kinds_.find(agent.kind);
  if (kind == kinds_.end())
    return;
  if (auto* round = round_of(*kind, epoch))
    // Bounded by epoch_rows, so there is nothing to refuse.
    static_cast<void>(round->add_agent(subject, levels, deviation));
}

/// Rows come in order, and of rows of one level the first one counts.
void summary_tree_state::note_deviation(local_agent& agent,
                                        const score_batch& msg, uint64_t row) {
  const auto level = msg.levels[row - msg.first];
  if (level <= agent.strangest)
    return;
  const auto found = std::ranges::find(msg.evidence, row, &row_evidence::row);
  if (found == msg.evidence.end())
    return;
  agent.strangest = level;
  agent.deviation = deviation_of(*found);
}

summary_round* summary_tree_state::round_of(kind_entry& kind, uint64_t epoch) {
  auto& state = kind.second;
  if (epoch < state.epoch_min)
    return nullptr;
  if (auto found = state.rounds.find(epoch); found != state.rounds.end())
    return &found->second;
  if (state.closed.contains(epoch))
    return nullptr;
  auto plan = round_plan::make(state.members, epoch, opts_.round.place);
  if (!plan)
    return nullptr;
  auto made
    = summary_round::make(std::make_shared<const round_plan>(std::move(*plan)),
                          self_id_, opts_.round);
  if (!made)
    return nullptr;
  while (state.rounds.size() >= opts_.epochs_open_max)
    close(kind, state.rounds.begin()->first, false);
  if (epoch < state.epoch_min)
    return nullptr;
  if (std::exchange(state.rebuilt, false))
    state.settled_from = epoch + settling_epochs;
  set_timers(kind.first, epoch, made->height());
  return &state.rounds.emplace(epoch, std::move(*made)).first->second;
}

void summary_tree_state::set_timers(const std::string& kind, uint64_t epoch,
                                    uint32_t height) {
  const auto later = [this, kind, epoch](auto wait, auto action) {
    self_->run_delayed(wait, [this, kind, epoch, action] {
      const auto found = kinds_.find(kind);
      if (found != kinds_.end() && found->second.rounds.contains(epoch))
        action(*found);
    });
  };
  later(opts_.epoch_timeout, [this, epoch](kind_entry& found) {
    tell_fellows(found, epoch, found.second.rounds.at(epoch));
  });
  // Those above wait longer, or all would give up on each other at once.
  later(opts_.epoch_timeout * (2 + height),
        [this, epoch](kind_entry& found) { close(found, epoch, false); });
}

/// Agents that have ended before an epoch are not waited for.
uint64_t summary_tree_state::epochs_of(const local_agent& agent) const {
  if (!agent.ended)
    return epoch_roll::no_end;
  return agent.next / opts_.epoch_rows
         + (agent.next % opts_.epoch_rows > 0 ? 1 : 0);
}

void summary_tree_state::tell_fellows(kind_entry& kind, uint64_t epoch,
                                      const summary_round& round) {
  if (round.own().empty() || !kind.second.told.insert(epoch).second)
    return;
  const auto said = message_of(epoch, kind.first, self_id_, round.own());
  for (const auto& fellow : round.fellows())
    send_to(fellow, said);
}

void summary_tree_state::close_complete(kind_entry& kind) {
  auto& rounds = kind.second.rounds;
  const auto& agents = kind.second.agents;
  for (const auto& [epoch, round] : rounds)
    if (round.own_complete(agents.expected_in(epoch)))
      tell_fellows(kind, epoch, round);
  // In order, so that closing the newest does not drop the ones before.
  while (!rounds.empty()) {
    const auto& [epoch, round] = *rounds.begin();
    const auto complete = round.complete(agents.expected_in(epoch));
    if (!complete && !is_passed(kind.second, epoch))
      return;
    close(kind, epoch, complete);
  }
}

/// Members speak of one epoch after the other, so who spoke of a later one has
/// no more to say. That is not waited out only after a new list: members of
/// other committees may be behind.
bool summary_tree_state::is_passed(const kind_state& kind, uint64_t epoch) {
  return epoch < kind.settled_from
         && std::ranges::any_of(
           kind.rounds,
           [&](const auto& x) {
             return x.first > epoch
                    && x.second.complete(kind.agents.expected_in(x.first));
           });
}

void summary_tree_state::close(kind_entry& kind, uint64_t epoch,
                               bool complete) {
  auto& state = kind.second;
  auto node = state.rounds.extract(epoch);
  state.epoch_min = std::max(state.epoch_min, epoch + 1);
  ++status_.epochs_closed;
  status_.epochs_incomplete += complete ? 0 : 1;
  auto& round = node.mapped();
  tell_fellows(kind, epoch, round);
  state.told.erase(epoch);
  const auto sample = round.sample();
  const auto total = round.total(sample);
  if (round.is_root()) {
    if (!total.empty())
      hand_down(kind, epoch, figures_of(total, population_ranks), round,
                sample);
    return;
  }
  if (!total.empty()) {
    const auto said = message_of(epoch, kind.first, self_id_, total);
    for (const auto& member : round.above())
      send_to(member, said);
  }
  round.forget_reports();
  state.closed.emplace(epoch, closed_epoch{std::move(round), sample, {}});
  while (state.closed.size() > opts_.epochs_open_max)
    state.closed.erase(state.closed.begin());
}

/// Those below hear what came from above, and check it by themselves.
void summary_tree_state::hand_down(const kind_entry& kind, uint64_t epoch,
                                   const population_figures& figures,
                                   const summary_round& round,
                                   const population_sketch& sample) {
  const auto unchecked = message_of(epoch, kind.first, figures);
  for (const auto& member : round.below())
    send_to(member, unchecked);
  const auto believed
    = message_of(epoch, kind.first,
                 checked(figures, sample, round.fellows().size() + 1,
                         opts_.check_deviations, population_ranks));
  if (status_.population.quantiles.empty() || epoch >= status_.population.epoch)
    status_.population = believed;
  for (const auto& listener : listeners_)
    self_->send(listener, believed);
}

template <class Message>
void summary_tree_state::send_to(const peer_id& member,
                                 const Message& msg) const {
  const auto found = std::ranges::lower_bound(peers_, member, {}, &peer::id);
  if (found != peers_.end() && found->id == member)
    self_->send(found->tree, msg);
}

const peer_id* summary_tree_state::sender() const {
  const auto& from = self_->current_sender();
  if (!from)
    return nullptr;
  // Actors of two nodes may have the same number.
  for (const auto& [id, index] :
       std::ranges::equal_range(peers_by_actor_, from->id(), {},
                                &decltype(peers_by_actor_)::value_type::first))
    if (peers_[index].tree.address() == from->address())
      return &peers_[index].id;
  return nullptr;
}

} // namespace starling::tree
