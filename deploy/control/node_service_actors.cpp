#include "deploy/control/ask.hpp"
#include "deploy/control/node_service.hpp"
#include "deploy/control/settings_json.hpp"

#include <caf/actor_cast.hpp>
#include <fmt/format.h>

#include <optional>
#include <utility>

namespace starling::control {

result<spawner_actor> node_service::spawner_on(const peer_id& id) {
  if (id == context().self)
    return context().spawner();
  auto found
    = ask<caf::strong_actor_ptr>(*parts_.system, context().mesh(),
                                 parts_.timeout, find_service{id, "spawner"});
  if (!found)
    return found.error();
  return caf::actor_cast<spawner_actor>(*found);
}

result<json> node_service::actors(const request&) {
  auto found = ask<std::vector<spawned_actor>>(
    *parts_.system, context().spawner(), parts_.timeout, list_spawned{});
  if (!found)
    return found.error();
  auto list = json::array();
  for (const auto& actor : *found)
    list.push_back({{"name", actor.name},
                    {"type", actor.type},
                    {"id", actor.id},
                    {"owner", to_string(actor.owner)},
                    {"owner_name", name_of_node(actor.owner)}});
  return result<json>{json{{"actors", std::move(list)}}};
}

result<json> node_service::spawn(const request& asked) {
  auto wanted = spawn_request{};
  auto node = std::string{};
  auto options = json::object();
  if (auto ok = fields{asked.body}
                  .need("type", wanted.type)
                  .read("node", node)
                  .read("name", wanted.name, 64)
                  .read("options", options)
                  .finish();
      !ok)
    return ok.error();
  auto settings = to_settings(options);
  if (!settings)
    return settings.error();
  wanted.options = std::move(*settings);
  auto id = node.empty() ? result<peer_id>{context().self} : node_called(node);
  if (!id)
    return id.error();
  auto spawner = spawner_on(*id);
  if (!spawner)
    return spawner.error();
  const auto type = wanted.type;
  const auto name = wanted.name;
  auto spawned = ask<caf::strong_actor_ptr>(*parts_.system, *spawner,
                                            parts_.timeout, std::move(wanted));
  if (!spawned)
    return spawned.error();
  return result<json>{json{{"type", type},
                           {"name", name},
                           {"actor", (*spawned)->id()},
                           {"node", to_string(*id)},
                           {"node_name", name_of_node(*id)}}};
}

result<caf::strong_actor_ptr>
node_service::find_actor(const std::string& name, const std::string& node) {
  auto places = std::vector<peer_id>{};
  if (!node.empty()) {
    auto id = node_called(node);
    if (!id)
      return id.error();
    places.push_back(*id);
  } else {
    // This node first, then those it has a session with.
    places.push_back(context().self);
    if (auto neighbours = peer_list())
      for (const auto& peer : *neighbours)
        places.push_back(peer.id);
  }
  auto last = failure{
    ec::unknown_name,
    fmt::format("no actor '{}' was found on {} node(s)", name, places.size())};
  for (const auto& place : places) {
    auto spawner = spawner_on(place);
    if (!spawner) {
      last = spawner.error();
      continue;
    }
    auto found = ask<caf::strong_actor_ptr>(*parts_.system, *spawner,
                                            parts_.timeout, find_spawned{name});
    if (found)
      return found;
    if (found.error().code != ec::unknown_name)
      last = found.error();
  }
  return last;
}

result<json> node_service::call(const request& asked) {
  auto name = std::string{};
  auto node = std::string{};
  auto content = json::object();
  if (auto ok = fields{asked.body}
                  .need("actor", name, 64)
                  .read("node", node)
                  .read("request", content)
                  .finish();
      !ok)
    return ok.error();
  auto found = find_actor(name, node);
  if (!found)
    return found.error();
  auto text
    = ask<std::string>(*parts_.system, caf::actor_cast<caf::actor>(*found),
                       parts_.timeout, json_request{to_text(content)});
  if (!text) {
    if (text.error().code == ec::protocol_violation)
      return failure{ec::protocol_violation,
                     fmt::format("actor '{}' takes no JSON; talk to it by its "
                                 "typed interface",
                                 name)};
    return text.error();
  }
  auto answer = json::parse(*text, nullptr, false);
  if (answer.is_discarded())
    answer = *text;
  return result<json>{json{{"answer", std::move(answer)}}};
}

} // namespace starling::control
