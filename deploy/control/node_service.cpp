#include "deploy/control/node_service.hpp"

#include "deploy/control/ask.hpp"
#include "deploy/version.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <string_view>
#include <utility>

namespace starling::control {

namespace {

/// Resident memory of this process in bytes, from /proc/self/statm (proc(5)).
uint64_t memory_in_use() {
  auto file = std::ifstream{"/proc/self/statm"};
  auto total = uint64_t{0};
  auto resident = uint64_t{0};
  file >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool fits(std::string_view pattern, std::string_view path) {
  if (pattern.ends_with('/'))
    return path.starts_with(pattern) && path.size() > pattern.size();
  return path == pattern;
}

} // namespace

node_service::node_service(node_service_parts parts)
  : parts_{std::move(parts)} {
  // nop
}

const std::vector<node_service::route>& node_service::routes() {
  using self = node_service;
  static const auto table = std::vector<route>{
    {"GET", "/v1/status", &self::status},
    {"GET", "/v1/members", &self::members},
    {"GET", "/v1/peers", &self::peers},
    {"GET", "/v1/routes", &self::all_routes},
    {"GET", "/v1/routes/", &self::route_to},
    {"GET", "/v1/why/", &self::why},
    {"GET", "/v1/actors", &self::actors},
    {"GET", "/v1/types", &self::types},
    {"GET", "/v1/plugins", &self::plugins},
    {"POST", "/v1/spawn", &self::spawn},
    {"POST", "/v1/call", &self::call},
    {"POST", "/v1/tokens", &self::issue_token},
    {"POST", "/v1/revocations", &self::revoke},
    {"POST", "/v1/connect", &self::connect},
    {"POST", "/v1/releases", &self::release},
    {"POST", "/v1/stop", &self::stop},
  };
  return table;
}

result<json> node_service::answer(const request& asked) {
  for (const auto& candidate : routes())
    if (candidate.verb == asked.verb && fits(candidate.path, asked.path))
      return (this->*candidate.handle)(asked);
  return failure{ec::unknown_name,
                 fmt::format("this node has nothing at {} {}", asked.verb,
                             asked.path.substr(0, 128))};
}

result<json> node_service::status(const request&) {
  const auto& node = context();
  const auto up = node.wall_clock() - parts_.started;
  auto body = json{
    {"name", node.name},
    {"id", to_string(node.self)},
    {"version", deploy::version},
    {"pid", ::getpid()},
    {"uptime_s", std::chrono::duration<double>{up}.count()},
    {"addresses", parts_.addresses},
    {"control", node.options->node.control_socket},
    {"state_dir", node.options->node.state_dir},
    {"memory_bytes", memory_in_use()},
    {"actors", parts_.system->registry().running()},
    {"plugins", parts_.plugins.size()},
  };
  auto neighbours = peer_list();
  if (!neighbours)
    return neighbours.error();
  auto members = member_list();
  if (!members)
    return members.error();
  body["peers"] = neighbours->size();
  body["members"] = members->size();
  body["configured"] = configured();
  return result<json>{std::move(body)};
}

result<json> node_service::types(const request&) {
  auto list = json::array();
  for (const auto& type : parts_.catalog->list(*parts_.system))
    list.push_back({{"name", type.name},
                    {"description", type.description},
                    {"origin", type.origin}});
  return result<json>{json{{"types", std::move(list)}}};
}

result<json> node_service::plugins(const request&) {
  auto list = json::array();
  for (const auto& plugin : parts_.plugins) {
    auto entry = json{{"path", plugin.path.string()}};
    if (plugin.loaded) {
      entry["name"] = plugin.loaded->name;
      entry["version"] = plugin.loaded->version;
      entry["types"] = plugin.loaded->actor_types;
    } else {
      entry.update(to_json(plugin.loaded.error()));
    }
    list.push_back(std::move(entry));
  }
  return result<json>{json{{"plugins", std::move(list)}}};
}

result<json> node_service::stop(const request& asked) {
  if (auto ok = fields{asked.body}.finish(); !ok)
    return ok.error();
  parts_.stop();
  return result<json>{json{{"stopping", true}}};
}

std::string node_service::metrics() {
  count("starling_memory_bytes", "Resident memory of the node process.",
        static_cast<double>(memory_in_use()));
  count("starling_actors", "Actors that live in the node process.",
        static_cast<double>(parts_.system->registry().running()));
  if (auto found = peer_list())
    count("starling_peers", "Neighbours with a session.",
          static_cast<double>(found->size()));
  const auto up
    = std::chrono::duration<double>{context().wall_clock() - parts_.started};
  count("starling_uptime_seconds", "Time since the node started.", up.count());
  return parts_.node->metrics().text();
}

void node_service::count(const char* name, const char* help, double value) {
  if (auto made = parts_.node->metrics().add_gauge(name, help))
    made->set(value);
}

} // namespace starling::control
