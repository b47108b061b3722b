#include "deploy/control/ask.hpp"
#include "deploy/control/node_service.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace starling::control {

namespace {

const char* name_of(member_state state) {
  switch (state) {
    case member_state::alive:
      return "alive";
    case member_state::suspect:
      return "suspect";
    case member_state::dead:
      return "dead";
    case member_state::left:
      return "left";
  }
  return "unknown";
}

json to_json(const peer_status& x) {
  return {{"id", to_string(x.id)},    {"name", x.name},
          {"address", x.address},     {"key_exchange", x.key_exchange},
          {"dialled", x.dialled},     {"relayed", x.relayed},
          {"bytes_in", x.bytes_in},   {"bytes_out", x.bytes_out},
          {"rotations", x.rotations}, {"round_trip_us", x.round_trip_us}};
}

json to_json(const member_info& x) {
  auto neighbours = json::array();
  for (const auto& other : x.neighbours)
    neighbours.push_back({{"id", to_string(other.id)},
                          {"latency_us", other.latency_us},
                          {"reliability", other.reliability}});
  return {{"id", to_string(x.id)},
          {"name", x.name},
          {"state", name_of(x.state)},
          {"endpoints", x.endpoints},
          {"capabilities", x.capabilities},
          {"incarnation", x.incarnation},
          {"neighbours", std::move(neighbours)}};
}

} // namespace

// -- lookups ------------------------------------------------------------------

result<std::vector<peer_status>> node_service::peer_list() {
  return ask<std::vector<peer_status>>(*parts_.system, context().mesh(),
                                       parts_.timeout, list_peers{});
}

result<std::vector<member_info>> node_service::member_list() {
  if (auto membership = context().membership())
    return ask<std::vector<member_info>>(*parts_.system, membership,
                                         parts_.timeout, list_members{});
  // Without gossip a node knows its neighbours and itself.
  auto neighbours = peer_list();
  if (!neighbours)
    return neighbours.error();
  auto found = std::vector<member_info>(1);
  found.front().id = context().self;
  found.front().name = context().name;
  found.front().endpoints = parts_.addresses;
  for (const auto& peer : *neighbours) {
    auto& member = found.emplace_back();
    member.id = peer.id;
    member.name = peer.name;
  }
  return found;
}

std::vector<named_node> node_service::known_nodes() {
  auto found = std::vector<named_node>{{context().self, context().name}};
  if (auto members = member_list())
    for (const auto& member : *members)
      found.push_back({member.id, member.name});
  if (auto neighbours = peer_list())
    for (const auto& peer : *neighbours)
      found.push_back({peer.id, peer.name});
  return found;
}

result<peer_id> node_service::node_called(const std::string& text) {
  return find_node(text, known_nodes());
}

std::string node_service::name_of_node(const peer_id& id) {
  for (const auto& node : known_nodes())
    if (node.id == id && !node.name.empty())
      return node.name;
  return short_name(id);
}

// -- requests -----------------------------------------------------------------

result<json> node_service::members(const request&) {
  auto found = member_list();
  if (!found)
    return found.error();
  auto list = json::array();
  for (const auto& member : *found)
    list.push_back(to_json(member));
  return result<json>{json{{"members", std::move(list)}}};
}

result<json> node_service::peers(const request&) {
  auto found = peer_list();
  if (!found)
    return found.error();
  auto list = json::array();
  for (const auto& peer : *found)
    list.push_back(to_json(peer));
  return result<json>{json{{"peers", std::move(list)}}};
}

result<json> node_service::all_routes(const request&) {
  auto found = ask<std::vector<route_info>>(*parts_.system, context().router(),
                                            parts_.timeout, list_routes{});
  if (!found)
    return found.error();
  auto names = std::map<peer_id, std::string>{};
  for (const auto& node : known_nodes())
    names.emplace(node.id, node.name);
  auto list = json::array();
  for (const auto& way : *found)
    list.push_back({{"destination", to_string(way.destination)},
                    {"name", names[way.destination]},
                    {"hops", way.path.size()},
                    {"cost", way.cost},
                    {"latency_us", way.latency_us}});
  return result<json>{json{{"routes", std::move(list)}}};
}

result<json> node_service::route_to(const request& asked) {
  const auto text = asked.path.substr(std::string_view{"/v1/routes/"}.size());
  auto id = node_called(text);
  if (!id)
    return id.error();
  auto way = route_info{*id, {}, 0.0, 0};
  auto neighbours = peer_list();
  if (!neighbours)
    return neighbours.error();
  const auto direct
    = std::ranges::find_if(*neighbours, [&](const peer_status& peer) {
        return peer.id == *id && !peer.relayed;
      });
  if (auto router = context().router(); router && *id != context().self) {
    auto found = ask<route_info>(*parts_.system, router, parts_.timeout,
                                 find_route{*id});
    if (!found)
      return found.error();
    way = std::move(*found);
  } else if (direct != neighbours->end()) {
    way.path.push_back(*id);
    way.latency_us = direct->round_trip_us / 2;
  } else if (*id != context().self) {
    return failure{ec::unreachable, "no session leads to node "
                                      + short_name(*id)
                                      + ", and this node has no router"};
  }
  auto path = json::array();
  for (const auto& hop : way.path)
    path.push_back({{"id", to_string(hop)}, {"name", name_of_node(hop)}});
  return result<json>{json{{"destination", to_string(*id)},
                           {"name", name_of_node(*id)},
                           {"path", std::move(path)},
                           {"cost", way.cost},
                           {"latency_us", way.latency_us}}};
}

result<json> node_service::connect(const request& asked) {
  auto address = std::string{};
  auto id = std::string{};
  if (auto ok = fields{asked.body}
                  .need("address", address, 512)
                  .read("id", id)
                  .finish();
      !ok)
    return ok.error();
  auto wanted = connect_address{address, {}};
  if (!id.empty()) {
    auto parsed = parse_peer_id(id);
    if (!parsed)
      return failure{ec::invalid_option,
                     "field 'id' must be 64 hexadecimal digits"};
    wanted.expected.push_back(*parsed);
  }
  const auto limit
    = context().options->node.connection_timeout + std::chrono::seconds{2};
  auto peer = ask<peer_services>(*parts_.system, context().mesh(),
                                 caf::timespan{limit}, std::move(wanted));
  if (!peer)
    return peer.error();
  return result<json>{json{{"id", to_string(peer->id)}, {"name", peer->name}}};
}

} // namespace starling::control
