#include "deploy/consensus/consensus_run.hpp"
#include "deploy/scale/report_page.hpp"
#include "deploy/starling/text_table.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace starling::deploy {

namespace {

using nlohmann::json;
using cells = std::vector<std::string>;
using table = std::pair<cells, std::vector<cells>>;

std::string delay_text(const delay_figures& x) {
  if (x.samples == 0)
    return "-";
  return fmt::format("{:.2f} / {:.2f} / {:.2f}", x.p50, x.p99, x.most);
}

table delay_table(const consensus_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& f : x.figures)
    rows.push_back({f.phase, f.mode, fmt::format("{}", f.alarms),
                    fmt::format("{}", f.contained), fmt::format("{}", f.missed),
                    delay_text(f.each_node), delay_text(f.last_node),
                    delay_text(f.from_row), delay_text(f.commit)});
  return {{"PHASE", "MODE", "ALARMS", "CONTAINED", "NO ALARM",
           "TO EACH NODE, MS P50/P99/MAX", "TO THE LAST NODE",
           "FROM THE ROW TO THE LAST NODE", "TO THE COMMIT"},
          std::move(rows)};
}

table trouble_table(const consensus_outcome& x) {
  auto rows = std::vector<cells>{};
  for (const auto& f : x.figures) {
    const auto per = static_cast<double>(std::max<uint64_t>(f.alarms, 1));
    rows.push_back(
      {f.phase, f.mode, fmt::format("{:.0f} ms", f.gap_ms),
       fmt::format("{} of {}", f.contained_broken, f.alarms_broken),
       fmt::format("{} of {}", f.cuts_broken, f.alarms_broken * x.plan.guards),
       fmt::format("{} of {}", f.refused, f.work_sent),
       f.bytes > 0.0 ? fmt::format("{:.1f}", double(f.messages) / per) : "-",
       f.bytes > 0.0 ? fmt::format("{:.0f}", f.bytes / per) : "-"});
  }
  return {{"PHASE", "MODE", "LONGEST GAP", "CONTAINED WHILE BROKEN", "BY NODES",
           "WORK REFUSED AFTERWARDS", "MESSAGES A VERDICT", "BYTES A VERDICT"},
          std::move(rows)};
}

std::string conditions(const consensus_outcome& x) {
  auto text = fmt::format(
    "{} processors; one node judges, {} cut off, each a process, by sessions "
    "over TCP on loopback; a verdict every {} ms; times by the machine's "
    "steady clock",
    x.processors, x.plan.guards, x.plan.period.count());
  if (!x.plan.etcd.empty())
    text += fmt::format("; etcd: three members, its defaults, a write to its "
                        "log takes {:.2f} ms on average; verdicts go to the "
                        "leader; broken {} ms after a phase begins, for {} ms",
                        x.fsync_ms, x.plan.until_broken.count(),
                        x.plan.broken_for.count());
  return text;
}

std::string text_of(table content) {
  auto made = cli::text_table{std::move(content.first)};
  for (auto& row : content.second)
    made.add(std::move(row));
  return made.text();
}

json delay_json(const delay_figures& x) {
  return {{"samples", x.samples},
          {"p50_ms", x.p50},
          {"p99_ms", x.p99},
          {"max_ms", x.most}};
}

std::string to_csv(const consensus_outcome& x) {
  auto out = std::string{
    "phase,mode,alarms,contained,missed,node_p50_ms,node_p99_ms,node_max_ms,"
    "last_p50_ms,last_p99_ms,last_max_ms,row_p50_ms,row_p99_ms,commit_p50_ms,"
    "commit_p99_ms,gap_ms,alarms_broken,contained_broken,cuts_broken,refused,"
    "work_sent,"
    "messages,bytes\n"};
  for (const auto& f : x.figures)
    out += fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
      f.phase, f.mode, f.alarms, f.contained, f.missed, f.each_node.p50,
      f.each_node.p99, f.each_node.most, f.last_node.p50, f.last_node.p99,
      f.last_node.most, f.from_row.p50, f.from_row.p99, f.commit.p50,
      f.commit.p99, f.gap_ms, f.alarms_broken, f.contained_broken,
      f.cuts_broken, f.refused, f.work_sent, f.messages, f.bytes);
  return out;
}

std::string to_html(const consensus_outcome& x) {
  auto page = report_page{x.plan.etcd.empty() ? "From verdict to containment"
                                              : "With consensus and without",
                          conditions(x)};
  page.section("Time", "From the moment that the detector's listener hears of "
                       "a level above the threshold to the moment from which "
                       "on a node refuses the agent's work. Milliseconds.");
  page.table(delay_table(x));
  page.section("Trouble and cost",
               "The gap is the longest time without any agent being contained "
               "everywhere; by nodes counts each node that cut one off. Bytes "
               "without consensus are all that the judging "
               "node's sessions sent, with consensus what etcd's members and "
               "clients say they sent; messages of clients only.");
  page.table(trouble_table(x));
  return page.done();
}

} // namespace

std::string to_text(const consensus_outcome& x) {
  return fmt::format("{}\n\n{}\n{}", conditions(x), text_of(delay_table(x)),
                     text_of(trouble_table(x)));
}

json to_json(const consensus_outcome& x) {
  auto figures = json::array();
  for (const auto& f : x.figures)
    figures.push_back({{"phase", f.phase},
                       {"mode", f.mode},
                       {"alarms", f.alarms},
                       {"contained", f.contained},
                       {"missed", f.missed},
                       {"each_node", delay_json(f.each_node)},
                       {"last_node", delay_json(f.last_node)},
                       {"from_row", delay_json(f.from_row)},
                       {"commit", delay_json(f.commit)},
                       {"gap_ms", f.gap_ms},
                       {"alarms_broken", f.alarms_broken},
                       {"contained_broken", f.contained_broken},
                       {"cuts_broken", f.cuts_broken},
                       {"refused", f.refused},
                       {"work_sent", f.work_sent},
                       {"messages", f.messages},
                       {"bytes", f.bytes}});
  return {{"conditions", conditions(x)}, {"processors", x.processors},
          {"nodes", x.plan.guards + 1},  {"etcd", x.plan.etcd.string()},
          {"fsync_ms", x.fsync_ms},      {"figures", std::move(figures)}};
}

result<void> write_report(const std::filesystem::path& folder,
                          const std::string& name, const consensus_outcome& x) {
  return write_files(folder, {{name + ".csv", to_csv(x)},
                              {name + ".json", to_json(x).dump(2) + "\n"},
                              {name + ".html", to_html(x)}});
}

} // namespace starling::deploy
