#include "deploy/starling/sweep_places.hpp"

#include "actors/experiment/experiment_orchestrator.hpp"
#include "deploy/cluster/cluster_record.hpp"
#include "deploy/control/experiment_job.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace starling::cli {

namespace {

/// Runs in one process; each needs some ten megabytes and all cores.
constexpr size_t local_jobs_max = 64;

/// Long jobs that a node takes at a time, see `control::server_limits`.
constexpr size_t jobs_of_node = 2;

/// A node that is busy is asked again after a while, that many times.
constexpr auto busy_pause = std::chrono::milliseconds{500};
constexpr size_t patience = 240;

bool has_control_variable() {
  const auto* variable = std::getenv("STARLING_CONTROL");
  return variable != nullptr && *variable != '\0';
}

/// Lets in as many as a node takes jobs at a time; the others wait. Needed when
/// a node went away and its runs come to those that are left.
class gate {
public:
  void enter() {
    auto lock = std::unique_lock{mutex_};
    left_.wait(lock, [this] { return inside_ < jobs_of_node; });
    ++inside_;
  }

  void leave() {
    const auto guard = std::lock_guard{mutex_};
    --inside_;
    left_.notify_one();
  }

private:
  std::mutex mutex_;
  std::condition_variable left_;
  size_t inside_ = 0;
};

/// A node on this machine, which can be asked.
struct asked_node {
  control::control_client client;
  std::shared_ptr<gate> jobs = std::make_shared<gate>();
};

/// A member that does runs, and the node that it is asked through.
struct worker_node {
  std::string id;
  asked_node through;
};

/// Nodes that answer on this machine.
result<std::vector<asked_node>> answering(const program& shared) {
  auto first = shared.client();
  if (!first)
    return first.error();
  auto out = std::vector<asked_node>{};
  out.push_back({*first});
  if (!shared.control.empty()
      || (shared.cluster.empty() && has_control_variable()))
    return out;
  const auto folder = shared.cluster_folder();
  if (!folder)
    return folder.error();
  const auto record = cluster::load_record(*folder);
  if (!record)
    return record.error();
  for (const auto& node : record->nodes) {
    auto client = control::control_client{node.control};
    if (node.control != first->socket() && cluster::is_running(node.running)
        && client.is_alive())
      out.push_back({std::move(client)});
  }
  return out;
}

/// Each member with its own socket if it is on this machine, else with one of
/// those that are.
result<std::vector<worker_node>>
workers_of(const std::vector<asked_node>& nodes) {
  auto out = std::vector<worker_node>{};
  auto known = std::vector<std::string>{};
  for (const auto& node : nodes) {
    auto status = node.client.get("/v1/status");
    if (!status)
      return status.error();
    known.push_back(status->at("id").get<std::string>());
    out.push_back({known.back(), node});
  }
  auto members = nodes.front().client.get("/v1/members");
  if (!members)
    return members.error();
  for (const auto& member : members->at("members")) {
    const auto id = member.at("id").get<std::string>();
    if (member.at("state") == "alive"
        && std::ranges::find(known, id) == known.end())
      out.push_back({id, nodes[out.size() % nodes.size()]});
  }
  return out;
}

/// Whether another node may do better.
bool is_loss(ec code) {
  return code == ec::unreachable || code == ec::connection_closed
         || code == ec::timed_out || code == ec::quarantined
         || code == ec::limit_reached;
}

result<void> run_on(const worker_node& node, const run_experiment& job) {
  const auto body = json{{"file", job.file},
                         {"text", job.text},
                         {"data", job.data_dir},
                         {"out", job.out_dir},
                         {"on", node.id}};
  node.through.jobs->enter();
  auto answer
    = node.through.client.run("/v1/experiments", body, [](const json&) {});
  node.through.jobs->leave();
  if (!answer)
    return answer.error();
  return {};
}

} // namespace

bool names_cluster(const program& shared) {
  return !shared.control.empty() || !shared.cluster.empty()
         || has_control_variable();
}

result<sweep_place>
place_here(const std::vector<std::filesystem::path>& plugin_dirs) {
  auto local = deploy::private_node::start(plugin_dirs);
  if (!local)
    return local.error();
  auto out = sweep_place{};
  out.local = std::move(*local);
  // A run spreads over all cores by itself; a second one fills the gaps.
  out.jobs = std::max(1U, std::thread::hardware_concurrency() / 2 + 1);
  out.jobs_max = local_jobs_max;
  out.run = [node = out.local](run_experiment job, size_t nodes,
                               size_t) -> result<void> {
    const auto spawner = node->context().spawner();
    job.nodes = experiment::local_nodes(spawner, nodes);
    auto answer
      = control::run_experiment_job(node->system(), spawner, std::move(job),
                                    [](const json&) { return true; });
    if (!answer)
      return answer.error();
    return {};
  };
  return out;
}

result<sweep_place> place_on_cluster(const program& shared) {
  try {
    const auto nodes = answering(shared);
    if (!nodes)
      return nodes.error();
    auto workers = workers_of(*nodes);
    if (!workers)
      return workers.error();
    auto out = sweep_place{};
    out.jobs_max = nodes->size() * jobs_of_node;
    out.jobs = std::min(workers->size(), out.jobs_max);
    out.run = [workers = std::move(*workers)](const run_experiment& job, size_t,
                                              size_t worker) -> result<void> {
      auto done = result<void>{};
      for (size_t i = 0; i < workers.size() + patience; ++i) {
        done = run_on(workers[(worker + i) % workers.size()], job);
        if (done || !is_loss(done.error().code))
          return done;
        // Busy with somebody else's jobs.
        if (done.error().code == ec::limit_reached)
          std::this_thread::sleep_for(busy_pause);
        else if (i + 1 >= workers.size())
          return done;
      }
      return done;
    };
    return out;
  } catch (const json::exception&) {
    return failure{ec::malformed_input, "the node's answer is not understood "
                                        "here; is it of the same version?"};
  }
}

} // namespace starling::cli
