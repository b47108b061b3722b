#include "actors/supervisor/tree_supervisor.hpp"

#include "runtime/outlive_refusals.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace starling::supervisor {

namespace {

/// OTP takes "normal" and "shutdown" for an orderly end; these are CAF's.
bool is_normal(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::normal
         || reason == caf::exit_reason::user_shutdown;
}

caf::error unknown_child(const std::string& name) {
  return caf::make_error(ec::unknown_name,
                         "there is no child called '" + name + "'");
}

} // namespace

tree_supervisor_state::tree_supervisor_state(supervisor_actor::pointer self,
                                             const actor_catalog& catalog,
                                             node_context& node,
                                             tree_supervisor_options opts)
  : self_{self},
    catalog_{catalog},
    node_{node},
    opts_{std::move(opts)},
    policy_{opts_.policy, node.fresh_seed ? node.fresh_seed() : 0} {
  // nop
}

tree_supervisor_state::~tree_supervisor_state() {
  stop_timer_.dispose();
  start_timer_.dispose();
  for (auto& [id, one] : children_)
    if (one.actor)
      caf::anon_send_exit(one.actor, caf::exit_reason::kill);
}

supervisor_actor::behavior_type tree_supervisor_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler([this](const caf::down_msg& msg) { note_end(msg); });
  self_->set_exit_handler([this](caf::exit_msg& msg) {
    // Like all actors, it outlives the orderly end of one that it is linked to.
    if (msg.reason)
      shut_down(std::move(msg.reason));
  });
  for (auto& spec : std::exchange(opts_.children, {})) {
    auto started = start(spec);
    if (auto* failed = caf::get_if<caf::error>(&started)) {
      shut_down(*failed);
      break;
    }
  }
  return {
    [this](start_child& msg) { return start(std::move(msg)); },
    [this](const stop_child& msg) { return stop(msg); },
    [this](const find_child& msg) { return find(msg); },
    [this](list_children) { return list(); },
    [this](caf::subscribe_atom, const child_listener_actor& listener) {
      return subscribe(listener);
    },
  };
}

// -- messages -----------------------------------------------------------------

caf::result<caf::strong_actor_ptr>
tree_supervisor_state::start(start_child spec) {
  if (quitting_)
    return caf::make_error(ec::wrong_state, "the supervisor is ending");
  if (find_by_name(spec.name))
    return caf::make_error(ec::duplicate_name, "there is a child called '"
                                                 + spec.name + "' already");
  if (children_.size() >= opts_.children_max)
    return caf::make_error(ec::limit_reached,
                           fmt::format("cannot start '{}': {} children run, "
                                       "which is all that children-max allows",
                                       spec.name, children_.size()));
  auto added = child{};
  added.kind = opts_.restart_kind;
  // The child's type would not know this option.
  if (auto own = spec.options.find("restart"); own != spec.options.end()) {
    auto kind = restart_kind_from(to_string(own->second));
    if (!kind)
      return std::move(kind.error());
    added.kind = *kind;
    auto rest = caf::settings{};
    for (const auto& [key, value] : spec.options)
      if (key != "restart")
        rest.emplace(key, value);
    spec.options = std::move(rest);
  }
  added.spec = std::move(spec);
  auto actor = spawn(added);
  if (!actor)
    return std::move(actor.error());
  children_.emplace(next_id_++, std::move(added));
  return std::move(*actor);
}

caf::result<void> tree_supervisor_state::stop(const stop_child& msg) {
  const auto known = std::ranges::find_if(children_, [&](const auto& item) {
    return item.second.spec.name == msg.name;
  });
  if (known == children_.end())
    return unknown_child(msg.name);
  const auto id = known->first;
  auto& leaving = known->second;
  to_start_.erase(id);
  if (!leaving.actor) {
    forget(id);
    return caf::unit;
  }
  auto ended = self_->make_response_promise<void>();
  leaving.leaving.push_back(ended);
  if (stopping_ != id && std::ranges::find(to_stop_, id) == to_stop_.end())
    to_stop_.push_back(id);
  go_on();
  return ended;
}

caf::result<caf::strong_actor_ptr>
tree_supervisor_state::find(const find_child& msg) const {
  for (const auto& [id, one] : children_) {
    if (one.spec.name != msg.name)
      continue;
    if (!one.actor)
      return caf::make_error(ec::wrong_state,
                             "'" + msg.name + "' is about to be restarted");
    return one.actor;
  }
  return unknown_child(msg.name);
}

std::vector<child_status> tree_supervisor_state::list() const {
  auto result = std::vector<child_status>{};
  for (const auto& [id, one] : children_)
    result.push_back(
      {one.spec.name, one.spec.type, one.actor, one.restarts, one.last_reason});
  return result;
}

caf::result<void>
tree_supervisor_state::subscribe(const child_listener_actor& listener) {
  if (listeners_.size() >= opts_.listeners_max)
    return caf::make_error(ec::limit_reached, "too many listeners");
  if (listeners_.insert(listener).second)
    self_->monitor(listener);
  return caf::unit;
}

// -- children -----------------------------------------------------------------

caf::expected<caf::strong_actor_ptr>
tree_supervisor_state::spawn(child& which) {
  auto actor = catalog_.spawn(which.spec.type, node_, which.spec.options);
  if (!actor)
    return actor;
  which.actor = *actor;
  self_->monitor(which.actor);
  return actor;
}

tree_supervisor_state::child*
tree_supervisor_state::find_by_name(const std::string& wanted) {
  for (auto& [id, one] : children_)
    if (one.spec.name == wanted)
      return &one;
  return nullptr;
}

std::vector<tree_supervisor_state::child_id>
tree_supervisor_state::ids() const {
  auto result = std::vector<child_id>{};
  for (const auto& [id, one] : children_)
    result.push_back(id);
  return result;
}

void tree_supervisor_state::forget(child_id id) {
  to_start_.erase(id);
  auto gone = children_.extract(id);
  if (gone)
    for (auto& waiting : gone.mapped().leaving)
      waiting.deliver();
}

// -- failures -----------------------------------------------------------------

void tree_supervisor_state::note_end(const caf::down_msg& down) {
  std::erase_if(listeners_, [&](const child_listener_actor& one) {
    return one.address() == down.source;
  });
  for (auto& [id, one] : children_)
    if (one.actor && one.actor->address() == down.source) {
      has_ended(id, down.reason);
      return;
    }
}

void tree_supervisor_state::has_ended(child_id id, const caf::error& reason) {
  auto& one = children_.at(id);
  one.actor = nullptr;
  one.last_reason = reason;
  auto wanted = quitting_ || !one.leaving.empty() || to_start_.contains(id);
  if (stopping_ == id) {
    stopping_.reset();
    stop_timer_.dispose();
    wanted = true;
  }
  if (!one.leaving.empty())
    forget(id);
  else if (!wanted)
    repair(id, reason);
  else if (one.kind == supervision::restart::temporary)
    forget(id);
  go_on();
}

/// Does what the policy says about a child that has failed, or ended.
void tree_supervisor_state::repair(child_id id, const caf::error& reason) {
  const auto all = ids();
  auto kinds = std::vector<supervision::restart>{};
  auto running = std::vector<bool>{};
  for (const auto& [other, one] : children_) {
    kinds.push_back(one.kind);
    running.push_back(one.actor && stopping_ != other);
  }
  const auto index = static_cast<size_t>(
    std::distance(all.begin(), std::ranges::find(all, id)));
  const auto now = self_->clock().now();
  const auto what
    = policy_.decide(index, is_normal(reason), kinds, running, now);
  if (what.escalate) {
    give_up(id, reason);
    return;
  }
  for (const auto stopped : what.stop)
    if (std::ranges::find(to_stop_, all[stopped]) == to_stop_.end())
      to_stop_.push_back(all[stopped]);
  for (const auto started : what.start)
    to_start_[all[started]] = now + what.wait;
  for (const auto over : what.forget)
    if (!children_.at(all[over]).actor)
      forget(all[over]);
}

void tree_supervisor_state::give_up(child_id id, const caf::error& reason) {
  const auto& one = children_.at(id).spec;
  node_.audit("supervisor.gave_up", one.name,
              {{"type", one.type}, {"reason", to_string(reason)}});
  shut_down(caf::make_error(
    ec::limit_reached,
    fmt::format("child '{}' ({}) failed, and {} restarts within {} s are all "
                "that is allowed; its reason: {}",
                one.name, one.type, opts_.policy.intensity,
                std::chrono::duration<double>(opts_.policy.period).count(),
                to_string(reason))));
}

void tree_supervisor_state::shut_down(caf::error reason) {
  if (quitting_)
    return;
  quitting_ = std::move(reason);
  to_start_.clear();
  start_timer_.dispose();
  const auto all = ids();
  to_stop_.assign(all.rbegin(), all.rend());
  go_on();
}

// -- stopping and starting ----------------------------------------------------

/// Takes the next step of what is to be done, unless an actor has to end first.
void tree_supervisor_state::go_on() {
  while (!stopping_ && !to_stop_.empty()) {
    const auto id = to_stop_.front();
    to_stop_.pop_front();
    if (auto known = children_.find(id);
        known != children_.end() && known->second.actor)
      stop_actor(id);
  }
  if (stopping_)
    return;
  if (quitting_)
    self_->quit(*quitting_);
  else
    start_pending();
}

void tree_supervisor_state::stop_actor(child_id id) {
  stopping_ = id;
  auto actor = children_.at(id).actor;
  self_->send_exit(actor, caf::exit_reason::user_shutdown);
  stop_timer_ = self_->run_delayed(opts_.stop_timeout, [this, id, actor] {
    self_->send_exit(actor, caf::exit_reason::kill);
    stop_timer_ = self_->run_delayed(opts_.stop_timeout, [this, id, actor] {
      // It is stuck in a handler that never returns; others must not be.
      self_->demonitor(actor);
      has_ended(id, caf::make_error(ec::timed_out, "it did not end"));
    });
  });
}

void tree_supervisor_state::start_pending() {
  start_timer_.dispose();
  const auto now = self_->clock().now();
  const auto is_due
    = [now](const auto& pending) { return pending.second <= now; };
  for (;;) {
    const auto due = std::ranges::find_if(to_start_, is_due);
    if (due == to_start_.end())
      break;
    const auto id = due->first;
    to_start_.erase(due);
    restart(id);
    // A start that failed may have led to more to stop first, or to the end.
    if (stopping_ || quitting_ || !to_stop_.empty()) {
      go_on();
      return;
    }
  }
  if (to_start_.empty())
    return;
  const auto next = std::ranges::min_element(
    to_start_, {}, [](const auto& pending) { return pending.second; });
  start_timer_ = self_->run_delayed(next->second - now, [this] { go_on(); });
}

void tree_supervisor_state::restart(child_id id) {
  auto& one = children_.at(id);
  if (auto actor = spawn(one); !actor) {
    repair(id, actor.error());
    return;
  }
  ++one.restarts;
  node_.audit(
    "supervisor.restarted", one.spec.name,
    {{"type", one.spec.type}, {"reason", to_string(one.last_reason)}});
  for (const auto& listener : listeners_)
    self_->send(listener,
                child_restarted{one.spec.name, one.actor, one.last_reason});
}

} // namespace starling::supervisor
