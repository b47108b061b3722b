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
  std::sort(list.begin(), list.end(), [](const json& a, const json& b) {
    return a.at("name") < b.at("name");
  });
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
  const auto& addresses = x.at("addresses");
  auto text = fmt::format("{} ({}), starling {}, process {}\n",
                          x.at("name").get<std::string>(), short_id(x.at("id")),
                          x.at("version").get<std::string>(),
                          x.at("pid").get<int64_t>());
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<10} {}\n", name, value);
  };
  line("id", x.at("id"));
  line("up", human_duration(x.at("uptime_s").get<double>()));
  line("listens",
       addresses.empty()
         ? "nowhere"
         : fmt::format(
             "{}", fmt::join(addresses.get<std::vector<std::string>>(), ", ")));
  line("members", std::to_string(x.at("members").get<uint64_t>()));
  line("peers", std::to_string(x.at("peers").get<uint64_t>()));
  line("actors", std::to_string(x.at("actors").get<uint64_t>()));
  for (const auto& a : x.at("configured"))
    line("  actor", fmt::format("{} ({}), {}, {} restart(s)",
                                a.at("name").get<std::string>(),
                                a.at("type").get<std::string>(),
                                a.at("running").get<bool>() ? "runs" : "down",
                                a.at("restarts").get<uint64_t>()));
  line("plugins", std::to_string(x.at("plugins").get<uint64_t>()));
  line("memory", human_bytes(x.at("memory_bytes").get<double>()));
  line("state", x.at("state_dir"));
  line("control", x.at("control"));
  return text;
}

std::string members_text(const json& x) {
  auto table
    = text_table{{"NODE", "ID", "STATE", "ADDRESS", "NEIGHBOURS", "TYPES"}};
  for (const auto& m : by_name(x.at("members")))
    table.add({m.at("name"), short_id(m.at("id")), m.at("state"),
               first_of(m.at("endpoints")),
               std::to_string(m.at("neighbours").size()),
               std::to_string(m.at("capabilities").size())});
  return table.text();
}

/// It is measured by signs of life, so a young session has none.
std::string round_trip_text(double microseconds) {
  return microseconds > 0 ? human_duration(microseconds / 1e6) : "-";
}

std::string peers_text(const json& x) {
  auto table = text_table{{"NODE", "ID", "ADDRESS", "PATH", "KEY EXCHANGE",
                           "ROUND TRIP", "IN", "OUT", "KEYS"}};
  for (const auto& p : by_name(x.at("peers")))
    table.add({p.at("name"), short_id(p.at("id")), p.at("address"),
               p.at("relayed").get<bool>()   ? "relayed"
               : p.at("dialled").get<bool>() ? "dialled"
                                             : "accepted",
               p.at("key_exchange"),
               round_trip_text(p.at("round_trip_us").get<double>()),
               human_bytes(p.at("bytes_in").get<double>()),
               human_bytes(p.at("bytes_out").get<double>()),
               std::to_string(p.at("rotations").get<uint64_t>())});
  return table.text();
}

std::string actors_text(const json& x) {
  auto table = text_table{{"ACTOR", "TYPE", "ID", "OWNER"}};
  for (const auto& a : x.at("actors"))
    table.add({a.at("name"), a.at("type"),
               std::to_string(a.at("id").get<uint64_t>()), a.at("owner_name")});
  return table.text();
}

std::string types_text(const json& x) {
  auto table = text_table{{"TYPE", "FROM", "WHAT IT DOES"}};
  for (const auto& t : x.at("types"))
    table.add({t.at("name"), t.at("origin"), t.at("description")});
  return table.text();
}

std::string route_text(const json& x) {
  if (x.at("path").empty())
    return fmt::format("{} is this node\n", x.at("name").get<std::string>());
  auto text = std::string{"here"};
  for (const auto& hop : x.at("path"))
    text += " -> " + hop.at("name").get<std::string>();
  const auto hops = x.at("path").size();
  return fmt::format("{}  ({} {}, {}, cost {:.0f})\n", text, hops,
                     hops == 1 ? "hop" : "hops",
                     human_duration(x.at("latency_us").get<double>() / 1e6),
                     x.at("cost").get<double>());
}

std::string routes_text(const json& x) {
  auto table = text_table{{"NODE", "ID", "HOPS", "LATENCY", "COST"}};
  for (const auto& r : by_name(x.at("routes")))
    table.add({r.at("name"), short_id(r.at("destination")),
               std::to_string(r.at("hops").get<uint64_t>()),
               human_duration(r.at("latency_us").get<double>() / 1e6),
               fmt::format("{:.3g}", r.at("cost").get<double>())});
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
