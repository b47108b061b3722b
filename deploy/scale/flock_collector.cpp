#include "deploy/scale/flock.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace starling::deploy {

namespace {

constexpr std::string_view prefix = "agent-";

/// All made-up agents are of one.
constexpr const char* flock_kind = "flock";

/// Detectors that are looked at, over all nodes: enough for a 99th percentile,
/// few enough to cost nothing.
constexpr size_t sampled_max = 500;

/// As in `zone::zone_policy::options`.
constexpr double quarantine_above = 0.95;

} // namespace

std::string flock_agent_name(size_t index) {
  return fmt::format("{}{}", prefix, index);
}

std::optional<size_t> flock_agent_index(std::string_view name) {
  if (!name.starts_with(prefix))
    return std::nullopt;
  name.remove_prefix(prefix.size());
  auto index = size_t{0};
  const auto* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, index);
  if (error != std::errc{} || rest != end)
    return std::nullopt;
  return index;
}

flock_collector_state::flock_collector_state(
  flock_collector_actor::pointer self, flock& birds, size_t node)
  : self_{self},
    birds_{birds},
    node_{node},
    gate_{birds.plan.batch_rows} {
  // nop
}

flock_collector_actor::behavior_type flock_collector_state::make_behavior() {
  return {
    [this](const agent_report& msg) { note(msg); },
    [this](const zone_changed& msg) { note(msg); },
    [](const zone_horizon&) {},
    [this](const score_batch& msg) { note(msg); },
    [this](caf::connect_atom) { return connect(); },
    [this](caf::put_atom) { return train(); },
    [this](caf::open_atom, uint64_t row) { return open(row); },
  };
}

// -- phases -------------------------------------------------------------------

caf::result<void> flock_collector_state::connect() {
  answer_ = self_->make_response_promise<void>();
  wire_services();
  for (const auto& ring : own().rings)
    for (size_t i = 0; i < ring.count; ++i)
      wire_agent(ring, ring.first + i);
  return answer_;
}

caf::result<void> flock_collector_state::train() {
  answer_ = self_->make_response_promise<void>();
  waiting_ = own().count;
  arrived_.assign(own().count, false);
  for (size_t i = 0; i < own().count; ++i) {
    auto& bird = birds_.agents[own().first + i];
    self_->send(
      bird.agent,
      agent_stream{caf::actor_cast<behaviour_source_actor>(bird.source),
                   bird.distant_detector, 0, 1});
  }
  return answer_;
}

caf::result<void> flock_collector_state::open(uint64_t row) {
  answer_ = self_->make_response_promise<void>();
  waiting_ = own().count;
  arrived_.assign(own().count, false);
  gate_ = row;
  live_ = true;
  for (size_t i = 0; i < own().count; ++i)
    self_->send(birds_.agents[own().first + i].source, caf::open_atom_v, row);
  return answer_;
}

void flock_collector_state::note(const agent_report& msg) {
  const auto index = flock_agent_index(msg.subject);
  if (msg.failed)
    return fail(msg.failed);
  if (!index || *index < own().first || *index >= own().first + own().count
      || waiting_ == 0)
    return;
  const auto place = *index - own().first;
  if (arrived_[place] || !is_there(msg))
    return;
  arrived_[place] = true;
  if (--waiting_ == 0)
    answer_.deliver();
}

bool flock_collector_state::is_there(const agent_report& msg) const {
  const auto& population = birds_.plan.population;
  return gate_ < population.live_rows
           ? msg.rows_streamed >= population.training_rows + gate_
           : msg.finished;
}

void flock_collector_state::note(const zone_changed& msg) {
  const auto index = flock_agent_index(msg.subject);
  if (!index || *index >= birds_.agents.size())
    return;
  auto& bird = birds_.agents[*index];
  if (msg.row < birds_.plan.population.onset)
    bird.cut_off_at_onset = is_cut_off(msg.to);
  if (!is_cut_off(msg.to) || msg.to < msg.from)
    return;
  bird.cut_offs.push_back(msg.row);
  bird.entries += is_cut_off(msg.from) ? 0 : 1;
  if (msg.to == trust_zone::isolated && !bird.isolated)
    bird.isolated = msg.row;
}

void flock_collector_state::note(const score_batch& msg) {
  const auto index = flock_agent_index(msg.subject);
  if (!live_ || msg.levels.empty() || !index || *index >= birds_.agents.size())
    return;
  own().detection_ns.push_back(static_cast<double>(msg.nanoseconds)
                               / static_cast<double>(msg.levels.size()));
  if (birds_.agents[*index].what != scale::misconduct::none)
    return;
  own().honest_rows += msg.levels.size();
  own().false_alarms += static_cast<uint64_t>(std::ranges::count_if(
    msg.levels, [](double level) { return level > quarantine_above; }));
}

// -- wiring -------------------------------------------------------------------

template <class Handle, class Content>
void flock_collector_state::ask(const Handle& who, Content content) {
  ++waiting_;
  self_->request(who, caf::infinite, std::move(content))
    .then(
      [this] {
        if (waiting_ > 0 && --waiting_ == 0)
          answer_.deliver();
      },
      [this](caf::error& reason) { fail(std::move(reason)); });
}

void flock_collector_state::wire_services() {
  ask(own().tree, tree_list());
  for (const auto& ring : own().rings) {
    ask(ring.keeper, watch_list(ring));
    self_->send(ring.keeper, caf::subscribe_atom_v,
                caf::actor_cast<zone_listener_actor>(self_->ctrl()));
  }
}

void flock_collector_state::wire_agent(const flock_ring& ring, size_t index) {
  const auto& bird = birds_.agents[index];
  const auto& watcher = birds_.nodes[birds_.watcher_of(node_)];
  ask(bird.agent, ring_for(ring, index));
  auto start = detector_start{};
  start.subject = flock_agent_name(index);
  start.listeners = {caf::actor_cast<score_listener_actor>(ring.keeper),
                     caf::actor_cast<score_listener_actor>(watcher.tree)};
  const auto stride = birds_.agents.size() / sampled_max + 1;
  if (index % stride == 0)
    start.listeners.push_back(
      caf::actor_cast<score_listener_actor>(self_->ctrl()));
  start.owner = self_->ctrl();
  ask(bird.detector, std::move(start));
}

tree_start flock_collector_state::tree_list() const {
  auto result = tree_start{};
  result.self = own().id;
  result.owner = self_->ctrl();
  for (size_t i = 0; i < birds_.nodes.size(); ++i) {
    const auto& node = birds_.nodes[i];
    const auto watched = birds_.nodes[birds_.watched_by(i)].count;
    result.members.push_back({node.id,
                              i == node_ ? node.tree : node.distant_tree,
                              {{flock_kind, static_cast<uint32_t>(watched)}}});
  }
  const auto& watched = birds_.nodes[birds_.watched_by(node_)];
  for (size_t i = 0; i < watched.count; ++i)
    result.subjects.push_back(
      {flock_agent_name(watched.first + i), flock_kind});
  return result;
}

watch_agents flock_collector_state::watch_list(const flock_ring& ring) const {
  auto result = watch_agents{};
  for (size_t i = 0; i < ring.count; ++i)
    result.agents.push_back(
      {flock_agent_name(ring.first + i), {}, {}, flock_kind});
  result.tree = birds_.nodes[birds_.watcher_of(node_)].tree;
  result.owner = self_->ctrl();
  return result;
}

agent_ring flock_collector_state::ring_for(const flock_ring& ring,
                                           size_t index) const {
  auto result = agent_ring{};
  result.self = static_cast<uint32_t>(index - ring.first);
  for (auto i = ring.first; i < ring.first + ring.count; ++i)
    result.members.push_back({flock_agent_name(i), birds_.agents[i].agent});
  result.keepers = {ring.distant_keeper};
  result.listener = caf::actor_cast<agent_listener_actor>(self_->ctrl());
  result.owner = self_->ctrl();
  return result;
}

void flock_collector_state::fail(caf::error reason) {
  waiting_ = 0;
  if (answer_.pending())
    answer_.deliver(std::move(reason));
}

flock_node& flock_collector_state::own() const {
  return birds_.nodes[node_];
}

} // namespace starling::deploy
