#include "deploy/arena/arena_file.hpp"
#include "deploy/arena/arena_report.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/progress_bar.hpp"
#include "deploy/starling/text_table.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

namespace starling::cli {

namespace {

struct arena_arguments {
  std::string file;
  std::string data;
  std::string out;
};

std::string share(const json& x) {
  return fmt::format("{:.1f} +- {:.1f}", 100.0 * x.at("mean").get<double>(),
                     100.0 * x.at("margin").get<double>());
}

std::string percent(const json& x) {
  return fmt::format("{:.0f} %", 100.0 * x.get<double>());
}

std::string sigmas(const json& x) {
  return fmt::format("{:.2f}", x.get<double>());
}

std::string verdict(const json& x) {
  auto text = std::string{x.at("holds").get<bool>() ? "holds" : "FAILS"};
  return x.value("seen", true) ? text : text + ", unseen";
}

std::string attacks_text(const json& x) {
  auto table
    = text_table{{"ATTACK", "LIARS", "HONEST CUT OFF BY IT %",
                  "LIARS CUT OFF %", "(BY CHANCE)", "% OF TIME", "(BY CHANCE)",
                  "BELIEVED", "(HONEST)", "DELAY", "NODES CUT OFF %",
                  "(HONEST)", "OFF BY", "WORST", "STANDING", "WORST", ""}};
  const auto row = x.at("row_seconds").get<double>();
  for (const auto& cell : x.at("cells")) {
    const auto& delay = cell.at("delay_rows");
    const auto rows = delay.at("mean").get<double>();
    const auto chance
      = 100.0 * cell.at("liars_cut_off_by_chance").at("mean").get<double>();
    const auto chance_time
      = 100.0 * cell.at("liars_time_by_chance").at("mean").get<double>();
    table.add(
      {cell.at("attack"), percent(cell.at("liars")),
       share(cell.at("honest_framed")), share(cell.at("liars_cut_off")),
       fmt::format("({:.0f})", chance), share(cell.at("liars_time")),
       fmt::format("({:.0f})", chance_time),
       sigmas(cell.at("liars_credibility").at("mean")),
       fmt::format("({})", sigmas(cell.at("honest_credibility").at("mean"))),
       !cell.at("seen").get<bool>()
         ? std::string{"-"}
         : fmt::format("{:.0f} rows, {}", rows, human_duration(rows * row)),
       share(cell.at("liar_nodes_cut_off")),
       fmt::format(
         "({:.1f})",
         100.0 * cell.at("honest_nodes_cut_off").at("mean").get<double>()),
       sigmas(cell.at("error_sigma").at("mean")),
       sigmas(cell.at("error_worst_sigma")),
       sigmas(cell.at("standing_error_sigma").at("mean")),
       sigmas(cell.at("standing_error_worst_sigma")), verdict(cell)});
  }
  return table.text();
}

std::string trees_text(const json& x) {
  auto table = text_table{{"NODES", "LIARS", "TREE", "PLACED", "OFF BY",
                           "WORST", "BEYOND 1.1", "MESSAGES", "BYTES", ""}};
  for (const auto& tree : x.at("trees"))
    table.add({fmt::format("{}", tree.at("nodes").get<size_t>()),
               percent(tree.at("liars")), tree.at("scheme"), tree.at("placed"),
               sigmas(tree.at("error_middle_sigma")),
               sigmas(tree.at("error_worst_sigma")),
               fmt::format("{:.1f} %", 100.0 * tree.at("beyond").get<double>()),
               fmt::format("{:.0f}", tree.at("messages").get<double>()),
               fmt::format("{:.0f}", tree.at("bytes").get<double>()),
               verdict(tree)});
  return table.text();
}

std::string arena_text(const json& x) {
  auto honest = json{};
  if (!x.at("cells").empty())
    honest = x.at("cells").front();
  auto out
    = fmt::format("{}: {} runs of each; 95 % confidence; off by: "
                  "standard deviations of honest figures, the summary and an "
                  "honest agent's standing by it\n",
                  x.at("name").get<std::string>(), x.at("runs").get<size_t>());
  if (!honest.is_null())
    out += fmt::format(
      "without any attack {} % of honest agents are cut off once, {} % of "
      "their time\n",
      share(honest.at("honest_cut_off_by_chance")),
      share(honest.at("honest_time_by_chance")));
  out += "\n" + attacks_text(x) + "\n" + trees_text(x);
  if (x.contains("report"))
    out += fmt::format("\nreport     {}\n", x.at("report").get<std::string>());
  return out;
}

result<json> fight(const arena_arguments& input, bool silent) {
  auto opts = input.file.empty()
                ? result<arena::arena_options>{arena::arena_options{}}
                : arena::load_arena(input.file);
  if (!opts)
    return opts.error();
  if (!input.data.empty())
    opts->data = input.data;
  auto bar = progress_bar{::isatty(STDERR_FILENO) == 1};
  const auto played = arena::run_arena(*opts, [&](size_t done, size_t all) {
    if (!silent)
      std::fputs(bar.update("fighting", done, all).c_str(), stderr);
  });
  if (!silent)
    std::fputs(bar.finish().c_str(), stderr);
  if (!played)
    return played.error();
  auto out = arena::to_json(*played);
  const auto folder = input.out.empty()
                        ? std::filesystem::path{"results"} / opts->name
                        : std::filesystem::path{input.out};
  if (auto done = arena::write_arena(folder, *played); !done)
    return done.error();
  out["report"] = (folder / "report.html").string();
  return out;
}

} // namespace

void add_byzantine_command(CLI::App& experiment, program& shared) {
  auto* command = experiment.add_subcommand(
    "byzantine", "Let each attack of the catalogue meet the defences, in one "
                 "thread and virtual time");
  auto input = std::make_shared<arena_arguments>();
  command->add_option("FILE", input->file,
                      "The arena file; without one, all defaults");
  command->add_option("--data", input->data,
                      "Folder of recorded behaviour; else the file's");
  command->add_option("--out", input->out,
                      "Folder for the results; else ./results/NAME");
  command->callback([&shared, input] {
    shared.show(fight(*input, shared.as_json), arena_text);
  });
}

} // namespace starling::cli
