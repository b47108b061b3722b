#include "actors/experiment/report_tables.hpp"

#include "actors/experiment/html_table.hpp"
#include "actors/experiment/markup.hpp"
#include "actors/experiment/zone_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <ranges>

namespace starling::experiment {

namespace {

using board_of = scoreboard method_summary::*;

/// The figures that a comparison shows, in its order.
std::array<double, 6> shown_figures(const scoreboard& board,
                                    const std::string& family) {
  const auto& x = board.families.at(family);
  return {x.auc_pr,  x.vus_pr,   x.auc_roc,
          x.best_f1, x.recall_1, board.pooled_auc_pr};
}

/// The greatest of each figure among all methods; undefined ones don't count.
std::array<double, 6> best_figures(const experiment_summary& summary,
                                   board_of board, const std::string& family) {
  auto best = std::array<double, 6>{};
  best.fill(-1.0);
  for (const auto& method : summary.methods) {
    const auto x = shown_figures(method.*board, family);
    for (auto i = size_t{0}; i < best.size(); ++i)
      if (x[i] > best[i])
        best[i] = x[i];
  }
  return best;
}

/// A figure in [0, 1] with a bar as long.
std::string bar(double figure) {
  const auto width = std::isfinite(figure) ? std::clamp(figure, 0.0, 1.0) : 0.0;
  return fmt::format("<span class=\"bar\"><span style=\"width:{:.0f}%\"></span>"
                     "</span><span class=\"number\">{}</span>",
                     100.0 * width, figure_text(figure));
}

std::string zone_mark(std::string_view zone) {
  return fmt::format("<span class=\"zone z{}\">{}</span>",
                     zone_rank(zone).value_or(0), escaped(zone));
}

std::string link_to(size_t entity, std::string_view name, size_t plots) {
  return entity < plots
           ? fmt::format("<a href=\"#e{}\">{}</a>", entity, escaped(name))
           : escaped(name);
}

/// Adds the lines of one kind of score. `pooled` asks for the columns that only
/// the table over all families has.
void add_methods(html_table& out, const experiment_summary& summary,
                 board_of board, const std::string& family, bool all) {
  const auto best = best_figures(summary, board, family);
  for (auto i = size_t{0}; i < summary.methods.size(); ++i) {
    const auto& method = summary.methods[i];
    const auto x = shown_figures(method.*board, family);
    const auto smooth = board == &method_summary::smooth;
    // A stronger line parts the halves.
    out.row(i > 0 ? "" : smooth ? "own part" : "own");
    out.markup(escaped(method.name)
               + (smooth ? " <span class=\"soft\">smoothed</span>" : ""));
    for (auto k = size_t{0}; k + (all ? 0 : 1) < x.size(); ++k)
      out.markup(k == 0 && all ? bar(x[k]) : figure_text(x[k]),
                 figure_text(x[k]) == figure_text(best[k]) ? "best" : "");
    const auto& delay = (method.*board).delays.at(family);
    out.text(percent_text(delay.incidents_hit)).text(rows_text(delay.median));
    if (all)
      out.text(method.micros_per_vector && !smooth
                 ? fmt::format("{:.1f}", *method.micros_per_vector)
                 : "");
  }
}

std::string of_rows(const std::optional<size_t>& rows) {
  return rows ? count_text(*rows) : std::string{no_figure};
}

void add_rest(html_table& out, size_t all, size_t lines_max,
              std::string_view file) {
  if (all > lines_max)
    out.note(fmt::format("{} more in {}", count_text(all - lines_max), file));
}

} // namespace

std::string comparison_table(const experiment_summary& summary) {
  auto out = html_table{{{"score", "text"},
                         {"AUC-PR", ""},
                         {"VUS-PR", ""},
                         {"AUC-ROC", ""},
                         {"best F1", ""},
                         {"recall 1 %", ""},
                         {"pooled", ""},
                         {"hit 1 %", ""},
                         {"delay", ""},
                         {"\u00b5s", ""}}};
  for (auto board : {&method_summary::raw, &method_summary::smooth})
    add_methods(out, summary, board, std::string{family_all}, true);
  return out.done();
}

std::string family_tables(const experiment_summary& summary) {
  auto out = std::string{"<div class=\"families\">"};
  for (const auto& [family, zone] : summary.zones) {
    if (family == family_all)
      continue;
    const auto count
      = std::ranges::count_if(summary.entities, [&](const auto& x) {
          return family_of(x.name) == family;
        });
    auto table = html_table{
      {{"score", "text"},
       {"AUC-PR", ""},
       {"VUS-PR", ""},
       {"AUC-ROC", ""},
       {"best F1", ""},
       {"recall 1 %", ""},
       {"hit 1 %", ""},
       {"delay", ""}},
      fmt::format("{}: {} {}, {} {}", family, count,
                  count == 1 ? "entity" : "entities", zone.incidents,
                  zone.incidents == 1 ? "incident" : "incidents")};
    for (auto board : {&method_summary::raw, &method_summary::smooth})
      add_methods(table, summary, board, family, false);
    out += table.done();
  }
  return out + "</div>\n";
}

std::string level_table(const experiment_summary& summary) {
  const auto monitored
    = fmt::format("normal rows > {}", summary.monitored_above);
  const auto quarantined
    = fmt::format("normal rows > {}", summary.quarantined_above);
  const auto hit = fmt::format("hit > {}", summary.quarantined_above);
  auto out = html_table{{{"family", "text"},
                         {monitored, ""},
                         {quarantined, ""},
                         {"incidents", ""},
                         {hit, ""},
                         {"median delay, rows", ""}}};
  const auto add = [&out](std::string_view name, const zone_figures& x) {
    out.text(name)
      .text(percent_text(x.normal_monitored))
      .text(percent_text(x.normal_quarantined))
      .text(count_text(x.incidents))
      .text(percent_text(x.incidents_hit))
      .text(rows_text(x.delay_median));
  };
  out.row("own");
  add("all", summary.zones.at(std::string{family_all}));
  for (const auto& [family, x] : summary.zones)
    if (family != family_all) {
      out.row();
      add(family, x);
    }
  return out.done();
}

std::string entity_table(const experiment_summary& summary, size_t plots) {
  auto out = html_table{{{"entity", "text"},
                         {"node", "text"},
                         {"rows", ""},
                         {"AUC-PR", ""},
                         {"VUS-PR", ""},
                         {"AUC-ROC", ""},
                         {"false alarms", ""},
                         {"as promised", ""},
                         {"incidents hit", ""},
                         {"quarantines", ""},
                         {"recoveries", ""}}};
  for (auto i = size_t{0}; i < summary.entities.size(); ++i) {
    const auto& x = summary.entities[i];
    const auto& ranks = summary.methods.front().raw.entities[i];
    const auto hits
      = x.levels.incidents == 0
          ? 0.0
          : x.levels.incidents_hit * static_cast<double>(x.levels.incidents);
    out.row()
      .markup(link_to(i, x.name, plots))
      .text(x.node)
      .text(count_text(x.rows))
      .markup(bar(ranks.auc_pr))
      .text(figure_text(ranks.vus_pr))
      .text(figure_text(ranks.auc_roc))
      .text(percent_text(x.levels.normal_quarantined))
      .text(x.monitored.kept() && x.quarantined.kept() ? "yes" : "no")
      .text(fmt::format("{:.0f} of {}", hits, x.levels.incidents))
      .text(count_text(x.counts.quarantines))
      .text(count_text(x.counts.recoveries));
  }
  return out.done();
}

std::string incident_table(const experiment_summary& summary,
                           size_t lines_max) {
  const auto monitored
    = fmt::format("rows until > {}", summary.monitored_above);
  const auto quarantined
    = fmt::format("rows until > {}", summary.quarantined_above);
  auto out = html_table{{{"entity", "text"},
                         {"incident, rows", ""},
                         {"length", ""},
                         {monitored, ""},
                         {quarantined, ""},
                         {"", "text"}},
                        {},
                        "tall"};
  for (const auto& x :
       summary.incidents | std::views::take(static_cast<ptrdiff_t>(lines_max)))
    out.row()
      .text(x.entity)
      .text(fmt::format("{}\u2013{}", count_text(x.rows.begin),
                        count_text(x.rows.end - 1)))
      .text(count_text(x.rows.end - x.rows.begin))
      .text(of_rows(x.monitored_after))
      .text(of_rows(x.quarantined_after))
      .markup(x.quarantined_after ? "hit"
              : x.monitored_after ? "<span class=\"soft\">noticed</span>"
                                  : "<span class=\"soft\">missed</span>");
  if (summary.incidents.empty())
    out.note("The data holds no incident.");
  add_rest(out, summary.incidents.size(), lines_max, "summary.json");
  return out.done();
}

std::string zone_change_table(const experiment_result& input,
                              size_t lines_max) {
  auto out = html_table{{{"entity", "text"},
                         {"row", ""},
                         {"from", "text"},
                         {"to", "text"},
                         {"level", ""},
                         {"", "text"},
                         {"reason", "wide"}},
                        {},
                        "tall"};
  auto count = size_t{0};
  for (const auto& entity : input.entities)
    for (const auto& x : entity.zone_changes) {
      if (count++ >= lines_max)
        continue;
      const auto real = x.t < entity.labels.size() && entity.labels[x.t] != 0;
      out.row()
        .text(entity.name)
        .text(count_text(x.t))
        .markup(zone_mark(x.from))
        .markup(zone_mark(x.to))
        .text(figure_text(x.level))
        .markup(real ? "in an incident" : "")
        .text(x.reason);
    }
  if (count == 0)
    out.note("No zone changed.");
  add_rest(out, count, lines_max, "events.csv");
  return out.done();
}

std::string event_table(const experiment_result& input, size_t lines_max) {
  auto out = html_table{{{"t", ""},
                         {"kind", "text"},
                         {"node", "text"},
                         {"entity", "text"},
                         {"from", "text"},
                         {"to", "text"},
                         {"detail", "wide"}},
                        {},
                        "tall"};
  for (const auto& x :
       input.events | std::views::take(static_cast<ptrdiff_t>(lines_max)))
    out.row()
      .text(fmt::format("{}", x.t))
      .text(x.kind)
      .text(x.node)
      .text(x.entity)
      .text(x.from)
      .text(x.to)
      .text(x.detail);
  if (input.events.empty())
    out.note("Nothing was recorded.");
  add_rest(out, input.events.size(), lines_max, "events.csv");
  return out.done();
}

std::string node_table(const experiment_summary& summary) {
  auto out = html_table{{{"node", "text"},
                         {"entities", ""},
                         {"vectors", ""},
                         {"\u00b5s a vector", ""},
                         {"bytes", ""},
                         {"watched", ""},
                         {"joined", ""},
                         {"epochs", ""},
                         {"incomplete", ""},
                         {"agents known of", ""}}};
  for (const auto& x : summary.nodes) {
    auto& row = out.row()
                  .text(x.name)
                  .text(count_text(x.entities))
                  .text(count_text(x.cost.rows))
                  .text(fmt::format("{:.1f}", x.cost.micros_per_vector))
                  .text(bytes_text(x.cost.bytes));
    if (x.end)
      row.text(count_text(x.end->watched)).text(count_text(x.end->joined));
    else
      row.text("").text("");
    if (x.end && x.end->tree)
      row.text(count_text(x.end->tree->epochs_closed))
        .text(count_text(x.end->tree->epochs_incomplete))
        .text(fmt::format("{:.0f}", x.end->tree->population_agents));
    else
      row.text("").text("").text("");
  }
  return out.done();
}

} // namespace starling::experiment
