#include "actors/membership/swim.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace starling::membership {

namespace {

using kind = swim_message::kind;

std::chrono::nanoseconds times(std::chrono::nanoseconds x, double factor) {
  return std::chrono::nanoseconds{
    std::llround(static_cast<double>(x.count()) * factor)};
}

template <class Range>
bool holds(const Range& ids, const peer_id& id) {
  return std::ranges::find(ids, id) != ids.end();
}

} // namespace

swim::swim(const peer_id& self, uint64_t incarnation, const options& opts,
           std::mt19937_64 random, clock::time_point now)
  : self_{self},
    incarnation_{incarnation},
    opts_{opts},
    random_{random},
    period_end_{now},
    denial_at_{now} {
  assert(opts.ack_timeout < opts.period);
  assert(opts.suspicion_periods > 0.0 && opts.suspicion_factor >= 1.0);
  assert(opts.rumours_per_message <= rumours_max);
}

swim::step swim::add(const peer_id& id, uint64_t incarnation) {
  auto out = step{};
  if (id == self_)
    return out;
  const auto known = members_.find(id);
  if (known == members_.end()) {
    if (members_.size() >= opts_.members_max)
      return out;
    members_.emplace(id, member{incarnation, liveness::alive, std::nullopt});
    // Somewhere in what is left of this round, so that newcomers are probed
    // as soon as others.
    const auto at = position_ + draw(order_.size() - position_ + 1);
    order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(at), id);
    out.changes.push_back({id, liveness::alive, incarnation});
    return out;
  }
  if (incarnation > known->second.incarnation) {
    known->second.incarnation = incarnation;
    set_state(out, id, known->second, liveness::alive);
  }
  return out;
}

void swim::remove(const peer_id& id) {
  if (members_.erase(id) == 0)
    return;
  const auto at = std::ranges::find(order_, id);
  if (at - order_.begin() < static_cast<std::ptrdiff_t>(position_))
    --position_;
  order_.erase(at);
  std::erase(urgent_, id);
  rumours_.erase(id);
  std::erase_if(probes_,
                [&](const auto& item) { return item.second.target == id; });
}

swim::step swim::tick(clock::time_point now) {
  auto out = step{};
  // Helpers get their time, even if this node was held up.
  if (indirect_at_ && now >= *indirect_at_ && ask_others(out))
    period_end_
      = std::max(period_end_, now + (opts_.period - opts_.ack_timeout));
  if (now >= period_end_) {
    end_probes(out, now);
    std::erase_if(requests_,
                  [&](const auto& item) { return item.second.until <= now; });
    // A node that was held up starts anew; it does not catch up.
    period_end_ = now + opts_.period;
    ++periods_;
    start_probes(out, now);
    if (opts_.dead_probe_periods > 0
        && periods_ % opts_.dead_probe_periods == 0)
      probe_dead(out);
  }
  bury(out, now);
  return out;
}

swim::step swim::receive(const peer_id& from, const swim_message& message,
                         clock::time_point now) {
  auto out = step{};
  if (from == self_)
    return out;
  for (const auto& x : message.rumours)
    on_rumour(out, from, x, now);
  switch (message.what) {
    case kind::ping:
      send(out, from, {kind::ack, message.sequence, {}, {}});
      break;
    case kind::ack:
      on_ack(out, from, message.sequence);
      break;
    case kind::ping_request:
      on_request(out, from, message, now);
      break;
  }
  // Last, so that the answer still says what was thought of the sender.
  heard_from(out, from);
  return out;
}

swim::clock::time_point swim::next_deadline() const {
  auto result = period_end_;
  if (indirect_at_)
    result = std::min(result, *indirect_at_);
  for (const auto& [id, x] : members_)
    if (x.doubt && x.silent)
      result = std::min(result, x.doubt->deadline());
  return result;
}

std::optional<liveness> swim::state_of(const peer_id& id) const {
  const auto found = members_.find(id);
  if (found == members_.end())
    return std::nullopt;
  return found->second.state;
}

void swim::send(step& out, const peer_id& to, swim_message message) {
  message.rumours = rumours_.take(opts_.rumours_per_message, tell_max());
  // Who is held for dead or suspect must hear it, to be able to deny it.
  const auto known = members_.find(to);
  if (known != members_.end() && known->second.state != liveness::alive
      && std::ranges::none_of(message.rumours,
                              [&](const rumour& x) { return x.id == to; })) {
    if (message.rumours.size() >= opts_.rumours_per_message
        && !message.rumours.empty())
      message.rumours.pop_back();
    message.rumours.push_back(
      {to, known->second.incarnation, known->second.state});
  }
  out.messages.push_back({to, std::move(message)});
}

void swim::send_ping(step& out, const peer_id& to, uint64_t sequence) {
  send(out, to, {kind::ping, sequence, {}, {}});
}

void swim::start_probes(step& out, clock::time_point now) {
  const auto in_turn = next_in_turn();
  if (in_turn)
    start_probe(out, *in_turn);
  while (!urgent_.empty() && probes_.size() < opts_.probes_max) {
    const auto id = urgent_.front();
    urgent_.pop_front();
    if (id != in_turn && may_answer(id))
      start_probe(out, id);
  }
  if (!probes_.empty())
    indirect_at_ = now + opts_.ack_timeout;
}

void swim::start_probe(step& out, const peer_id& target) {
  probes_.emplace(++sequence_, probe{target, false, {}});
  send_ping(out, target, sequence_);
}

bool swim::ask_others(step& out) {
  indirect_at_.reset();
  auto any = false;
  auto alive = std::vector<peer_id>{};
  for (const auto& [id, x] : members_)
    if (x.state == liveness::alive)
      alive.push_back(id);
  for (auto& [sequence, x] : probes_) {
    if (x.answered)
      continue;
    any = true;
    auto others = alive;
    std::erase(others, x.target);
    while (!others.empty() && x.helpers.size() < opts_.indirect_probes) {
      std::swap(others[draw(others.size())], others.back());
      x.helpers.push_back(others.back());
      others.pop_back();
    }
    for (const auto& helper : x.helpers)
      send(out, helper, {kind::ping_request, sequence, x.target, {}});
  }
  return any;
}

void swim::end_probes(step& out, clock::time_point now) {
  for (const auto& [sequence, x] : probes_)
    if (!x.answered) {
      suspect(out, x.target, self_, now);
      members_.at(x.target).silent = true;
      // It is asked again and again until it answers or its time is up.
      hurry(x.target);
    }
  probes_.clear();
  indirect_at_.reset();
}

void swim::probe_dead(step& out) {
  auto dead = std::vector<peer_id>{};
  for (const auto& [id, x] : members_)
    if (x.state == liveness::dead)
      dead.push_back(id);
  if (!dead.empty())
    send_ping(out, dead[draw(dead.size())], ++sequence_);
}

void swim::bury(step& out, clock::time_point now) {
  for (auto& [id, x] : members_)
    if (x.doubt && x.silent && x.doubt->deadline() <= now) {
      set_state(out, id, x, liveness::dead);
      rumours_.add({id, x.incarnation, liveness::dead});
    }
}

bool swim::may_answer(const peer_id& id) const {
  const auto found = members_.find(id);
  return found != members_.end() && found->second.state != liveness::dead;
}

std::optional<peer_id> swim::next_in_turn() {
  // Twice round at most: the rest of this one and a whole new one.
  for (auto left = 2 * order_.size(); left > 0; --left) {
    if (position_ == order_.size()) {
      for (auto i = order_.size(); i > 1; --i)
        std::swap(order_[i - 1], order_[draw(i)]);
      position_ = 0;
    }
    const auto& id = order_[position_++];
    if (may_answer(id))
      return id;
  }
  return std::nullopt;
}

void swim::heard_from(step& out, const peer_id& id) {
  const auto found = members_.find(id);
  if (found != members_.end() && found->second.state != liveness::alive) {
    set_state(out, id, found->second, liveness::alive);
    rumours_.erase(id);
  }
}

void swim::on_ack(step& out, const peer_id& from, uint64_t sequence) {
  const auto mine = probes_.find(sequence);
  if (mine != probes_.end()
      && (from == mine->second.target || holds(mine->second.helpers, from)))
    mine->second.answered = true;
  const auto found = requests_.find(sequence);
  if (found == requests_.end() || found->second.target != from)
    return;
  send(out, found->second.asker, {kind::ack, found->second.sequence, {}, {}});
  requests_.erase(found);
}

void swim::on_request(step& out, const peer_id& from,
                      const swim_message& message, clock::time_point now) {
  if (message.target == self_) {
    send(out, from, {kind::ack, message.sequence, {}, {}});
    return;
  }
  // Only for members to members: else this node could be made to knock
  // anywhere.
  if (!members_.contains(from) || !members_.contains(message.target)
      || requests_.size() >= opts_.requests_max)
    return;
  requests_.emplace(++sequence_, request{from, message.target, message.sequence,
                                         now + opts_.period});
  send_ping(out, message.target, sequence_);
}

void swim::on_rumour(step& out, const peer_id& from, const rumour& x,
                     clock::time_point now) {
  if (x.id == self_) {
    deny(out, x, now);
    return;
  }
  const auto found = members_.find(x.id);
  if (found == members_.end())
    return;
  auto& known = found->second;
  if (x.state == liveness::alive) {
    // From its own mouth only.
    if (from == x.id && x.incarnation > known.incarnation) {
      known.incarnation = x.incarnation;
      set_state(out, x.id, known, liveness::alive);
    }
    return;
  }
  if (x.incarnation >= known.incarnation && from != x.id)
    suspect(out, x.id, from, now);
}

void swim::deny(step& out, const rumour& x, clock::time_point now) {
  // Nobody can honestly know a greater incarnation than the one signed last.
  if (x.state == liveness::alive || x.incarnation != incarnation_
      || now < denial_at_)
    return;
  denial_at_ = now + opts_.period;
  ++incarnation_;
  out.own_incarnation = incarnation_;
  rumours_.add({self_, incarnation_, liveness::alive});
}

void swim::suspect(step& out, const peer_id& id, const peer_id& accuser,
                   clock::time_point now) {
  auto& x = members_.at(id);
  if (x.state == liveness::suspect) {
    if (x.doubt->confirm(accuser))
      rumours_.add({id, x.incarnation, liveness::suspect});
    return;
  }
  if (x.state != liveness::alive)
    return;
  set_state(out, id, x, liveness::suspect);
  x.doubt.emplace(waits(), accuser, now);
  rumours_.add({id, x.incarnation, liveness::suspect});
  // Hearsay is a reason to look.
  hurry(id);
}

void swim::hurry(const peer_id& id) {
  if (!holds(urgent_, id))
    urgent_.push_back(id);
}

void swim::set_state(step& out, const peer_id& id, member& x, liveness state) {
  if (state != liveness::suspect) {
    x.doubt.reset();
    x.silent = false;
  }
  if (state == x.state)
    return;
  x.state = state;
  out.changes.push_back({id, state, x.incarnation});
}

suspicion::options swim::waits() const {
  const auto members = static_cast<double>(members_.size() + 1);
  const auto shortest = times(
    opts_.period, opts_.suspicion_periods * std::max(1.0, std::log10(members)));
  return {shortest, times(shortest, opts_.suspicion_factor),
          // Fewer can't confirm than there are others to do so.
          std::min(opts_.confirmations_max,
                   members_.size() > 1 ? members_.size() - 1 : 0)};
}

size_t swim::tell_max() const {
  const auto members = static_cast<double>(members_.size() + 1);
  return opts_.tell_factor
         * static_cast<size_t>(std::ceil(std::log2(members + 1.0)));
}

size_t swim::draw(size_t bound) {
  assert(bound > 0);
  // The bias of a remainder is below 2^-50 for any number of members.
  return static_cast<size_t>(random_() % bound);
}

} // namespace starling::membership
