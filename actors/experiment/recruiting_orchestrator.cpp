#include "actors/experiment/recruiting_orchestrator.hpp"

#include "messages/mesh.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

namespace starling::experiment {

namespace {

/// Looks that leave a member out that can't be reached, at most.
constexpr uint32_t rest_max = 32;

} // namespace

recruiter::recruiter(orchestrator_actor::pointer self, const node_context& node,
                     recruiter_options opts, recruiter_events events)
  : self_{self},
    node_{node},
    opts_{opts},
    events_{std::move(events)} {
  // nop
}

void recruiter::begin() {
  look_later();
}

void recruiter::stop() {
  stopped_ = true;
}

void recruiter::look_later() {
  self_->run_delayed(opts_.interval, [weak = weak_from_this()] {
    if (auto alive = weak.lock(); alive && !alive->stopped_)
      alive->look();
  });
}

void recruiter::look() {
  const auto membership = node_.membership();
  if (!membership) {
    look_later();
    return;
  }
  self_->request(membership, opts_.request_timeout, list_members{})
    .then(
      [weak = weak_from_this()](const std::vector<member_info>& members) {
        if (auto alive = weak.lock(); alive && !alive->stopped_)
          alive->consider(members);
      },
      // It is being replaced, or busy.
      [weak = weak_from_this()](const caf::error&) {
        if (auto alive = weak.lock(); alive && !alive->stopped_)
          alive->look_later();
      });
}

void recruiter::consider(const std::vector<member_info>& members) {
  std::erase_if(rests_, [&](const auto& x) {
    return std::ranges::find(members, x.first, &member_info::id)
           == members.end();
  });
  // One more, so that it does not end before all are asked.
  pending_ = 1;
  for (const auto& member : members) {
    if (member.state != member_state::alive || !events_.wants(member.id))
      continue;
    if (auto known = rests_.find(member.id);
        known != rests_.end() && known->second.left > 0)
      --known->second.left;
    else
      ask_for_spawner(member);
  }
  answered();
}

void recruiter::ask_for_spawner(const member_info& member) {
  if (member.id == node_.self) {
    found(member, node_.spawner());
    return;
  }
  ++pending_;
  self_
    ->request(node_.mesh(), opts_.request_timeout,
              find_service{member.id, "spawner"})
    .then(
      [weak = weak_from_this(), member](const caf::strong_actor_ptr& spawner) {
        if (auto alive = weak.lock(); alive && !alive->stopped_) {
          alive->found(member, caf::actor_cast<spawner_actor>(spawner));
          alive->answered();
        }
      },
      [weak = weak_from_this(), id = member.id](const caf::error&) {
        if (auto alive = weak.lock(); alive && !alive->stopped_) {
          alive->not_found(id);
          alive->answered();
        }
      });
}

void recruiter::found(const member_info& member, spawner_actor spawner) {
  if (!spawner) {
    not_found(member.id);
    return;
  }
  rests_.erase(member.id);
  // Much may have happened since it was asked for.
  if (events_.wants(member.id))
    events_.found({member.name, member.id, std::move(spawner)});
}

void recruiter::not_found(const peer_id& id) {
  auto& pause = rests_[id];
  pause.length = std::clamp(2 * pause.length, 1u, rest_max);
  pause.left = pause.length;
}

void recruiter::answered() {
  if (--pending_ == 0)
    look_later();
}

} // namespace starling::experiment
