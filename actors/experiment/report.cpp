#include "actors/experiment/report.hpp"

#include "actors/experiment/markup.hpp"
#include "actors/experiment/plot_style.hpp"
#include "actors/experiment/report_style.hpp"
#include "actors/experiment/report_tables.hpp"
#include "actors/experiment/scores_table.hpp"
#include "actors/experiment/summary_json.hpp"
#include "actors/experiment/svg_plot.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <system_error>
#include <utility>

namespace starling::experiment {

namespace {

constexpr mode_t report_mode = 0644;

/// Returns an argument as a shell takes it.
std::string shell_text(std::string_view text) {
  constexpr auto plain = std::string_view{
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+"};
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos)
    return std::string{text};
  auto out = std::string{"'"};
  for (auto c : text)
    out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

/// Writes the page from top to bottom; a member function a section.
class page {
public:
  page(const experiment_result& input, const experiment_summary& summary,
       const report_options& opts)
    : input_{input},
      summary_{summary},
      opts_{opts} {
    // nop
  }

  std::string make() {
    head();
    cards();
    comparison();
    levels();
    entities();
    tables();
    reproduction();
    glossary();
    add("<footer>Made by Starling. This page stands for itself: it loads "
        "nothing and runs nothing.</footer>\n</main></body></html>\n");
    return std::move(out_);
  }

private:
  template <class... Ts>
  void add(fmt::format_string<Ts...> text, Ts&&... values) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Ts>(values)...);
  }

  [[nodiscard]] const figures& own() const {
    return summary_.methods.front().raw.overall();
  }

  void head() {
    const auto name = escaped(input_.name);
    add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'\">"
        "<meta name=\"viewport\" content=\"width=device-width,"
        "initial-scale=1\">\n<title>{} \u2013 experiment report</title>\n"
        "<style>{}{}</style></head>\n<body><main>\n",
        name, plot_style(), report_style());
    add("<p class=\"eyebrow\">Starling experiment</p><h1>{}</h1>\n"
        "<p class=\"meta\"><span>detector {}</span><span>{} {}</span>"
        "<span>{} rows</span><span>{} {}</span><span>seed {}</span>"
        "<span>{}</span><span>{:.1f} s</span></p>\n",
        name, escaped(input_.detector), count_text(summary_.entities.size()),
        summary_.entities.size() == 1 ? "entity" : "entities",
        count_text(summary_.rows), count_text(summary_.nodes.size()),
        summary_.nodes.size() == 1 ? "node" : "nodes", summary_.seed,
        escaped(summary_.started), summary_.duration_seconds);
    add("<nav aria-label=\"Sections\"><a href=\"#compare\">Comparison</a>"
        "<a href=\"#levels\">False alarms and delay</a>"
        "<a href=\"#entities\">Entities</a><a href=\"#incidents\">Incidents</a>"
        "<a href=\"#zones\">Zone changes</a><a href=\"#events\">Events</a>"
        "<a href=\"#nodes\">Nodes</a><a href=\"#again\">Reproduce</a></nav>\n");
  }

  void card(std::string_view style, std::string_view name,
            std::string_view value, std::string_view note) {
    add("<div class=\"card{}\"><i>{}</i><b>{}</b><small>{}</small></div>\n",
        style, name, value, note);
  }

  /// Says how the detector's AUC-PR stands to the best baseline's, both raw.
  [[nodiscard]] std::string against_baselines() const {
    const auto& methods = summary_.methods;
    if (methods.size() < 2)
      return "no baseline was run";
    const auto best = std::max_element(
      methods.begin() + 1, methods.end(), [](const auto& a, const auto& b) {
        return a.raw.overall().auc_pr < b.raw.overall().auc_pr;
      });
    const auto value = best->raw.overall().auc_pr;
    if (!(value > 0.0) || !std::isfinite(own().auc_pr))
      return "undefined without incidents";
    return fmt::format("{:.1f}\u00d7 {} ({:.3f})", own().auc_pr / value,
                       escaped(best->name), value);
  }

  void cards() {
    const auto& zone = summary_.zones.at(std::string{family_all});
    add("<div class=\"cards\">\n");
    card(" lead", "AUC-PR", figure_text(own().auc_pr), against_baselines());
    card("", "VUS-PR", figure_text(own().vus_pr),
         "forgives 10 rows early, late");
    card("", "AUC-ROC", figure_text(own().auc_roc), "0.5 is chance");
    card("", "best F1", figure_text(own().best_f1), "no point adjustment");
    card("", "False alarms", percent_text(zone.normal_quarantined),
         fmt::format("normal rows above {}; as promised on {} of {} entities",
                     summary_.quarantined_above, summary_.promises_kept(),
                     summary_.entities.size()));
    card("", "Incidents hit", percent_text(zone.incidents_hit),
         fmt::format("of {}, by levels above {}", zone.incidents,
                     summary_.quarantined_above));
    card("", "Median delay",
         zone.delay_median ? rows_text(zone.delay_median) + "\u202frows"
                           : std::string{no_figure},
         "among incidents hit");
    card("", "Cost",
         fmt::format("{:.1f}\u202f\u00b5s", summary_.cost.micros_per_vector),
         fmt::format("a vector; {} between nodes",
                     bytes_text(summary_.cost.bytes)));
    add("</div>\n");
  }

  void section(std::string_view id, std::string_view title,
               std::string_view note) {
    add("<section id=\"{0}\"><h2>{1}</h2><p class=\"note\">{2}</p>\n", id,
        title, note);
  }

  void comparison() {
    section(
      "compare", "Detector and baselines",
      "Means over all entities; pooled is AUC-PR with one threshold for "
      "all, \u00b5s what a vector costs. Smoothing means a causal "
      "exponential average of half-life 12 rows. It lifts figures where "
      "incidents are long and costs delay, so each score is shown with "
      "and without, beside what it finds where 1 % of an entity's normal "
      "rows may be flagged: recall of rows, share of incidents hit, and "
      "the median delay of those in rows. The best of each half is bold.");
    out_ += comparison_table(summary_);
    out_ += family_tables(summary_);
    out_ += "</section>\n";
  }

  void levels() {
    section("levels", "False alarms and delay",
            fmt::format(
              "Levels are calibrated scores. Above {} an entity is monitored, "
              "above {} it is quarantined. {} of {} quarantines began inside "
              "an incident; {} {} brought trust back.",
              summary_.monitored_above, summary_.quarantined_above,
              summary_.counts.quarantines_in_incidents,
              summary_.counts.quarantines, summary_.counts.recoveries,
              summary_.counts.recoveries == 1 ? "recovery" : "recoveries"));
    out_ += level_table(summary_);
    out_ += "</section>\n";
  }

  void entities() {
    const auto plots = std::min(opts_.plots_max, input_.entities.size());
    section("entities", "Entities",
            "Violet: labelled incidents; the mark on top is full where a "
            "level exceeded the quarantine threshold, hollow where none did. "
            "The scale of raw scores is logarithmic where they span decades.");
    out_ += entity_table(summary_, plots);
    for (auto i = size_t{0}; i < plots; ++i)
      entity(i);
    if (plots < input_.entities.size())
      add("<p class=\"note\">{} more entities are not drawn; their scores "
          "stand in scores.csv.</p>\n",
          count_text(input_.entities.size() - plots));
    out_ += "</section>\n";
  }

  void entity(size_t index) {
    const auto& x = input_.entities[index];
    const auto& sum = summary_.entities[index];
    const auto& ranks = summary_.methods.front().raw.entities[index];
    add("<figure id=\"e{}\">", index);
    out_ += draw_plot({.title = x.name,
                       .scores = x.scores,
                       .levels = x.levels,
                       .labels = x.labels,
                       .zone_changes = x.zone_changes,
                       .monitored_above = input_.monitored_above,
                       .quarantined_above = input_.quarantined_above},
                      {.id = fmt::format("p{}", index)});
    add("<figcaption><span>{}</span><span>AUC-PR {}</span><span>false alarms "
        "{}</span><span>median delay in rows {}</span><span>{} {}</span>"
        "<span>{:.1f} \u00b5s a vector</span></figcaption></figure>\n",
        escaped(x.node), figure_text(ranks.auc_pr),
        percent_text(sum.levels.normal_quarantined),
        rows_text(sum.levels.delay_median), sum.counts.changes,
        sum.counts.changes == 1 ? "zone change" : "zone changes",
        x.cost.micros_per_vector);
  }

  void tables() {
    section("incidents", "Incidents",
            "Rows from the first anomalous one to the first level above each "
            "threshold.");
    out_ += incident_table(summary_, opts_.lines_max) + "</section>\n";
    section("zones", "Zone changes", "Each with the level that caused it.");
    out_ += zone_change_table(input_, opts_.lines_max) + "</section>\n";
    section("events", "Events",
            "t counts rows where an entity is named, else milliseconds.");
    out_ += event_table(input_, opts_.lines_max) + "</section>\n";
    section("nodes", "Nodes",
            "Who ran agents and who watched them. Joined: times that a node "
            "came, or came back, while the experiment ran. Of its place in the "
            "summary tree: epochs that went through it, those of them that "
            "lack someone's part, and the agents in the newest summary of all "
            "that reached it.");
    out_ += node_table(summary_) + "</section>\n";
  }

  void reproduction() {
    const auto file = input_.file.empty() ? "FILE.toml" : input_.file;
    const auto data = input_.data.empty() ? "DATA" : input_.data;
    section("again", "Reproduce",
            fmt::format("Seed {} gives the same scores. The second command "
                        "computes the figures independently, from scores.csv "
                        "alone.",
                        summary_.seed));
    add("<pre><code>{}</code></pre></section>\n",
        escaped(fmt::format("starling experiment run {} --data {} --out OUT\n"
                            "python3 evaluate.py {} --scores OUT/scores.csv\n",
                            shell_text(file), shell_text(data),
                            shell_text(data))));
  }

  void glossary() {
    section("terms", "What the figures mean",
            "Rows of equal score are flagged "
            "together, and no incident counts "
            "whole because one row of it was "
            "flagged.");
    constexpr std::pair<std::string_view, std::string_view> terms[]
      = {{"AUC-PR", "average precision: area under precision over recall; a "
                    "constant score gets the share of anomalous rows"},
         {"pooled", "the same with one threshold for all entities"},
         {"VUS-PR", "the same averaged over tolerances of 0 to 10 rows around "
                    "incidents (Paparrizos et al., VLDB 2022)"},
         {"AUC-ROC", "chance that an anomalous row scores above a normal one"},
         {"best F1", "greatest harmonic mean of precision and recall over all "
                     "thresholds, chosen with hindsight"},
         {"recall at 1 %", "share of anomalous rows found by the threshold "
                           "that flags 1 % of the normal ones"},
         {"false alarms",
          "share of normal rows whose level exceeds the quarantine "
          "threshold"},
         {"as promised",
          "calibration promises how rarely ordinary rows exceed each "
          "threshold; that both promises lie within or above the 95 % interval "
          "of what was there, in which alarms close to each other count as one "
          "event"}};
    add("<dl>");
    for (const auto& [term, meaning] : terms)
      add("<dt>{}</dt><dd>{}</dd>\n", term, meaning);
    add("</dl></section>\n");
  }

  const experiment_result& input_;
  const experiment_summary& summary_;
  const report_options& opts_;
  std::string out_;
};

} // namespace

std::string make_report(const experiment_result& input,
                        const experiment_summary& summary,
                        const report_options& opts) {
  return page{input, summary, opts}.make();
}

result<experiment_summary> write_report(const std::filesystem::path& folder,
                                        const experiment_result& input,
                                        const report_options& opts) {
  auto summary = summarise(input);
  if (!summary)
    return summary.error();
  auto code = std::error_code{};
  std::filesystem::create_directories(folder, code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be made: {}; choose another folder",
                               folder.string(), code.message())};
  if (auto done = write_scores(folder / "scores.csv", input.entities); !done)
    return done.error();
  if (auto done = write_events(folder / "events.csv", input.events); !done)
    return done.error();
  if (auto done
      = write_file_atomically(folder / "summary.json",
                              std::string_view{to_json(*summary)}, report_mode);
      !done)
    return done.error();
  if (auto done = write_file_atomically(
        folder / "report.html",
        std::string_view{make_report(input, *summary, opts)}, report_mode);
      !done)
    return done.error();
  return summary;
}

} // namespace starling::experiment
