#include "deploy/cluster/local_cluster.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/text_table.hpp"

#include <CLI/App.hpp>
#include <botan/auto_rng.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

namespace starling::cli {

namespace {

struct up_arguments {
  std::string file;
  double timeout_s = 30;
};

struct down_arguments {
  std::string file;
  double patience_s = 10;
};

std::chrono::milliseconds to_milliseconds(double seconds) {
  return std::chrono::milliseconds{static_cast<int64_t>(seconds * 1000)};
}

json to_json(const cluster::up_report& report) {
  auto nodes = json::array();
  for (const auto& node : report.cluster.nodes)
    nodes.push_back(
      {{"name", node.name},
       {"id", to_string(node.id)},
       {"host", node.host},
       {"revoked", node.revoked},
       {"pid", node.running.pid},
       {"started", std::ranges::count(report.started, node.name) > 0},
       {"addresses", node.addresses},
       {"control", node.control.string()},
       {"log", node.log.string()}});
  return {{"cluster", report.cluster.name},
          {"folder", report.cluster.folder.string()},
          {"nodes", std::move(nodes)}};
}

std::string up_text(const json& report) {
  auto table = text_table{{"NODE", "ID", "PID", "ADDRESS", "STATE"}};
  for (const auto& node : report.at("nodes")) {
    const auto& addresses = node.at("addresses");
    const auto elsewhere = node.at("host") != "";
    const auto revoked = node.at("revoked").get<bool>();
    const auto idle = elsewhere || revoked;
    table.add({node.at("name"), node.at("id").get<std::string>().substr(0, 12),
               idle ? "" : std::to_string(node.at("pid").get<int>()),
               addresses.empty() ? "" : addresses[0].get<std::string>(),
               revoked     ? "revoked; remove its folder to let it join anew"
               : elsewhere ? "start it on its host"
               : node.at("started").get<bool>() ? "started"
                                                : "ran already"});
  }
  return table.text();
}

void run_up(program& shared, const up_arguments& input) {
  auto rng = Botan::AutoSeeded_RNG{};
  auto opts = cluster::up_options{};
  opts.file = input.file;
  opts.program = program_path();
  opts.join_timeout = to_milliseconds(input.timeout_s);
  if (!shared.as_json)
    opts.tell
      = [](const std::string& text) { fmt::print(stderr, "{}\n", text); };
  auto report = cluster::up(opts, rng);
  shared.show(report ? result<json>{to_json(*report)}
                     : result<json>{report.error()},
              up_text);
}

const char* name_of(cluster::ending how) {
  switch (how) {
    case cluster::ending::not_running:
      return "did not run";
    case cluster::ending::terminated:
      return "stopped";
    case cluster::ending::killed:
      return "killed";
    case cluster::ending::alive:
      return "still runs";
  }
  return "";
}

void run_down(program& shared, const down_arguments& input) {
  if (!input.file.empty())
    shared.cluster = input.file;
  auto folder = shared.cluster_folder();
  if (!folder)
    return shared.fail(folder.error());
  auto report = cluster::down(*folder, to_milliseconds(input.patience_s));
  if (!report)
    return shared.fail(report.error());
  auto nodes = json::array();
  for (const auto& node : *report)
    nodes.push_back({{"name", node.name}, {"state", name_of(node.how)}});
  shared.show(result<json>{json{{"nodes", std::move(nodes)}}},
              [](const json& content) {
                auto table = text_table{{"NODE", "STATE"}};
                for (const auto& node : content.at("nodes"))
                  table.add({node.at("name"), node.at("state")});
                return table.text();
              });
}

} // namespace

void add_cluster_commands(CLI::App& app, program& shared) {
  auto* up = app.add_subcommand(
    "up", "Start the nodes of a cluster file that don't run yet");
  auto starting = std::make_shared<up_arguments>();
  up->add_option("FILE", starting->file, "The cluster file")->required();
  up->add_option("--timeout", starting->timeout_s,
                 "Seconds that the nodes may take to know each other")
    ->check(CLI::Range(1.0, 3600.0));
  up->callback([&shared, starting] { run_up(shared, *starting); });
  auto* down = app.add_subcommand("down", "End the nodes of a cluster");
  auto ending = std::make_shared<down_arguments>();
  down->add_option("FILE", ending->file,
                   "The cluster file or folder; else the newest cluster");
  down
    ->add_option("--patience", ending->patience_s,
                 "Seconds until nodes that stay are killed")
    ->check(CLI::Range(0.0, 600.0));
  down->callback([&shared, ending] { run_down(shared, *ending); });
}

} // namespace starling::cli
