#include "actors/experiment/comparison_tables.hpp"

#include "actors/experiment/csv.hpp"
#include "actors/experiment/html_table.hpp"
#include "actors/experiment/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace starling::experiment {

namespace {

std::string interval_text(const cell_figure& x) {
  const auto& shown = x.shown();
  auto out = figure_text(x.repeats.mean);
  if (shown)
    out += fmt::format(" <span class=\"soft\">\u00b1{:.3f}</span>",
                       (shown->high - shown->low) / 2);
  return out;
}

std::string signed_text(double x) {
  return std::isfinite(x) ? fmt::format("{:+.3f}", x) : std::string{no_figure};
}

std::string p_text(double p) {
  return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
}

/// "share 0.1, seed 3": the last part of each key and its value.
std::string setting_text(const comparison& found, size_t setting) {
  auto out = std::string{};
  for (size_t i = 0; i < found.axes.size(); ++i) {
    const auto& key = found.axes[i];
    const auto dot = key.rfind('.');
    const auto name = dot == std::string::npos ? key : key.substr(dot + 1);
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name,
                       found.settings[setting][i]);
  }
  return out;
}

/// Only tables longer than a screen scroll by themselves.
std::string_view style_of(size_t lines) {
  constexpr size_t lines_of_screen = 40;
  return lines > lines_of_screen ? "tall" : "";
}

/// A method, and its setting where it is another one than that of the line.
std::string reference_text(const comparison& found, const cell_pair& pair) {
  const auto& cell = found.cells[pair.reference];
  const auto& name = found.methods[cell.method];
  return cell.setting == found.cells[pair.cell].setting
           ? name
           : fmt::format("{} ({})", name, setting_text(found, cell.setting));
}

/// Values that an axis takes, in the order of the settings.
std::vector<std::string> values_of(const comparison& found, size_t axis) {
  auto out = std::vector<std::string>{};
  auto seen = std::set<std::string_view>{};
  for (const auto& setting : found.settings)
    if (seen.insert(setting[axis]).second)
      out.push_back(setting[axis]);
  return out;
}

bool are_numbers(const std::vector<std::string>& values) {
  return std::ranges::all_of(
    values, [](const auto& x) { return static_cast<bool>(read_double(x)); });
}

/// The axis that lies across: numbers go before names, many values before few.
size_t chosen_axis(const comparison& found) {
  auto best = size_t{0};
  auto rank = std::pair{false, size_t{0}};
  for (size_t i = 0; i < found.axes.size(); ++i) {
    const auto values = values_of(found, i);
    const auto own
      = std::pair{values.size() > 1 && are_numbers(values), values.size()};
    if (own > rank) {
      rank = own;
      best = i;
    }
  }
  return best;
}

std::optional<interval_point> point_of(const comparison& found, size_t setting,
                                       size_t method, size_t measure) {
  const auto cell = found.find(setting, method);
  if (!cell)
    return std::nullopt;
  const auto& x = found.figures[*cell][measure];
  const auto value = x.repeats.mean;
  const auto bounds = x.shown().value_or(interval{value, value});
  return interval_point{value, bounds.low, bounds.high};
}

/// One plot of the settings in `across`, one a place or none.
interval_plot_input plot_of(const comparison& found, size_t measure,
                            const std::vector<std::optional<size_t>>& across) {
  auto out = interval_plot_input{};
  for (size_t m = 0; m < found.methods.size(); ++m) {
    auto series = interval_series{found.methods[m], m, {}};
    for (const auto& setting : across)
      series.points.push_back(setting ? point_of(found, *setting, m, measure)
                                      : std::nullopt);
    out.series.push_back(std::move(series));
  }
  return out;
}

/// Without axes the methods lie across.
std::vector<interval_plot_input> plot_of_methods(const comparison& found,
                                                 size_t measure) {
  auto out = interval_plot_input{};
  out.title = measures()[measure].title;
  out.joined = false;
  out.places = found.methods;
  for (size_t m = 0; m < found.methods.size(); ++m) {
    auto series = interval_series{found.methods[m], m, {}};
    series.points.resize(found.methods.size());
    series.points[m] = point_of(found, 0, m, measure);
    out.series.push_back(std::move(series));
  }
  return {out};
}

} // namespace

std::string setting_table(const comparison& found, size_t measure,
                          size_t lines_max) {
  auto columns = std::vector<html_table::column>{};
  for (const auto& axis : found.axes)
    columns.push_back({axis, "text"});
  if (found.axes.empty())
    columns.push_back({"setting", "text"});
  for (const auto& method : found.methods)
    columns.push_back({method, ""});
  auto out = html_table{columns, measures()[measure].title,
                        style_of(found.settings.size())};
  for (size_t s = 0; s < std::min(found.settings.size(), lines_max); ++s) {
    out.row(s > 0 && !found.axes.empty()
                && found.settings[s][0] != found.settings[s - 1][0]
              ? "part"
              : "");
    for (const auto& value : found.settings[s])
      out.text(value);
    if (found.axes.empty())
      out.text("all");
    auto best = -1.0;
    for (size_t m = 0; m < found.methods.size(); ++m)
      if (const auto cell = found.find(s, m);
          cell && found.figures[*cell][measure].repeats.mean > best)
        best = found.figures[*cell][measure].repeats.mean;
    for (size_t m = 0; m < found.methods.size(); ++m) {
      const auto cell = found.find(s, m);
      if (!cell) {
        out.text(no_figure);
        continue;
      }
      const auto& x = found.figures[*cell][measure];
      out.markup(interval_text(x), x.repeats.mean == best ? "best" : "");
    }
  }
  if (found.settings.size() > lines_max)
    out.note(fmt::format("{} more in cells.csv",
                         count_text(found.settings.size() - lines_max)));
  return out.done();
}

std::string pair_table(const comparison& found, size_t measure,
                       size_t lines_max) {
  const auto all = static_cast<size_t>(
    std::ranges::count(found.pairs, measure, &cell_pair::measure));
  auto out = html_table{{{"setting", "text"},
                         {"method", "text"},
                         {"against", "text"},
                         {"wins", ""},
                         {"ties", ""},
                         {"losses", ""},
                         {"mean difference", ""},
                         {"95 % interval", ""},
                         {"p", ""}},
                        measures()[measure].title,
                        style_of(all)};
  auto lines = size_t{0};
  auto last = found.settings.size();
  for (const auto& pair : found.pairs) {
    if (pair.measure != measure || lines == lines_max)
      continue;
    ++lines;
    const auto& x = pair.found;
    const auto& cell = found.cells[pair.cell];
    out.row(std::exchange(last, cell.setting) != cell.setting ? "part" : "");
    out.text(setting_text(found, cell.setting));
    out.text(found.methods[cell.method]);
    out.text(reference_text(found, pair));
    out.text(count_text(x.wins)).text(count_text(x.ties));
    out.text(count_text(x.losses)).text(signed_text(x.mean_difference));
    out.text(x.bounds ? fmt::format("{:+.3f} to {:+.3f}", x.bounds->low,
                                    x.bounds->high)
                      : std::string{no_figure});
    out.text(p_text(x.p));
  }
  if (all == 0)
    out.note("There is one cell only: nothing to compare it with.");
  if (all > lines_max)
    out.note(fmt::format("{} more in pairs.csv", count_text(all - lines_max)));
  return out.done();
}

std::string cost_table(const comparison& found) {
  auto out = html_table{{{"method", "text"}, {"\u00b5s a vector", ""}}};
  for (size_t m = 0; m < found.methods.size(); ++m) {
    auto values = std::vector<double>{};
    for (const auto& cell : found.cells)
      if (cell.method == m && cell.micros_per_vector)
        values.push_back(*cell.micros_per_vector);
    const auto mean = mean_of(values).mean;
    out.row();
    out.text(found.methods[m]);
    out.text(std::isfinite(mean) ? fmt::format("{:.1f}", mean)
                                 : std::string{no_figure});
  }
  return out.done();
}

std::vector<interval_plot_input> interval_plots(const comparison& found,
                                                size_t measure) {
  if (found.axes.empty())
    return plot_of_methods(found, measure);
  const auto axis = chosen_axis(found);
  const auto values = values_of(found, axis);
  // By the values of the other axes, in the order of the settings.
  auto order = std::vector<std::vector<std::string>>{};
  auto panels
    = std::map<std::vector<std::string>, std::vector<std::optional<size_t>>>{};
  for (size_t s = 0; s < found.settings.size(); ++s) {
    auto others = found.settings[s];
    const auto own = others[axis];
    others.erase(others.begin() + static_cast<ptrdiff_t>(axis));
    const auto [at, is_new] = panels.try_emplace(others, values.size());
    if (is_new)
      order.push_back(others);
    const auto place = std::ranges::find(values, own) - values.begin();
    at->second[static_cast<size_t>(place)] = s;
  }
  auto out = std::vector<interval_plot_input>{};
  for (const auto& others : order) {
    auto plot = plot_of(found, measure, panels.at(others));
    for (const auto& value : others)
      plot.title += (plot.title.empty() ? "" : ", ") + value;
    if (plot.title.empty())
      plot.title = measures()[measure].title;
    plot.x_name = found.axes[axis];
    plot.places = values;
    plot.joined = are_numbers(values);
    out.push_back(std::move(plot));
  }
  return out;
}

} // namespace starling::experiment
