#include "deploy/starling/commands.hpp"
#include "deploy/starling/text_table.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string>

namespace starling::cli {

namespace {

/// Lists read best by name; nodes give them by id.
json by_name(json list) {
  std::sort(list.begin(), list.end(),
            [](const json& a, const json& b) { return a["name"] < b["name"]; });
  return list;
}

using text_fun = std::string (*)(const json&);

std::string short_id(const json& id) {
  return id.get<std::string>().substr(0, 12);
}

std::string first_of(const json& list) {
  return list.empty() ? "" : list.front().get<std::string>();
}

std::string status_text(const json& x) {
  const auto& addresses = x["addresses"];
  auto text
    = fmt::format("{} ({}), starling {}, process {}\n",
                  x["name"].get<std::string>(), short_id(x["id"]),
                  x["version"].get<std::string>(), x["pid"].get<int64_t>());
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<10} {}\n", name, value);
  };
  line("id", x["id"]);
  line("up", human_duration(x["uptime_s"].get<double>()));
  line("listens",
       addresses.empty()
         ? "nowhere"
         : fmt::format(
           "{}", fmt::join(addresses.get<std::vector<std::string>>(), ", ")));
  line("members", std::to_string(x["members"].get<uint64_t>()));
  line("peers", std::to_string(x["peers"].get<uint64_t>()));
  line("actors", std::to_string(x["actors"].get<uint64_t>()));
  line("plugins", std::to_string(x["plugins"].get<uint64_t>()));
  line("memory", human_bytes(x["memory_bytes"].get<double>()));
  line("state", x["state_dir"]);
  line("control", x["control"]);
  return text;
}

std::string members_text(const json& x) {
  auto table
    = text_table{{"NODE", "ID", "STATE", "ADDRESS", "NEIGHBOURS", "TYPES"}};
  for (const auto& m : by_name(x["members"]))
    table.add({m["name"], short_id(m["id"]), m["state"],
               first_of(m["endpoints"]), std::to_string(m["neighbours"].size()),
               std::to_string(m["capabilities"].size())});
  return table.text();
}

std::string peers_text(const json& x) {
  auto table = text_table{{"NODE", "ID", "ADDRESS", "PATH", "KEY EXCHANGE",
                           "ROUND TRIP", "IN", "OUT", "KEYS"}};
  for (const auto& p : by_name(x["peers"]))
    table.add({p["name"], short_id(p["id"]), p["address"],
               p["relayed"].get<bool>()   ? "relayed"
               : p["dialled"].get<bool>() ? "dialled"
                                          : "accepted",
               p["key_exchange"],
               human_duration(p["round_trip_us"].get<double>() / 1e6),
               human_bytes(p["bytes_in"].get<double>()),
               human_bytes(p["bytes_out"].get<double>()),
               std::to_string(p["rotations"].get<uint64_t>())});
  return table.text();
}

std::string actors_text(const json& x) {
  auto table = text_table{{"ACTOR", "TYPE", "ID", "OWNER"}};
  for (const auto& a : x["actors"])
    table.add({a["name"], a["type"], std::to_string(a["id"].get<uint64_t>()),
               a["owner_name"]});
  return table.text();
}

std::string types_text(const json& x) {
  auto table = text_table{{"TYPE", "FROM", "WHAT IT DOES"}};
  for (const auto& t : x["types"])
    table.add({t["name"], t["origin"], t["description"]});
  return table.text();
}

std::string route_text(const json& x) {
  if (x["path"].empty())
    return fmt::format("{} is this node\n", x["name"].get<std::string>());
  auto text = std::string{"here"};
  for (const auto& hop : x["path"])
    text += " -> " + hop["name"].get<std::string>();
  return fmt::format("{}  ({} hop(s), {}, cost {:.3g})\n", text,
                     x["path"].size(),
                     human_duration(x["latency_us"].get<double>() / 1e6),
                     x["cost"].get<double>());
}

std::string routes_text(const json& x) {
  auto table = text_table{{"NODE", "ID", "HOPS", "LATENCY", "COST"}};
  for (const auto& r : by_name(x["routes"]))
    table.add({r["name"], short_id(r["destination"]),
               std::to_string(r["hops"].get<uint64_t>()),
               human_duration(r["latency_us"].get<double>() / 1e6),
               fmt::format("{:.3g}", r["cost"].get<double>())});
  return table.text();
}

void query(program& shared, const std::string& path, text_fun text) {
  auto client = shared.client();
  if (!client)
    return shared.fail(client.error());
  shared.show(client->get(path), text);
}

} // namespace

void add_query_commands(CLI::App& app, program& shared) {
  struct entry {
    const char* name;
    const char* help;
    const char* path;
    text_fun text;
  };
  for (const auto& x : {
         entry{"status", "Show how a node does", "/v1/status", status_text},
         entry{"members", "List the members of the cluster", "/v1/members",
               members_text},
         entry{"peers", "List the sessions of a node", "/v1/peers", peers_text},
         entry{"actors", "List what was spawned on a node", "/v1/actors",
               actors_text},
         entry{"types", "List the actor types that a node can spawn",
               "/v1/types", types_text},
       })
    app.add_subcommand(x.name, x.help)->callback([&shared, x] {
      query(shared, x.path, x.text);
    });
  auto* route = app.add_subcommand("route", "Show the way to a node, or the "
                                            "ways to all");
  auto node = std::make_shared<std::string>();
  route->add_option("NODE", *node, "Where to");
  route->callback([&shared, node] {
    if (node->empty())
      query(shared, "/v1/routes", routes_text);
    else
      query(shared, "/v1/routes/" + *node, route_text);
  });
}

} // namespace starling::cli
