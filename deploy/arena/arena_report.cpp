#include "deploy/arena/arena_report.hpp"

#include "actors/experiment/csv.hpp"
#include "actors/experiment/html_table.hpp"
#include "actors/experiment/markup.hpp"
#include "actors/experiment/plot_style.hpp"
#include "actors/experiment/report_style.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <system_error>

namespace starling::arena {

namespace {

using control::json;
using experiment::escaped;
using experiment::html_table;
using experiment::percent_text;

constexpr mode_t report_mode = 0644;

struct named_estimate {
  const char* name;
  estimate arena_cell::* what;
};

constexpr auto estimates = std::array{
  named_estimate{"honest_framed", &arena_cell::honest_framed},
  named_estimate{"honest_time", &arena_cell::honest_time},
  named_estimate{"honest_time_by_chance", &arena_cell::honest_chance_time},
  named_estimate{"honest_cut_off", &arena_cell::honest_cut},
  named_estimate{"honest_cut_off_by_chance", &arena_cell::honest_chance},
  named_estimate{"liars_cut_off", &arena_cell::liars_cut},
  named_estimate{"liars_cut_off_by_chance", &arena_cell::liars_chance},
  named_estimate{"liars_time", &arena_cell::liars_time},
  named_estimate{"liars_time_by_chance", &arena_cell::liars_chance_time},
  named_estimate{"liars_credibility", &arena_cell::liars_credibility},
  named_estimate{"honest_credibility", &arena_cell::honest_credibility},
  named_estimate{"liar_nodes_cut_off", &arena_cell::liar_nodes_cut},
  named_estimate{"honest_nodes_cut_off", &arena_cell::honest_nodes_cut},
  named_estimate{"delay_rows", &arena_cell::delay_rows},
  named_estimate{"error_sigma", &arena_cell::error_mean},
  named_estimate{"standing_error_sigma", &arena_cell::standing_error_mean},
};

std::string share_text(const estimate& x) {
  return fmt::format("{:.1f} \u00b1 {:.1f}", 100.0 * x.mean, 100.0 * x.margin);
}

std::string figure_text(const estimate& x, int digits) {
  if (x.runs == 0)
    return std::string{experiment::no_figure};
  return fmt::format("{:.{}f} \u00b1 {:.{}f}", x.mean, digits, x.margin,
                     digits);
}

std::string verdict(bool held) {
  return held ? "<span class=\"zone z0\">holds</span>"
              : "<span class=\"zone z2\">fails</span>";
}

/// Begins a line; the attack is named once.
html_table& begin_cell(html_table& out, const arena_cell& x,
                       std::string& last) {
  out.row(x.attack == last || last.empty() ? "" : "part");
  out.text(x.attack == last ? "" : x.attack);
  last = x.attack;
  return out.text(percent_text(x.liars));
}

std::string cut_off_table(const arena_result& input) {
  auto out = html_table{{{"attack", "text"},
                         {"liars", ""},
                         {"honest cut off by it, %", ""},
                         {"liars cut off, %", ""},
                         {"by chance", ""},
                         {"% of their time", ""},
                         {"by chance", ""},
                         {"delay, rows", ""},
                         {"", "text"}}};
  auto last = std::string{};
  for (const auto& x : input.cells)
    begin_cell(out, x, last)
      .text(share_text(x.honest_framed))
      .text(share_text(x.liars_cut))
      .text(share_text(x.liars_chance))
      .text(share_text(x.liars_time))
      .text(share_text(x.liars_chance_time))
      .text(is_seen(x) ? figure_text(x.delay_rows, 0)
                       : std::string{experiment::no_figure})
      .markup(verdict(holds(x)) + (is_seen(x) ? "" : ", unseen"));
  return out.done();
}

std::string belief_table(const arena_result& input) {
  auto out = html_table{{{"attack", "text"},
                         {"liars", ""},
                         {"believed: liars", ""},
                         {"honest", ""},
                         {"nodes cut off, %: lying", ""},
                         {"honest", ""},
                         {"summary off, \u03c3", ""},
                         {"worst", ""},
                         {"standing off", ""},
                         {"worst", ""}}};
  auto last = std::string{};
  for (const auto& x : input.cells)
    begin_cell(out, x, last)
      .text(figure_text(x.liars_credibility, 2))
      .text(figure_text(x.honest_credibility, 2))
      .text(fmt::format("{:.1f}", 100.0 * x.liar_nodes_cut.mean))
      .text(fmt::format("{:.1f}", 100.0 * x.honest_nodes_cut.mean))
      .text(figure_text(x.error_mean, 2))
      .text(fmt::format("{:.2f}", x.error_worst))
      .text(figure_text(x.standing_error_mean, 2))
      .text(fmt::format("{:.2f}", x.standing_error_worst));
  return out.done();
}

std::string tree_table(const arena_result& input) {
  auto out = html_table{{{"nodes", ""},
                         {"liars", ""},
                         {"tree", "text"},
                         {"placed", "text"},
                         {"median off, \u03c3", ""},
                         {"worst", ""},
                         {"beyond 1.1 \u03c3", ""},
                         {"messages a node", ""},
                         {"bytes a node", ""},
                         {"", "text"}}};
  for (const auto& x : input.trees) {
    out.row(x.scheme == "committees" ? "own" : "");
    out.text(fmt::format("{}", x.nodes)).text(percent_text(x.liars));
    out.text(x.scheme).text(name_of(x.how));
    out.text(fmt::format("{:.2f}", x.error_middle));
    out.text(fmt::format("{:.2f}", x.error_worst)).text(percent_text(x.beyond));
    out.text(fmt::format("{:.0f}", x.messages));
    out.text(fmt::format("{:.0f}", x.bytes)).markup(verdict(holds(x)));
  }
  return out.done();
}

std::string ways_table(const arena_result& input) {
  auto out = html_table{{{"nodes", ""},
                         {"liars", ""},
                         {"tree", "text"},
                         {"placed", "text"},
                         {"common way off by", ""},
                         {"worst", ""},
                         {"believed to go the liars' way", ""},
                         {"worst", ""}}};
  for (const auto& x : input.trees) {
    out.row(x.scheme == "committees" ? "own" : "");
    out.text(fmt::format("{}", x.nodes)).text(percent_text(x.liars));
    out.text(x.scheme).text(name_of(x.how));
    out.text(percent_text(x.common_error_middle));
    out.text(percent_text(x.common_error_worst));
    out.text(percent_text(x.false_share_middle));
    out.text(percent_text(x.false_share_worst));
  }
  return out.done();
}

std::string catalogue() {
  auto out = std::string{"<dl>"};
  for (const auto& attack : adversary::attacks())
    out += fmt::format("<dt>{}</dt><dd>{}</dd>\n", escaped(attack.name),
                       escaped(attack.meaning));
  return out + "</dl>";
}

std::string headline(const arena_result& input) {
  const auto& opts = input.options;
  return fmt::format(
    "<p class=\"eyebrow\">Starling arena</p><h1>{}</h1>\n<p class=\"meta\">"
    "<span>{} agents</span><span>{} nodes</span><span>{} witnesses an agent"
    "</span><span>{} rows under attack</span><span>{} runs</span><span>"
    "detector {}</span><span>seeds from {}</span></p>\n",
    escaped(opts.name), opts.agents, opts.nodes, opts.witnesses, opts.rows,
    opts.runs, escaped(opts.detector), opts.seed);
}

} // namespace

bool holds(const arena_cell& cell) {
  return cell.honest_framed.mean <= 0.01 && cell.error_mean.runs > 0
         && cell.error_mean.mean <= error_max;
}

bool holds(const tree_cell& cell) {
  return cell.beyond <= 0.01;
}

bool is_seen(const arena_cell& cell) {
  return cell.liars_cut.mean - cell.liars_cut.margin > cell.liars_chance.mean;
}

json to_json(const arena_result& input) {
  auto cells = json::array();
  for (const auto& x : input.cells) {
    auto cell = json{{"attack", x.attack}, {"liars", x.liars}};
    for (const auto& [name, what] : estimates)
      cell[name] = json{{"mean", (x.*what).mean},
                        {"margin", (x.*what).margin},
                        {"runs", (x.*what).runs}};
    cell["error_worst_sigma"] = x.error_worst;
    cell["standing_error_worst_sigma"] = x.standing_error_worst;
    cell["holds"] = holds(x);
    cell["seen"] = is_seen(x);
    cells.push_back(std::move(cell));
  }
  auto trees = json::array();
  for (const auto& x : input.trees)
    trees.push_back({{"scheme", x.scheme},
                     {"nodes", x.nodes},
                     {"liars", x.liars},
                     {"placed", std::string{name_of(x.how)}},
                     {"error_middle_sigma", x.error_middle},
                     {"error_worst_sigma", x.error_worst},
                     {"beyond", x.beyond},
                     {"common_error_middle", x.common_error_middle},
                     {"common_error_worst", x.common_error_worst},
                     {"false_share_middle", x.false_share_middle},
                     {"false_share_worst", x.false_share_worst},
                     {"messages", x.messages},
                     {"bytes", x.bytes},
                     {"holds", holds(x)}});
  const auto seconds
    = std::chrono::duration<double>{input.options.row_interval}.count();
  return {{"name", input.options.name},
          {"row_seconds", seconds},
          {"runs", input.options.runs},
          {"cells", std::move(cells)},
          {"trees", std::move(trees)}};
}

std::string cells_csv(const arena_result& input) {
  auto out = std::string{"attack,liars"};
  for (const auto& [name, what] : estimates)
    out += fmt::format(",{0},{0}_margin", name);
  out += ",error_worst_sigma,standing_error_worst_sigma\n";
  for (const auto& x : input.cells) {
    experiment::append_csv_field(out, x.attack);
    out += ',';
    experiment::append_number(out, x.liars);
    for (const auto& [name, what] : estimates)
      // A figure that no run has is an empty cell.
      if (const auto& y = x.*what; y.runs > 0) {
        out += ',';
        experiment::append_number(out, y.mean);
        out += ',';
        experiment::append_number(out, y.margin);
      } else {
        out += ",,";
      }
    out += ',';
    experiment::append_number(out, x.error_worst);
    out += ',';
    experiment::append_number(out, x.standing_error_worst);
    out += '\n';
  }
  return out;
}

std::string trees_csv(const arena_result& input) {
  auto out = std::string{"scheme,nodes,liars,placed,error_middle_sigma,"
                         "error_worst_sigma,beyond,common_error_middle,"
                         "common_error_worst,false_share_middle,"
                         "false_share_worst,messages,bytes\n"};
  for (const auto& x : input.trees) {
    experiment::append_csv_field(out, x.scheme);
    out += fmt::format(",{},", x.nodes);
    experiment::append_number(out, x.liars);
    out += fmt::format(",{}", name_of(x.how));
    for (auto figure :
         {x.error_middle, x.error_worst, x.beyond, x.common_error_middle,
          x.common_error_worst, x.false_share_middle, x.false_share_worst,
          x.messages, x.bytes}) {
      out += ',';
      experiment::append_number(out, figure);
    }
    out += '\n';
  }
  return out;
}

std::string arena_page(const arena_result& input) {
  auto out = fmt::format(
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\"><meta name=\"viewport\" "
    "content=\"width=device-width,initial-scale=1\">\n<title>{} \u2013 arena "
    "report</title>\n<style>{}{}</style></head>\n<body><main>\n",
    escaped(input.options.name), experiment::plot_style(),
    experiment::report_style());
  out += headline(input);
  out
    += "<section><h2>Attacks</h2><p class=\"note\">Means over all runs with "
       "95 % confidence. \u201cBy chance\u201d: the same agents in the same "
       "rows, were they honest. A cell fails when the attack cuts off more "
       "than one honest agent in a hundred, or summaries are off by more "
       "than 1.1 standard deviations on average; an attack is unseen when its "
       "agents are not cut off more often than by chance.</p>\n";
  out += cut_off_table(input);
  out += "</section>\n<section><h2>Beliefs</h2><p class=\"note\">Of the same "
         "attacks: how far what a witness says is believed in the end, which "
         "nodes are cut off for what their agents did, and how far off the "
         "summary of their kind is that honest nodes believe, in standard "
         "deviations. Standing: how many deviations above the median of its "
         "kind an honest agent is, by that summary. What it scores by itself "
         "nobody else moves.</p>\n";
  out += belief_table(input);
  out
    += "</section>\n<section><h2>Trees</h2><p class=\"note\">Colluders report "
       "100 standard deviations, also for all below them. Placed by lot; "
       "after the places are known, but fewer than a third of a committee; "
       "from the root down. A line fails when more than 1 % of nodes and "
       "epochs are off by more than 1.1.</p>\n";
  out += tree_table(input);
  out
    += "</section>\n<section><h2>Ways</h2><p class=\"note\">In the same epochs "
       "half of the honest agents leave what is usual for them one way, and "
       "colluders say that all go another one, in which nobody goes. Shares "
       "are of all agents: by how much the believed share of the common way "
       "is off, and what is believed to go the colluders' way.</p>\n";
  out += ways_table(input);
  out += "</section>\n<section><h2>Catalogue</h2>" + catalogue()
         + "</section>\n<footer>Made by Starling. This page stands for itself: "
           "it loads nothing and runs nothing.</footer>\n</main></body>"
           "</html>\n";
  return out;
}

result<void> write_arena(const std::filesystem::path& folder,
                         const arena_result& input) {
  auto code = std::error_code{};
  std::filesystem::create_directories(folder, code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be made: {}; choose another folder",
                               folder.string(), code.message())};
  const auto write = [&](const char* name, const std::string& text) {
    return write_file_atomically(folder / name, std::string_view{text},
                                 report_mode);
  };
  if (auto done = write("cells.csv", cells_csv(input)); !done)
    return done;
  if (auto done = write("trees.csv", trees_csv(input)); !done)
    return done;
  if (auto done = write("arena.json", to_json(input).dump(2) + "\n"); !done)
    return done;
  return write("report.html", arena_page(input));
}

} // namespace starling::arena
