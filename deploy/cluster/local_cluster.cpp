#include "deploy/cluster/local_cluster.hpp"

#include "deploy/cluster/cluster_files.hpp"
#include "deploy/control/control_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <thread>
#include <utility>

namespace starling::cluster {

namespace {

using control::control_client;
using control::json;
using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto poll_interval = milliseconds{100};
/// Time that the nodes have to find each other before they are introduced.
constexpr auto introduction_delay = milliseconds{1500};
constexpr auto introduction_interval = std::chrono::seconds{5};

/// Takes over which processes run already.
void take_running(cluster_record& fresh) {
  auto before = load_record(fresh.folder);
  if (!before)
    return;
  for (auto& node : fresh.nodes)
    for (const auto& old : before->nodes)
      if (old.id == node.id && is_running(old.running))
        node.running = old.running;
}

/// What was launched and is awaited.
struct pending {
  size_t node;
  launched process;
};

result<void> start_missing(const up_options& opts, up_report& report,
                           milliseconds timeout) {
  auto waiting = std::vector<pending>{};
  auto& nodes = report.cluster.nodes;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].host.empty()) {
      report.elsewhere.push_back(nodes[i].name);
      continue;
    }
    if (nodes[i].revoked || is_running(nodes[i].running))
      continue;
    auto started = launch(
      {opts.program.string(), "node", nodes[i].file.string()}, nodes[i].log);
    if (!started)
      return started.error();
    nodes[i].running = started->id;
    // At once: who interrupts `up` must still be able to end what runs.
    if (auto saved = save_record(report.cluster); !saved)
      return saved;
    waiting.push_back({i, *started});
  }
  auto problem = result<void>{};
  for (const auto& [index, process] : waiting) {
    const auto& node = nodes[index];
    auto ready = wait_until_ready(process, timeout);
    if (ready) {
      report.started.push_back(node.name);
      opts.tell(fmt::format("{} is ready", node.name));
    } else if (problem) {
      problem = failure{ready.error().code,
                        fmt::format("node {}: {}; the end of {}:{}", node.name,
                                    ready.error().text, node.log.string(),
                                    last_lines(node.log))};
    }
  }
  return problem;
}

/// Returns the ids in a list that a node gives.
std::set<std::string> ids_of(const control_client& client, const char* list,
                             const char* key) {
  auto found = std::set<std::string>{};
  const auto answer = client.get(std::string{"/v1/"} + list);
  if (!answer || !answer->contains(list))
    return found;
  for (const auto& entry : (*answer)[list])
    if (entry.value("state", "alive") == "alive")
      found.insert(entry.value(key, ""));
  return found;
}

/// Returns the ids of the living members that a node knows and has a way to.
std::set<std::string> within_reach(const node_record& node) {
  const auto client = control_client{node.control, std::chrono::seconds{5}};
  const auto members = ids_of(client, "members", "id");
  const auto routes = ids_of(client, "routes", "destination");
  auto both = std::set<std::string>{};
  std::ranges::set_intersection(members, routes,
                                std::inserter(both, both.end()));
  return both;
}

/// Is it one of those that have to know each other here?
bool takes_part(const node_record& node) {
  return node.host.empty() && !node.revoked;
}

/// Whom doesn't each node know? Pairs of indices.
std::vector<std::pair<size_t, size_t>>
missing_pairs(const std::vector<node_record>& nodes) {
  auto missing = std::vector<std::pair<size_t, size_t>>{};
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!takes_part(nodes[i]))
      continue;
    const auto known = within_reach(nodes[i]);
    for (size_t j = 0; j < nodes.size(); ++j)
      if (i != j && takes_part(nodes[j])
          && !known.contains(to_string(nodes[j].id)))
        missing.emplace_back(i, j);
  }
  return missing;
}

/// Tells nodes where those are that they don't know, in case they have not
/// found each other by themselves.
void introduce(const std::vector<node_record>& nodes,
               const std::vector<std::pair<size_t, size_t>>& missing) {
  for (const auto& [from, to] : missing) {
    // One session serves both.
    const auto back = std::ranges::find(missing, std::pair{to, from});
    if ((from < to && back != missing.end()) || nodes[to].addresses.empty())
      continue;
    // Whether it works shows in the next look at the members.
    [[maybe_unused]] auto answer
      = control_client{nodes[from].control, std::chrono::seconds{10}}.post(
        "/v1/connect", json{{"address", nodes[to].addresses.front()},
                            {"id", to_string(nodes[to].id)}});
  }
}

result<void> wait_until_joined(const up_options& opts,
                               const cluster_record& cluster) {
  const auto start = steady::now();
  auto introduced = start + introduction_delay - introduction_interval;
  for (;;) {
    const auto missing = missing_pairs(cluster.nodes);
    if (missing.empty())
      return {};
    const auto now = steady::now();
    if (now - start > opts.join_timeout) {
      const auto& [from, to] = missing.front();
      return failure{
        ec::timed_out,
        fmt::format("node {} does not know node {} after {} s "
                    "({} such pairs); see {}",
                    cluster.nodes[from].name, cluster.nodes[to].name,
                    opts.join_timeout.count() / 1000, missing.size(),
                    cluster.nodes[from].log.string())};
    }
    if (now - introduced > introduction_interval) {
      introduced = now;
      introduce(cluster.nodes, missing);
    }
    std::this_thread::sleep_for(poll_interval);
  }
}

} // namespace

result<up_report> up(const up_options& opts,
                     Botan::RandomNumberGenerator& rng) {
  auto loaded = config::load_cluster_options(opts.file);
  if (!loaded)
    return loaded.error();
  auto timeout = milliseconds{0};
  for (const auto& node : loaded->nodes)
    timeout = std::max(timeout, node.options.node.connection_timeout);
  opts.tell(fmt::format("cluster {} in {}", loaded->name, loaded->directory));
  auto record = write_cluster_files(std::move(*loaded),
                                    std::chrono::system_clock::now(), rng);
  if (!record)
    return record.error();
  auto report = up_report{std::move(*record), {}, {}};
  take_running(report.cluster);
  if (auto saved = save_record(report.cluster); !saved)
    return saved.error();
  if (auto started = start_missing(opts, report, timeout); !started)
    return started.error();
  if (auto joined = wait_until_joined(opts, report.cluster); !joined)
    return joined.error();
  return report;
}

result<std::vector<down_report>> down(const std::filesystem::path& folder,
                                      milliseconds patience) {
  auto record = load_record(folder);
  if (!record)
    return record.error();
  auto processes = std::vector<process>{};
  for (const auto& node : record->nodes)
    processes.push_back(node.running);
  const auto endings = end_processes(processes, patience);
  auto report = std::vector<down_report>{};
  for (size_t i = 0; i < endings.size(); ++i) {
    auto& node = record->nodes[i];
    report.push_back({node.name, endings[i]});
    if (endings[i] == ending::alive)
      return failure{ec::wrong_state,
                     fmt::format("node {} (process {}) can't be ended",
                                 node.name, node.running.pid)};
    node.running = {};
  }
  if (auto saved = save_record(*record); !saved)
    return saved.error();
  return report;
}

} // namespace starling::cluster
