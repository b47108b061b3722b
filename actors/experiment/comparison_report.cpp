#include "actors/experiment/comparison_report.hpp"

#include "actors/experiment/comparison_tables.hpp"
#include "actors/experiment/html_table.hpp"
#include "actors/experiment/interval_plot.hpp"
#include "actors/experiment/markup.hpp"
#include "actors/experiment/plot_style.hpp"
#include "actors/experiment/report_style.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace starling::experiment {

namespace {

size_t index_of(std::string_view name) {
  const auto at = std::ranges::find(measures(), name, &measure::name);
  return static_cast<size_t>(at - measures().begin());
}

/// What the page leads with. Injected anomalies are judged by what an operator
/// who bears few false alarms would see of them.
std::array<size_t, 2> leading_measures(const comparison& found) {
  const auto injected = std::ranges::any_of(
    found.axes, [](const auto& axis) { return axis.starts_with("inject."); });
  return injected ? std::array{index_of("recall_1"), index_of("auc_pr")}
                  : std::array{index_of("auc_pr"), index_of("vus_pr")};
}

/// Writes the page from top to bottom; a member function a section.
class page {
public:
  page(const run_table& table, const comparison& found,
       const comparison_report_options& opts)
    : table_{table},
      found_{found},
      opts_{opts},
      leading_{leading_measures(found)} {
    for (const auto& run : table.runs)
      repeats_ = std::max(repeats_, run.repeat + 1);
  }

  std::string make() {
    head();
    tables();
    plots();
    pairs();
    rest();
    costs();
    runs();
    data();
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

  static std::string counted(size_t count, std::string_view one,
                             std::string_view many) {
    return fmt::format("{} {}", count_text(count), count == 1 ? one : many);
  }

  void head() {
    const auto name = escaped(table_.name);
    add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'\">"
        "<meta name=\"viewport\" content=\"width=device-width,"
        "initial-scale=1\">\n<title>{} \u2013 comparison</title>\n"
        "<style>{}{}{}</style></head>\n<body><main>\n",
        name, plot_style(), report_style(), interval_style());
    add("<p class=\"eyebrow\">{}</p><h1>{}</h1>\n<p class=\"meta\">",
        escaped(opts_.kind), name);
    for (const auto& text :
         {counted(table_.runs.size(), "run", "runs"),
          counted(found_.settings.size(), "setting", "settings"),
          counted(found_.methods.size(), "method", "methods"),
          counted(repeats_, "repeat", "repeats"),
          counted(found_.cells.front().entities.size(), "entity", "entities")})
      add("<span>{}</span>", text);
    add("</p>\n<nav aria-label=\"Sections\"><a href=\"#settings\">Settings"
        "</a><a href=\"#plots\">Plots</a><a href=\"#pairs\">Entity by entity"
        "</a><a href=\"#rest\">All measures</a><a href=\"#cost\">Cost</a>"
        "<a href=\"#runs\">Runs</a><a href=\"#data\">Data</a></nav>\n");
  }

  void section(std::string_view id, std::string_view title,
               std::string_view note) {
    add("<section id=\"{0}\"><h2>{1}</h2><p class=\"note\">{2}</p>\n", id,
        title, note);
  }

  [[nodiscard]] std::string interval_note() const {
    return repeats_ > 1
             ? fmt::format("\u00b1 and whiskers: 95 % by Student's t over {} "
                           "repeats with seeds of their own. Where no seed "
                           "matters their width is 0.",
                           repeats_)
             : "\u00b1 and whiskers: 95 % by bootstrap over entities.";
  }

  void tables() {
    section("settings", "Side by side",
            "Means over entities, without any adjustment of labels or scores. "
            "The best of each line is bold. "
              + interval_note());
    for (auto measure : leading_)
      out_ += setting_table(found_, measure, opts_.lines_max);
    out_ += "</section>\n";
  }

  void plots() {
    section("plots", "Plots", interval_note());
    out_ += interval_legend(found_.methods);
    if (interval_plots(found_, leading_.front()).size() == 1) {
      // Single plots bear the name of their measure and stand side by side.
      out_ += "<div class=\"plots\">";
      for (auto measure : leading_)
        draw(interval_plots(found_, measure).front());
      out_ += "</div>\n";
    } else {
      for (auto measure : leading_)
        plots_of(measure);
    }
    out_ += "</section>\n";
  }

  void draw(const interval_plot_input& plot) {
    add("<figure>{}</figure>\n", draw_intervals(plot));
  }

  void plots_of(size_t measure) {
    const auto all = interval_plots(found_, measure);
    const auto shown = std::min(all.size(), opts_.plots_max);
    add("<h3>{}</h3>\n<div class=\"plots\">", measures()[measure].title);
    for (size_t i = 0; i < shown; ++i)
      draw(all[i]);
    out_ += "</div>\n";
    if (shown < all.size())
      add("<p class=\"note\">{} more are not drawn; their values stand in "
          "cells.csv.</p>\n",
          count_text(all.size() - shown));
  }

  void pairs() {
    section("pairs", "Entity by entity",
            fmt::format(
              "How often a method is better than {} on the same entity, and "
              "what the mean difference is; then {} in each setting against "
              "the first setting. Intervals by bootstrap over entities, p by "
              "Wilcoxon's signed ranks, both for single comparisons: of twenty "
              "lines without any difference one has p below 0.05.",
              escaped(found_.methods.front()),
              escaped(found_.methods.front())));
    for (auto measure : leading_)
      out_ += pair_table(found_, measure, opts_.lines_max);
    out_ += "</section>\n";
  }

  void rest() {
    section("rest", "All measures",
            "Smoothed: behind a causal exponential average of half-life 12 "
            "rows, for every method alike.");
    for (size_t m = 0; m < measures().size(); ++m)
      if (std::ranges::find(leading_, m) == leading_.end())
        add("<details><summary>{}</summary>{}</details>\n", measures()[m].title,
            setting_table(found_, m, opts_.lines_max));
    out_ += "</section>\n";
  }

  void costs() {
    section("cost", "Cost",
            "Time inside the scorer, on the machine that ran it. Runs that "
            "shared a machine slowed each other down.");
    out_ += cost_table(found_) + "</section>\n";
  }

  void runs() {
    section("runs", "Runs", "Each has a folder and a report of its own.");
    auto columns = std::vector<html_table::column>{{"run", "text"}};
    for (const auto& axis : table_.axes)
      columns.push_back({axis, "text"});
    columns.push_back({"seed", ""});
    const auto& lead = measures()[leading_.front()];
    const auto title = fmt::format("{} of its detector", lead.title);
    columns.push_back({title, ""});
    const auto shown = std::min(table_.runs.size(), opts_.lines_max);
    auto table = html_table{columns, {}, shown > 40 ? "tall" : ""};
    for (size_t i = 0; i < shown; ++i) {
      const auto& run = table_.runs[i];
      table.row();
      const auto link = i < opts_.links.size() ? opts_.links[i] : std::string{};
      table.markup(link.empty() ? escaped(run.id)
                                : fmt::format("<a href=\"{}\">{}</a>",
                                              escaped(link), escaped(run.id)));
      for (const auto& value : run.cell)
        table.text(value);
      table.text(fmt::to_string(run.seed));
      table.text(figure_text(mean_of(run.methods.front().values(lead)).mean));
    }
    if (shown < table_.runs.size())
      table.note(fmt::format("{} more in runs.csv",
                             count_text(table_.runs.size() - shown)));
    out_ += table.done() + "</section>\n";
  }

  void data() {
    section("data", "Data",
            "The same seeds give the same numbers, and the same bytes in all "
            "files but costs.csv.");
    auto text = std::string{};
    if (!opts_.command.empty())
      text += opts_.command + "\n\n";
    text += "# Python\nimport pandas\ncells = pandas.read_csv('cells.csv')\n"
            "# R\ncells <- read.csv('cells.csv')\n";
    add("<pre><code>{}</code></pre></section>\n", escaped(text));
  }

  void glossary() {
    section("terms", "What the figures mean",
            "Rows of equal score are flagged together, and no incident counts "
            "whole because one row of it was flagged.");
    constexpr std::pair<std::string_view, std::string_view> terms[]
      = {{"AUC-PR", "average precision: area under precision over recall; a "
                    "constant score gets the share of anomalous rows"},
         {"VUS-PR", "the same averaged over tolerances of 0 to 10 rows around "
                    "incidents (Paparrizos et al., VLDB 2022)"},
         {"AUC-ROC", "chance that an anomalous row scores above a normal one"},
         {"best F1", "greatest harmonic mean of precision and recall over all "
                     "thresholds, chosen with hindsight"},
         {"recall at 1 %", "share of anomalous rows found by the threshold "
                           "that flags 1 % of the normal rows of the entity; "
                           "chance finds 1 %"}};
    add("<dl>");
    for (const auto& [term, meaning] : terms)
      add("<dt>{}</dt><dd>{}</dd>\n", term, meaning);
    add("</dl></section>\n");
  }

  const run_table& table_;
  const comparison& found_;
  const comparison_report_options& opts_;
  std::array<size_t, 2> leading_;
  size_t repeats_ = 1;
  std::string out_;
};

} // namespace

std::string make_comparison_report(const run_table& table,
                                   const comparison& found,
                                   const comparison_report_options& opts) {
  return page{table, found, opts}.make();
}

} // namespace starling::experiment
