#include "actors/spawner/catalog_spawner.hpp"

#include "runtime/outlive_refusals.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace starling::spawner {

catalog_spawner_state::catalog_spawner_state(spawner_actor::pointer self,
                                             catalog_spawner_options opts)
  : self_{self},
    opts_{std::move(opts)},
    policy_{opts_.node->self, opts_.permissions, opts_.actors_max} {
  nodes_.emplace(self->system().node(), opts_.node->self);
}

spawner_actor::behavior_type catalog_spawner_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler(
    [this](const caf::down_msg& down) { forget(down.source); });
  return {
    [this](spawn_request& msg) { return spawn(msg); },
    [this](const list_actor_types&) {
      return opts_.catalog->list(self_->system());
    },
    [this](const list_spawned&) { return list(); },
    [this](const find_spawned& msg) { return find(msg); },
    [this](const stop_spawned& msg) { return stop(msg); },
  };
}

caf::result<caf::strong_actor_ptr>
catalog_spawner_state::spawn(spawn_request& msg) {
  if (const auto* known = asker()) {
    auto spawned = spawn_for(*known, msg);
    if (!spawned)
      return std::move(spawned.error());
    return std::move(*spawned);
  }
  // Its session stands, or the message could not be here: the mesh knows it.
  const auto node = self_->current_sender()->node();
  auto answer = self_->make_response_promise<caf::strong_actor_ptr>();
  self_->request(opts_.node->mesh(), opts_.lookup_timeout, connect_node{node})
    .then(
      [this, node, msg, answer](const peer_services& peer) mutable {
        // Names bind, so nothing is lost by forgetting what can be asked again.
        if (nodes_.size() >= opts_.nodes_max)
          std::erase_if(nodes_, [this](const auto& known) {
            return known.second != opts_.node->self;
          });
        nodes_[node] = peer.id;
        auto spawned = spawn_for(peer.id, msg);
        if (spawned)
          answer.deliver(std::move(*spawned));
        else
          answer.deliver(std::move(spawned.error()));
      },
      [answer](caf::error& reason) mutable {
        answer.deliver(std::move(reason));
      });
  return answer;
}

caf::expected<caf::strong_actor_ptr>
catalog_spawner_state::spawn_for(const peer_id& asker,
                                 const spawn_request& msg) {
  const auto trusted
    = asker == opts_.node->self ? standing{} : opts_.node->standing_of(asker);
  if (auto allowed = policy_.check(asker, msg.type, trusted); !allowed)
    return caf::make_error(allowed.error().code, allowed.error().text);
  // Who may not spawn here learns nothing of how the node fares.
  if (opts_.admit)
    if (auto room = opts_.admit(); !room)
      return caf::make_error(room.error().code, room.error().text);
  if (!msg.name.empty()
      && (by_name_.contains(msg.name)
          || opts_.reserved_names.contains(msg.name)))
    return caf::make_error(ec::duplicate_name, "an actor named '" + msg.name
                                                 + "' lives on this node");
  auto spawned
    = opts_.catalog->spawn(msg.type, *opts_.node, msg.options, msg.interface);
  if (!spawned)
    return spawned;
  const auto id = (*spawned)->id();
  self_->monitor(caf::actor_cast<caf::actor>(*spawned));
  spawned_.emplace(id, record{msg.type, msg.name, asker, *spawned});
  if (!msg.name.empty())
    by_name_.emplace(msg.name, id);
  policy_.note_spawned(asker);
  return spawned;
}

caf::result<std::vector<spawned_actor>> catalog_spawner_state::list() {
  auto result = std::vector<spawned_actor>{};
  for (const auto& [id, entry] : spawned_)
    result.push_back({entry.type, entry.name, id, entry.owner});
  if (opts_.groups.empty())
    return result;
  auto answer = self_->make_response_promise<std::vector<spawned_actor>>();
  list_group(0, std::make_shared<std::vector<spawned_actor>>(std::move(result)),
             answer);
  return answer;
}

void catalog_spawner_state::list_group(
  size_t index, const std::shared_ptr<std::vector<spawned_actor>>& found,
  caf::typed_response_promise<std::vector<spawned_actor>> to) {
  if (index == opts_.groups.size()) {
    to.deliver(std::move(*found));
    return;
  }
  self_->request(opts_.groups[index], opts_.lookup_timeout, list_children{})
    .then(
      [this, index, found, to](const std::vector<child_status>& children) {
        for (const auto& child : children)
          if (child.actor)
            found->push_back(
              {child.type, child.name, child.actor->id(), opts_.node->self});
        list_group(index + 1, found, to);
      },
      // It has given up: none of its actors lives.
      [this, index, found, to](const caf::error&) {
        list_group(index + 1, found, to);
      });
}

caf::result<caf::strong_actor_ptr>
catalog_spawner_state::find(const find_spawned& msg) {
  if (auto found = by_name_.find(msg.name); found != by_name_.end())
    return spawned_.at(found->second).actor;
  if (opts_.reserved_names.contains(msg.name)) {
    auto answer = self_->make_response_promise<caf::strong_actor_ptr>();
    find_in_group(0, msg, answer);
    return answer;
  }
  return caf::make_error(ec::unknown_name,
                         "no actor named '" + msg.name + "' on this node");
}

void catalog_spawner_state::find_in_group(
  size_t index, const find_spawned& msg,
  caf::typed_response_promise<caf::strong_actor_ptr> to) {
  if (index == opts_.groups.size()) {
    to.deliver(caf::make_error(ec::unknown_name,
                               "actor '" + msg.name
                                 + "' of this node's file does not run now"));
    return;
  }
  self_
    ->request(opts_.groups[index], opts_.lookup_timeout, find_child{msg.name})
    .then(
      [to](const caf::strong_actor_ptr& actor) mutable { to.deliver(actor); },
      [this, index, msg, to](const caf::error&) {
        find_in_group(index + 1, msg, to);
      });
}

caf::result<void> catalog_spawner_state::stop(const stop_spawned& msg) {
  auto found = by_name_.find(msg.name);
  if (found == by_name_.end())
    return caf::make_error(ec::unknown_name,
                           "no actor named '" + msg.name + "' on this node");
  const auto& entry = spawned_.at(found->second);
  const auto* who = asker();
  if (!who || (*who != opts_.node->self && *who != entry.owner))
    return caf::make_error(ec::permission_denied,
                           "only its owner, node " + short_name(entry.owner)
                             + ", may stop '" + msg.name + "'");
  caf::anon_send_exit(caf::actor_cast<caf::actor>(entry.actor),
                      caf::exit_reason::user_shutdown);
  return caf::unit;
}

void catalog_spawner_state::forget(const caf::actor_addr& ended) {
  auto found = spawned_.find(ended.id());
  if (found == spawned_.end())
    return;
  policy_.note_ended(found->second.owner);
  by_name_.erase(found->second.name);
  spawned_.erase(found);
}

const peer_id* catalog_spawner_state::asker() const {
  const auto& sender = self_->current_sender();
  if (!sender)
    return &opts_.node->self;
  auto found = nodes_.find(sender->node());
  return found != nodes_.end() ? &found->second : nullptr;
}

} // namespace starling::spawner
