#include "deploy/scale/scale_report.hpp"

#include "actors/experiment/html_table.hpp"
#include "actors/experiment/markup.hpp"
#include "deploy/scale/growth_plot.hpp"
#include "deploy/scale/report_page.hpp"
#include "deploy/starling/text_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace starling::deploy {

namespace {

using nlohmann::json;

std::string share_text(double share) {
  return std::isfinite(share) ? fmt::format("{:.1f} %", 100.0 * share) : "-";
}

/// A count where 0 means all.
std::string count_text(size_t count, const char* what) {
  if (count == 0)
    return fmt::format("all {}s", what);
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

double per_agent(double sum, const scale_point& x) {
  return sum / static_cast<double>(x.agents);
}

using cells = std::vector<std::string>;

/// The table of the architecture's description.
std::pair<cells, std::vector<cells>> summary_table(const scale_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& p : x.flock)
    rows.push_back({fmt::format("{}", p.agents),
                    fmt::format("{:.1f} ms", p.setup_ms),
                    fmt::format("{:.2f} us", p.detection_us_p50),
                    share_text(p.quarantined.accuracy()),
                    fmt::format("{}", p.quarantine_actions)});
  return {
    {"AGENTS", "SET-UP", "DETECTION TIME", "ACCURACY", "QUARANTINE ACTIONS"},
    std::move(rows)};
}

/// What is behind it.
std::pair<cells, std::vector<cells>> verdict_table(const scale_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& p : x.flock)
    rows.push_back(
      {fmt::format("{}", p.agents), fmt::format("{:.1f} ms", p.setup_cpu_ms),
       fmt::format("{:.2f} us", p.detection_us),
       fmt::format("{:.2f} us", p.detection_us_p99),
       share_text(p.quarantined.recall()),
       share_text(p.quarantined.precision()),
       fmt::format("{} of {}", p.quarantined.accused, p.quarantined.honest),
       share_text(double(p.false_alarms) / double(p.honest_rows)),
       fmt::format("{:.1f}", p.falsely_cut_off_per_day()),
       share_text(p.isolated.recall()), share_text(p.isolated.precision()),
       fmt::format("{:.0f}", p.delay_rows)});
  return {{"AGENTS", "SET-UP, CPU", "DETECTION, MEAN", "P99", "RECALL",
           "PRECISION", "FALSELY CUT OFF", "FALSE ALARMS/ROW",
           "FALSE CUTS A DAY/100 AGENTS", "ISOLATED: RECALL", "PRECISION",
           "DELAY, ROWS"},
          std::move(rows)};
}

std::pair<cells, std::vector<cells>> cost_table(const scale_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& p : x.flock) {
    const auto rows_all = static_cast<double>(p.rows);
    rows.push_back(
      {fmt::format("{}", p.agents), fmt::format("{}", p.nodes),
       fmt::format("{:.1f}", per_agent(double(p.messages), p)),
       fmt::format("{:.1f}", per_agent(double(p.crossing.messages), p)),
       fmt::format("{:.0f}", per_agent(double(p.crossing.bytes), p) / rows_all),
       fmt::format("{:.2f}", p.cpu_us_per_row()),
       fmt::format("{:.2f}", (p.cpu_s - p.generating_cpu_s) * 1e6
                               / (double(p.agents) * rows_all)),
       fmt::format("{:.1f} KiB", p.bytes_resident_per_agent() / 1024.0),
       fmt::format("{:.1f} KiB", p.detector_bytes / 1024.0),
       fmt::format("{:.1f} s", p.training_ms / 1e3),
       fmt::format("{:.1f} s", p.live_ms / 1e3),
       fmt::format("{} of {}", p.epochs_incomplete, p.epochs)});
  }
  return {{"AGENTS", "NODES", "MESSAGES/AGENT", "BETWEEN NODES/AGENT",
           "BYTES/AGENT/ROW", "CPU US/AGENT/ROW", "WITHOUT MAKING ROWS",
           "MEMORY/AGENT", "OF IT DETECTOR", "TRAINING", "LIVE",
           "EPOCHS INCOMPLETE"},
          std::move(rows)};
}

std::pair<cells, std::vector<cells>> pairwise_table(const scale_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& p : x.pairwise)
    rows.push_back(
      {fmt::format("{}", p.agents), fmt::format("{:.3g} s", p.cpu_s),
       fmt::format("{:.3g} us", p.cpu_s * 1e6 / double(p.agents)),
       fmt::format("{:.3g}", p.messages), fmt::format("{:.3g}", p.bytes),
       share_text(p.found.recall()), share_text(p.found.precision()),
       p.done < 1.0 ? fmt::format("given up after {:.0f} % of the "
                                  "agents, projected",
                                  100.0 * p.done)
                    : "all compared"});
  return {{"AGENTS", "CPU AN EPOCH", "CPU/AGENT", "MESSAGES AN EPOCH",
           "BYTES AN EPOCH", "RECALL", "PRECISION", "NOTE"},
          std::move(rows)};
}

std::string exponent_text(const std::optional<scale::growth>& x) {
  if (!x)
    return "-";
  if (!std::isfinite(x->exponent_least))
    return fmt::format("{:.3f}", x->exponent);
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", x->exponent,
                     x->exponent_least, x->exponent_most);
}

std::pair<cells, std::vector<cells>> growth_table(const scale_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& line : x.growth)
    rows.push_back({line.what, line.who, exponent_text(line.all),
                    exponent_text(line.large)});
  return {{"GROWTH OF", "METHOD", "EXPONENT, ALL SIZES (95 %)",
           "FROM 500 AGENTS ON (95 %)"},
          std::move(rows)};
}

std::string text_of(std::pair<cells, std::vector<cells>> content) {
  auto table = cli::text_table{std::move(content.first)};
  for (auto& row : content.second)
    table.add(std::move(row));
  return table.text();
}

json growth_json(const std::optional<scale::growth>& x) {
  if (!x)
    return nullptr;
  return {{"exponent", x->exponent},
          {"factor", x->factor},
          {"least", x->exponent_least},
          {"most", x->exponent_most}};
}

std::string conditions(const scale_outcome& x) {
  const auto& p = x.plan.population;
  return fmt::format(
    "{} processors, seed {}; detector {} whose levels speak about {} rows, {} "
    "features, {} training rows, {} "
    "live rows of which the first {} are not counted; {:.1f} % of the agents "
    "misbehave from live row {} on; {} agents a node; epochs of {} rows, each "
    "gone through by {} at a time on {}",
    x.processors, p.seed, x.plan.scorer, x.plan.horizon_rows, p.features,
    p.training_rows, p.live_rows, x.plan.batch_rows, 100.0 * p.share, p.onset,
    x.plan.node_agents, x.plan.epoch_rows,
    count_text(x.plan.live_nodes, "node"),
    count_text(x.plan.live_processors, "processor"));
}

std::vector<scale::cost_point> points_of(const scale_outcome& x,
                                         const std::string& what,
                                         const std::string& who) {
  for (const auto& line : x.growth)
    if (line.what == what && line.who == who)
      return line.points;
  return {};
}

} // namespace

std::string to_text(const scale_outcome& x) {
  return fmt::format("{}\n{}\n\nverdicts\n{}\ncosts\n{}\n"
                     "the pairwise method, an epoch\n{}\ngrowth\n{}",
                     text_of(summary_table(x)), conditions(x),
                     text_of(verdict_table(x)), text_of(cost_table(x)),
                     text_of(pairwise_table(x)), text_of(growth_table(x)));
}

json to_json(const scale_outcome& x) {
  auto flock = json::array();
  for (const auto& p : x.flock)
    flock.push_back(to_json(p));
  auto pairwise = json::array();
  for (const auto& p : x.pairwise)
    pairwise.push_back(to_json(p));
  auto growth = json::array();
  for (const auto& line : x.growth)
    growth.push_back({{"what", line.what},
                      {"method", line.who},
                      {"all", growth_json(line.all)},
                      {"large", growth_json(line.large)}});
  return {{"conditions", conditions(x)},     {"processors", x.processors},
          {"seed", x.plan.population.seed},  {"flock", std::move(flock)},
          {"pairwise", std::move(pairwise)}, {"growth", std::move(growth)}};
}

std::string to_csv(const scale_outcome& x) {
  auto out = std::string{
    "agents,nodes,rows,setup_ms,training_ms,live_ms,detection_us,"
    "detection_us_p50,detection_us_p99,setup_cpu_ms,false_alarms,honest_rows,"
    "recall,precision,"
    "accuracy,falsely_cut_off,"
    "isolated_recall,isolated_precision,quarantine_actions,delay_rows,messages,"
    "crossing_messages,crossing_bytes,cpu_s,generating_cpu_s,resident_bytes,"
    "detector_bytes,pairwise_cpu_s,pairwise_done,pairwise_messages\n"};
  for (size_t i = 0; i < x.flock.size(); ++i) {
    const auto& p = x.flock[i];
    out += fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},"
      "{},{}",
      p.agents, p.nodes, p.rows, p.setup_ms, p.training_ms, p.live_ms,
      p.detection_us, p.detection_us_p50, p.detection_us_p99, p.setup_cpu_ms,
      p.false_alarms, p.honest_rows, p.quarantined.recall(),
      p.quarantined.precision(), p.quarantined.accuracy(),
      p.quarantined.accused, p.isolated.recall(), p.isolated.precision(),
      p.quarantine_actions, p.delay_rows, p.messages, p.crossing.messages,
      p.crossing.bytes, p.cpu_s, p.generating_cpu_s, p.resident_bytes,
      p.detector_bytes);
    if (i < x.pairwise.size())
      out += fmt::format(",{},{},{}\n", x.pairwise[i].cpu_s, x.pairwise[i].done,
                         x.pairwise[i].messages);
    else
      out += ",,,\n";
  }
  return out;
}

std::string to_html(const scale_outcome& x) {
  auto page = report_page{"How the flock grows", conditions(x)};
  page.section("In short",
               "Set-up is spawning, wiring and starting all actors; "
               "training is apart. Detection time is that of one "
               "vector, median. Accuracy: agents judged rightly, by "
               "whether they were ever cut off.");
  page.table(summary_table(x));
  page.section("Verdicts", "An agent is falsely cut off if it never "
                           "misbehaved, however briefly it was in quarantine.");
  page.table(verdict_table(x));
  page.section("Costs", "Between nodes: over handles that would leave their "
                        "node, sizes as written by CAF. Processor time is of "
                        "the whole process, making up rows included; "
                        "serialising and encrypting are not in it.");
  page.table(cost_table(x));
  page.section("Growth", "Fitted by least squares of logarithms.");
  page.table(growth_table(x));
  const auto flock_colour = std::string{"var(--st-accent)"};
  const auto pair_colour = std::string{"var(--st-quarantined)"};
  page.markup("<div class=\"pair\">");
  page.figure(
    draw_growth("Messages", "messages",
                {{"flock", flock_colour, points_of(x, "messages", "flock")},
                 {"flock, between nodes", "var(--st-trusted)",
                  points_of(x, "messages between nodes", "flock")},
                 {"pairwise, an epoch", pair_colour,
                  points_of(x, "messages", "pairwise")}}));
  page.figure(draw_growth(
    "Processor time", "seconds",
    {{"flock", flock_colour, points_of(x, "processor time", "flock")},
     {"pairwise, an epoch", pair_colour,
      points_of(x, "processor time", "pairwise")}}));
  page.figure(
    draw_growth("Memory", "bytes",
                {{"flock", flock_colour, points_of(x, "memory", "flock")}}));
  page.figure(
    draw_growth("Set-up", "ms",
                {{"flock", flock_colour, points_of(x, "set-up", "flock")}}));
  page.markup("</div>");
  page.section("The pairwise method", "Each agent compared with every other "
                                      "one, once an epoch, on one processor.");
  page.table(pairwise_table(x));
  return page.done();
}

result<void> write_report(const std::filesystem::path& folder,
                          const scale_outcome& x) {
  return write_files(folder, {{"scale.csv", to_csv(x)},
                              {"scale.json", to_json(x).dump(2) + "\n"},
                              {"scale.html", to_html(x)}});
}

} // namespace starling::deploy
