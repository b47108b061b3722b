#include "actors/experiment/experiment_file.hpp"
#include "actors/experiment/experiment_orchestrator.hpp"
#include "deploy/control/experiment_job.hpp"
#include "deploy/control/node_service.hpp"
#include "runtime/file_io.hpp"

#include <filesystem>
#include <set>
#include <utility>

namespace starling::control {

namespace {

constexpr size_t experiment_file_max = 256 * 1024;
constexpr size_t path_max = 4096;

/// Bytes that the results of an experiment are taken to need at least; the next
/// measurement says what they are.
constexpr uint64_t results_claim = 1'000'000;

/// A job and, if one node shall do it all, which.
struct asked_job {
  run_experiment what;
  std::string on;
};

result<asked_job> read_job(const json& body) {
  auto asked = asked_job{};
  auto& job = asked.what;
  if (auto ok = fields{body}
                  .need("file", job.file, path_max)
                  .read("text", job.text, experiment_file_max)
                  .read("data", job.data_dir, path_max)
                  .need("out", job.out_dir, path_max)
                  .read("on", asked.on)
                  .finish();
      !ok)
    return ok.error();
  for (const auto* path : {&job.file, &job.data_dir, &job.out_dir})
    if (!path->empty() && !std::filesystem::path{*path}.is_absolute())
      return failure{ec::invalid_option,
                     *path
                       + ": must be an absolute path, as the node runs in "
                         "a folder of its own"};
  if (job.text.empty()) {
    auto text = read_text_file(job.file, experiment_file_max);
    if (!text)
      return text.error();
    job.text = std::move(*text);
  }
  return asked;
}

/// Results count where they lie in the node's own folder.
result<void> check_storage(deploy::node& where,
                           const std::filesystem::path& out) {
  namespace fs = std::filesystem;
  const auto state
    = fs::absolute(where.context().options->node.state_dir).lexically_normal();
  const auto inside = out.lexically_normal().lexically_relative(state);
  if (inside.empty() || *inside.begin() == "..")
    return {};
  return where.resources().claim_storage(results_claim, out.string());
}

/// Nodes in name only, all of them on one node of the cluster: the experiment
/// has the nodes that its file asks for, and so the same result as anywhere.
result<std::vector<experiment_node>> nodes_on(const spawner_actor& spawner,
                                              const run_experiment& job) {
  const auto options = experiment::parse_experiment(job.text, job.file);
  if (!options)
    return options.error();
  return experiment::local_nodes(spawner, options->cluster.nodes);
}

} // namespace

result<json> node_service::run(const request& asked,
                               const std::function<bool(const json&)>& tell) {
  auto wanted = read_job(asked.body);
  if (!wanted)
    return wanted.error();
  auto* job = &wanted->what;
  if (auto room = check_storage(*parts_.node, job->out_dir); !room)
    return room.error();
  if (!wanted->on.empty()) {
    auto id = node_called(wanted->on);
    if (!id)
      return id.error();
    auto spawner = spawner_on(*id);
    if (!spawner)
      return spawner.error();
    auto nodes = nodes_on(*spawner, *job);
    if (!nodes)
      return nodes.error();
    job->nodes = std::move(*nodes);
    return run_experiment_job(*parts_.system, context().spawner(),
                              std::move(*job), tell);
  }
  auto members = member_list();
  if (!members)
    return members.error();
  job->recruit = true;
  for (const auto& member : *members) {
    if (member.state != member_state::alive)
      continue;
    auto spawner = spawner_on(member.id);
    if (spawner)
      job->nodes.push_back({member.name, member.id, std::move(*spawner)});
    else
      tell({{"note", "node " + member.name
                       + " takes no part: " + spawner.error().text}});
  }
  return run_experiment_job(*parts_.system, context().spawner(),
                            std::move(*job), tell);
}

} // namespace starling::control
