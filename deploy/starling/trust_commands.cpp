#include "deploy/cluster/cluster_record.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/text_table.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace starling::cli {

namespace {

using control::control_client;

/// Returns the node that --control means, else all nodes of the cluster that
/// run: each has an opinion of its own. Errors: as `program::client`.
result<std::vector<control_client>> opinions(const program& shared) {
  const auto* variable = std::getenv("STARLING_CONTROL");
  auto first = shared.client();
  if (!first)
    return first.error();
  const auto one_is_meant
    = !shared.control.empty()
      || (shared.cluster.empty() && variable != nullptr && *variable != '\0');
  auto clients = std::vector<control_client>{};
  if (one_is_meant) {
    clients.push_back(std::move(*first));
    return clients;
  }
  auto folder = shared.cluster_folder();
  if (!folder)
    return folder.error();
  auto record = cluster::load_record(*folder);
  if (!record)
    return record.error();
  for (const auto& node : record->nodes)
    if (cluster::is_running(node.running))
      clients.emplace_back(node.control);
  return clients;
}

/// Asks all and keeps the answers. Errors: the last one, if nobody has any.
result<json>
ask_all(const program& shared, const char* key,
        const std::function<result<json>(const control_client&)>& ask) {
  auto clients = opinions(shared);
  if (!clients)
    return clients.error();
  auto answers = json::array();
  auto refused = failure{ec::unreachable, "no node answers"};
  for (const auto& client : *clients) {
    if (auto answer = ask(client))
      answers.push_back(std::move(*answer));
    else
      refused = answer.error();
  }
  if (answers.empty())
    return refused;
  return result<json>{json{{key, std::move(answers)}}};
}

std::string deeds_text(const json& deeds) {
  auto text = std::string{};
  for (const auto& [what, count] : deeds.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        count.get<uint64_t>(), what);
  return text.empty() ? "nothing seen yet" : text;
}

std::string detail_of(const json& event, const char* name) {
  const auto& detail = event.at("detail");
  return detail.contains(name) ? detail.at(name).get<std::string>() : "";
}

std::string event_text(const json& x) {
  const auto time = x.at("time").get<std::string>();
  const auto kind = x.at("kind").get<std::string>();
  if (!x.at("detail").contains("to"))
    return fmt::format("  {}  {}: {}\n", time, kind, detail_of(x, "reason"));
  auto text = fmt::format("  {}  {} -> {}: {}\n", time, detail_of(x, "from"),
                          detail_of(x, "to"), detail_of(x, "reason"));
  const auto line = [&](const char* name, const char* label) {
    if (const auto value = detail_of(x, name); !value.empty())
      text += fmt::format("    {:<12} {}\n", label, value);
  };
  line("row", "row");
  line("features", "most from");
  line("population", "the others");
  line("reputation", "reputation");
  return text;
}

std::string opinion_text(const json& x) {
  auto text
    = fmt::format("{}, as {} sees it\n", x.at("name").get<std::string>(),
                  x.at("by").get<std::string>());
  if (x.contains("peer")) {
    const auto& peer = x.at("peer");
    text += fmt::format(
      "  {} for {}, reputation {:.2f}{}, {} strike(s)\n  seen: {}\n",
      peer.at("zone").get<std::string>(),
      human_duration(peer.at("in_zone_s").get<double>()),
      peer.at("reputation").get<double>(),
      peer.at("proven").get<bool>() ? " (proven)" : "",
      peer.at("strikes").get<uint64_t>(), deeds_text(peer.at("deeds")));
  }
  for (const auto& event : x.at("events"))
    text += event_text(event);
  return text;
}

std::string opinions_text(const json& x) {
  auto text = std::string{};
  for (const auto& opinion : x.at("opinions"))
    if (opinion.contains("peer") || !opinion.at("events").empty())
      text += opinion_text(opinion);
  return text;
}

std::string releases_text(const json& x) {
  auto text = std::string{};
  for (const auto& release : x.at("releases"))
    text
      += fmt::format("{}: {} is {} now\n", release.at("by").get<std::string>(),
                     release.at("id").get<std::string>().substr(0, 12),
                     release.at("zone").get<std::string>());
  return text;
}

} // namespace

void add_trust_commands(CLI::App& app, program& shared) {
  auto* why = app.add_subcommand(
    "why", "Show what nodes think of a node or an agent, and why");
  auto name = std::make_shared<std::string>();
  why->add_option("NAME", *name, "A node, or an agent that is judged")
    ->required();
  why->callback([&shared, name] {
    shared.show(ask_all(shared, "opinions",
                        [&](const control_client& client) {
                          return client.get("/v1/why/" + *name);
                        }),
                opinions_text);
  });
  auto* release = app.add_subcommand(
    "release", "Let a node out of quarantine or isolation, on probation");
  auto node = std::make_shared<std::string>();
  release->add_option("NODE", *node, "Whom")->required();
  release->callback([&shared, node] {
    shared.show(ask_all(shared, "releases",
                        [&](const control_client& client) {
                          return client.post("/v1/releases",
                                             json{{"node", *node}});
                        }),
                releases_text);
  });
}

} // namespace starling::cli
