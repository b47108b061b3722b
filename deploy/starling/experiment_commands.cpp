#include "actors/experiment/experiment_file.hpp"
#include "actors/experiment/experiment_orchestrator.hpp"
#include "deploy/control/experiment_job.hpp"
#include "deploy/node/private_node.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/progress_bar.hpp"
#include "deploy/starling/text_table.hpp"
#include "messages/message_types.hpp"
#include "runtime/file_io.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace starling::cli {

namespace fs = std::filesystem;

namespace {

constexpr size_t experiment_file_max = 256 * 1024;

struct run_arguments {
  std::string file;
  std::string data;
  std::string out;
  std::vector<fs::path> plugins;
};

std::string absolute_text(const fs::path& path) {
  auto code = std::error_code{};
  return path.empty() ? "" : fs::absolute(path, code).lexically_normal();
}

/// Rows without an incident have no ranking: that is null once it went through
/// JSON.
std::string figure_text(const json& x, int digits) {
  const auto value = x.is_null() ? std::nan("") : x.get<double>();
  return std::isnan(value) ? "-" : fmt::format("{:.{}f}", value, digits);
}

std::string report_text(const json& x) {
  auto table = text_table{
    {"METHOD", "AUC-ROC", "AUC-PR", "BEST F1", "AUC-PR SMOOTH", "US A VECTOR"}};
  for (const auto& m : x.at("methods"))
    table.add({m.at("name"), figure_text(m.at("auc_roc"), 3),
               figure_text(m.at("auc_pr"), 3), figure_text(m.at("best_f1"), 3),
               figure_text(m.at("auc_pr_smooth"), 3),
               figure_text(m.at("micros_per_vector"), 2)});
  const auto& work = x.at("work");
  const auto& nodes = x.at("nodes");
  return fmt::format(
    "{}: {} entities, {} rows in {}\n\n{}\nzones      {} changes, {} "
    "quarantines, {} isolations, {} recoveries, {:.2f} % false alarms\n"
    "work       {} delivered, {} re-routed, {} refused, {} dropped; {} "
    "restarts\nnodes      {} at the end; {} joined, {} lost meanwhile\n"
    "report     {}\n",
    x.at("name").get<std::string>(), x.at("entities").get<uint64_t>(),
    x.at("rows").get<uint64_t>(),
    human_duration(x.at("duration_s").get<double>()), table.text(),
    x.at("zone_changes").get<uint64_t>(), x.at("quarantines").get<uint64_t>(),
    x.at("isolations").get<uint64_t>(), x.at("recoveries").get<uint64_t>(),
    100 * x.at("false_alarms").get<double>(),
    work.at("delivered").get<uint64_t>(), work.at("rerouted").get<uint64_t>(),
    work.at("refused").get<uint64_t>(), work.at("dropped").get<uint64_t>(),
    x.at("restarts").get<uint64_t>(), nodes.at("at_end").get<uint64_t>(),
    nodes.at("joined").get<uint64_t>(), nodes.at("lost").get<uint64_t>(),
    x.at("report").get<std::string>());
}

/// Shows the news of a run on standard error.
class news_printer {
public:
  explicit news_printer(bool silent) : silent_{silent} {
    // nop
  }

  bool operator()(const json& news) {
    if (silent_)
      return true;
    auto text = std::string{};
    if (news.contains("note"))
      text = news.at("note").get<std::string>() + "\n";
    else if (news.contains("stage"))
      text = bar_.update(news.at("stage").get<std::string>(),
                         news.value("rows_done", uint64_t{0}),
                         news.value("rows_total", uint64_t{0}));
    std::fwrite(text.data(), 1, text.size(), stderr);
    return true;
  }

  void finish() {
    if (!silent_)
      std::fputs(bar_.finish().c_str(), stderr);
  }

private:
  bool silent_;
  progress_bar bar_{::isatty(STDERR_FILENO) == 1};
};

result<json> run_here(run_experiment job, size_t nodes,
                      const std::vector<fs::path>& plugins,
                      news_printer& news) {
  init_message_types();
  auto local = deploy::private_node::start(plugins);
  if (!local)
    return local.error();
  const auto spawner = (*local)->context().spawner();
  job.nodes = experiment::local_nodes(spawner, nodes);
  return control::run_experiment_job(
    (*local)->system(), spawner, std::move(job),
    [&news](const json& line) { return news(line); });
}

result<json> run_on_cluster(const program& shared, const run_experiment& job,
                            news_printer& news) {
  auto client = shared.client();
  if (!client)
    return client.error();
  auto body
    = json{{"file", job.file}, {"text", job.text}, {"out", job.out_dir}};
  if (!job.data_dir.empty())
    body["data"] = job.data_dir;
  return client->run("/v1/experiments", body,
                     [&news](const json& line) { news(line); });
}

void run_one(program& shared, const run_arguments& input) {
  auto opts = experiment::load_experiment(input.file);
  if (!opts)
    return shared.fail(opts.error());
  auto text = read_text_file(input.file, experiment_file_max);
  if (!text)
    return shared.fail(text.error());
  auto job = run_experiment{};
  job.file = absolute_text(input.file);
  job.text = std::move(*text);
  job.data_dir = absolute_text(input.data);
  job.out_dir = absolute_text(
    input.out.empty() ? fs::path{"results"} / opts->name : fs::path{input.out});
  const auto* variable = std::getenv("STARLING_CONTROL");
  const auto on_cluster = opts->cluster.running || !shared.control.empty()
                          || !shared.cluster.empty()
                          || (variable != nullptr && *variable != '\0');
  if (on_cluster && !input.plugins.empty())
    return shared.fail({ec::invalid_option, plugins_elsewhere});
  auto news = news_printer{shared.as_json};
  auto answer = on_cluster ? run_on_cluster(shared, job, news)
                           : run_here(std::move(job), opts->cluster.nodes,
                                      input.plugins, news);
  news.finish();
  shared.show(answer, report_text);
}

} // namespace

void add_experiment_commands(CLI::App& app, program& shared) {
  auto* experiment = app.add_subcommand("experiment", "Run detection "
                                                      "experiments");
  experiment->require_subcommand(1);
  auto* run = experiment->add_subcommand(
    "run", "Run an experiment: in this process, or on the cluster that "
           "--cluster, --control or the file names");
  auto input = std::make_shared<run_arguments>();
  run->add_option("FILE", input->file, "The experiment file")->required();
  run->add_option("--data", input->data, "Data folder; else the file's");
  run->add_option("--out", input->out,
                  "Folder for the results; else ./results/NAME");
  run->add_option("--plugins", input->plugins, plugins_help);
  run->callback([&shared, input] { run_one(shared, *input); });
  add_byzantine_command(*experiment, shared);
  add_scale_command(*experiment, shared);
  add_consensus_commands(*experiment, shared);
  add_sweep_commands(*experiment, shared);
}

} // namespace starling::cli
