#include "actors/experiment/comparison_files.hpp"
#include "actors/experiment/comparison_report.hpp"
#include "actors/experiment/entity_selection.hpp"
#include "actors/experiment/injected_data.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/progress_bar.hpp"
#include "deploy/starling/sweep_places.hpp"
#include "deploy/starling/text_table.hpp"
#include "messages/message_types.hpp"
#include "runtime/file_io.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace starling::cli {

namespace fs = std::filesystem;

namespace {

constexpr mode_t table_mode = 0644;
/// Lines shown on a terminal; the files have all.
constexpr size_t lines_max = 60;

struct sweep_arguments {
  std::string file;
  std::string data;
  std::string out;
  size_t jobs = 0;
  bool fresh = false;
  bool lean = false;
  std::vector<fs::path> plugins;
};

struct compare_arguments {
  std::vector<std::string> folders;
  std::string out = "comparison.html";
};

struct inject_arguments {
  std::string data;
  std::string out;
  std::vector<std::string> entities;
  experiment::injection_choice choice;
};

fs::path whole_path(const fs::path& path) {
  auto code = std::error_code{};
  return path.empty() ? path : fs::absolute(path, code).lexically_normal();
}

/// Shows on standard error how much is done.
class counter {
public:
  counter(bool silent, std::string_view stage, std::string_view unit)
    : silent_{silent},
      stage_{stage},
      bar_{::isatty(STDERR_FILENO) == 1, unit} {
    // nop
  }

  void update(size_t done, size_t total) {
    if (!silent_)
      std::fputs(bar_.update(stage_, done, total).c_str(), stderr);
  }

  void finish() {
    if (!silent_)
      std::fputs(bar_.finish().c_str(), stderr);
  }

private:
  bool silent_;
  std::string stage_;
  progress_bar bar_;
};

std::string figure_of(const json& cell, const char* measure) {
  const auto& x = cell.at("measures").at(measure);
  if (!x.at("mean").is_number())
    return "-";
  const auto mean = x.at("mean").get<double>();
  const auto& ci = x.at("ci");
  return ci.is_null()
           ? fmt::format("{:.3f}", mean)
           : fmt::format("{:.3f} ±{:.3f}", mean,
                         (ci.at(1).get<double>() - ci.at(0).get<double>()) / 2);
}

/// Settings and methods, a line each.
std::string cells_text(const json& from) {
  const auto& cells = from.at("cells");
  // In the order of the file; objects are sorted by name.
  auto axes = from.at("axes").get<std::vector<std::string>>();
  std::erase_if(axes, [&](const auto& axis) {
    return !cells.at(0).at("axes").contains(axis);
  });
  auto header = axes;
  for (const auto* name :
       {"METHOD", "AUC-PR", "VUS-PR", "AUC-ROC", "RECALL AT 1 %"})
    header.emplace_back(name);
  auto table = text_table{header};
  for (size_t i = 0; i < std::min(cells.size(), lines_max); ++i) {
    auto row = std::vector<std::string>{};
    for (const auto& axis : axes)
      row.push_back(cells[i].at("axes").at(axis).get<std::string>());
    row.push_back(cells[i].at("method").get<std::string>());
    for (const auto* measure : {"auc_pr", "vus_pr", "auc_roc", "recall_1"})
      row.push_back(figure_of(cells[i], measure));
    table.add(std::move(row));
  }
  auto out = table.text();
  if (cells.size() > lines_max)
    out += fmt::format("... {} more\n", cells.size() - lines_max);
  return out;
}

result<void> write(const fs::path& file, const std::string& text) {
  return write_file_atomically(file, std::string_view{text}, table_mode);
}

// -- sweep --------------------------------------------------------------------

/// Writes all tables and the report of finished runs.
result<void> write_tables(const sweep_request& asked,
                          const sweep_outcome& outcome,
                          const experiment::comparison& found) {
  auto opts = experiment::comparison_report_options{};
  opts.links = outcome.links;
  opts.command
    = fmt::format("starling experiment sweep {} --data {} --out {}",
                  asked.file.string(), asked.data.string(), asked.out.string());
  const auto& table = outcome.table;
  const std::pair<const char*, std::string> files[]
    = {{"runs.csv", experiment::runs_csv(table)},
       {"entities.csv", experiment::entities_csv(table)},
       {"cells.csv", experiment::cells_csv(found)},
       {"pairs.csv", experiment::pairs_csv(found)},
       {"costs.csv", experiment::costs_csv(table)},
       {"sweep.json", experiment::comparison_json(table, found)},
       {"report.html", experiment::make_comparison_report(table, found, opts)}};
  for (const auto& [name, text] : files)
    if (auto done = write(asked.out / name, text); !done)
      return done;
  return {};
}

/// Says which run failed and why.
failure failure_of(const experiment::sweep_plan& plan,
                   const sweep_outcome& outcome) {
  const auto& first = outcome.failed.front();
  const auto& run = plan.runs[first.run];
  auto where = fmt::format("seed {}", run.seed);
  for (size_t i = 0; i < plan.axes.size(); ++i)
    where += fmt::format(", {} {}", plan.axes[i].key,
                         plan.axes[i].values[run.cell[i]]);
  return {first.reason.code,
          fmt::format("{} of {} runs are done, {} failed; the first one ({}): "
                      "{}. The same command tries again what is missing",
                      outcome.table.runs.size(), plan.runs.size(),
                      outcome.failed.size(), where, first.reason.text)};
}

result<json> sweep(program& shared, const sweep_arguments& input) {
  auto asked = sweep_request{};
  asked.file = whole_path(input.file);
  auto plan = experiment::load_sweep(asked.file);
  if (!plan)
    return plan.error();
  asked.data
    = whole_path(input.data.empty() ? plan->data : fs::path{input.data});
  if (asked.data.empty())
    return failure{ec::invalid_option, input.file
                                         + ": no data folder; set 'data' or "
                                           "give --data"};
  asked.out = whole_path(input.out.empty() ? fs::path{"results"} / plan->name
                                           : fs::path{input.out});
  init_message_types();
  const auto elsewhere = plan->on_cluster || names_cluster(shared);
  if (elsewhere && !input.plugins.empty())
    return failure{ec::invalid_option, plugins_elsewhere};
  auto place = elsewhere ? place_on_cluster(shared) : place_here(input.plugins);
  if (!place)
    return place.error();
  asked.jobs
    = std::min(input.jobs == 0 ? place->jobs : input.jobs, place->jobs_max);
  asked.fresh = input.fresh;
  asked.lean = input.lean;
  auto bar = counter{shared.as_json, "running", "runs"};
  auto outcome
    = run_sweep(*plan, asked, place->run,
                [&bar](size_t done, size_t all) { bar.update(done, all); });
  bar.finish();
  if (!outcome)
    return outcome.error();
  if (outcome->table.runs.empty())
    return failure_of(*plan, *outcome);
  const auto found = experiment::compare(outcome->table);
  if (!found)
    return found.error();
  if (auto done = write_tables(asked, *outcome, *found); !done)
    return done.error();
  if (!outcome->failed.empty())
    return failure_of(*plan, *outcome);
  auto all = json::parse(experiment::comparison_json(outcome->table, *found));
  return result<json>{json{{"name", plan->name},
                           {"out", asked.out.string()},
                           {"report", (asked.out / "report.html").string()},
                           {"runs", outcome->table.runs.size()},
                           {"reused", outcome->reused},
                           {"axes", std::move(all["axes"])},
                           {"cells", std::move(all["cells"])}}};
}

std::string sweep_text(const json& x) {
  return fmt::format("{}: {} runs, {} of them from before\n\n{}\nreport     "
                     "{}\n",
                     x.at("name").get<std::string>(),
                     x.at("runs").get<size_t>(), x.at("reused").get<size_t>(),
                     cells_text(x), x.at("report").get<std::string>());
}

// -- compare ------------------------------------------------------------------

result<json> compare(const compare_arguments& input) {
  auto table = experiment::run_table{};
  table.name = "comparison";
  table.axes = {"folder"};
  auto opts = experiment::comparison_report_options{};
  opts.kind = "Starling experiments";
  const auto page = whole_path(input.out);
  for (const auto& folder : input.folders) {
    auto run = experiment::read_run(folder);
    if (!run)
      return run.error();
    run->cell = {fs::path{folder}.lexically_normal().string()};
    opts.links.push_back((whole_path(folder) / "report.html")
                           .lexically_relative(page.parent_path())
                           .string());
    opts.command
      += (opts.command.empty() ? "starling experiment compare " : " ") + folder;
    table.runs.push_back(std::move(*run));
  }
  const auto found = experiment::compare(table);
  if (!found)
    return found.error();
  if (auto done
      = write(page, experiment::make_comparison_report(table, *found, opts));
      !done)
    return done.error();
  auto out = json::parse(experiment::comparison_json(table, *found));
  out["report"] = page.string();
  return out;
}

std::string compare_text(const json& x) {
  return fmt::format("{}\nreport     {}\n", cells_text(x),
                     x.at("report").get<std::string>());
}

// -- inject -------------------------------------------------------------------

result<json> inject(const program& shared, const inject_arguments& input) {
  const auto all = experiment::list_entities(input.data);
  if (!all)
    return all.error();
  const auto chosen = experiment::select_entities(*all, input.entities);
  if (!chosen)
    return chosen.error();
  auto bar = counter{shared.as_json, "writing", "entities"};
  const auto done = experiment::write_injected(
    input.data, input.out, *chosen, input.choice,
    [&](size_t count) { bar.update(count, chosen->size()); });
  bar.finish();
  if (!done)
    return done.error();
  return result<json>{json{{"out", whole_path(input.out).string()},
                           {"kind", input.choice.kind},
                           {"strength", input.choice.strength},
                           {"seed", input.choice.seed},
                           {"entities", done->entities},
                           {"rows", done->rows},
                           {"anomalous_rows", done->anomalous_rows},
                           {"stretches", done->stretches}}};
}

std::string inject_text(const json& x) {
  return fmt::format(
    "{}: {} entities, {} rows, {} of them anomalous in {} stretches ({} at "
    "strength {}, seed {})\n",
    x.at("out").get<std::string>(), x.at("entities").get<size_t>(),
    x.at("rows").get<size_t>(), x.at("anomalous_rows").get<size_t>(),
    x.at("stretches").get<size_t>(), x.at("kind").get<std::string>(),
    x.at("strength").get<double>(), x.at("seed").get<uint64_t>());
}

void add_inject_command(CLI::App& experiment, program& shared) {
  auto* command = experiment.add_subcommand(
    "inject", "Make a data folder with anomalies of a chosen kind out of the "
              "normal rows of another one");
  auto input = std::make_shared<inject_arguments>();
  command->add_option("DATA", input->data, "The data folder")->required();
  command->add_option("--out", input->out, "The folder to make")->required();
  auto kinds = std::string{};
  for (auto kind : experiment::injection_kinds())
    kinds += (kinds.empty() ? "" : ", ") + std::string{kind};
  command->add_option("--kind", input->choice.kind, "One of " + kinds)
    ->required();
  command->add_option("--strength", input->choice.strength,
                      "In deviations of a feature; 4");
  command->add_option("--share", input->choice.share,
                      "Part of the rows that is anomalous; 0.05");
  command->add_option("--seed", input->choice.seed, "Seed of all lots; 1");
  command->add_option("--entity", input->entities,
                      "Names or globs of entities; else all");
  command->callback(
    [&shared, input] { shared.show(inject(shared, *input), inject_text); });
}

} // namespace

void add_sweep_commands(CLI::App& experiment, program& shared) {
  auto* many = experiment.add_subcommand(
    "sweep", "Run all combinations of a file's [sweep] and compare them; what "
             "is finished is not run again");
  auto input = std::make_shared<sweep_arguments>();
  many->add_option("FILE", input->file, "The experiment file")->required();
  many->add_option("--data", input->data, "Data folder; else the file's");
  many->add_option("--out", input->out,
                   "Folder for the results; else ./results/NAME");
  many->add_option("--jobs", input->jobs,
                   "Runs at a time; else what suits the machine or cluster");
  many->add_flag("--fresh", input->fresh, "Run again what is finished");
  many->add_flag("--lean", input->lean, "Keep only the summary of each run");
  many->add_option("--plugins", input->plugins, plugins_help);
  many->callback(
    [&shared, input] { shared.show(sweep(shared, *input), sweep_text); });
  auto* side = experiment.add_subcommand(
    "compare", "Compare finished runs by their folders, side by side");
  auto folders = std::make_shared<compare_arguments>();
  side->add_option("DIR", folders->folders, "Folders with a summary.json")
    ->required();
  side->add_option("--out", folders->out,
                   "The page to write; else ./comparison.html");
  side->callback(
    [&shared, folders] { shared.show(compare(*folders), compare_text); });
  add_inject_command(experiment, shared);
}

} // namespace starling::cli
