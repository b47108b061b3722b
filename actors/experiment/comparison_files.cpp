#include "actors/experiment/comparison_files.hpp"

#include "actors/experiment/csv.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>
#include <vector>

namespace starling::experiment {

namespace {

using nlohmann::ordered_json;

/// Builds the lines of a CSV file, field after field.
class csv_lines {
public:
  csv_lines& add(std::string_view text) {
    separate();
    append_csv_field(out_, text);
    return *this;
  }

  csv_lines& add(const std::vector<std::string>& texts) {
    for (const auto& text : texts)
      add(text);
    return *this;
  }

  csv_lines& add(size_t number) {
    separate();
    out_ += fmt::to_string(number);
    return *this;
  }

  /// What is not finite is left empty.
  csv_lines& add(double number) {
    separate();
    if (std::isfinite(number))
      append_number(out_, number);
    return *this;
  }

  csv_lines& add(const std::optional<interval>& bounds) {
    return bounds ? add(bounds->low).add(bounds->high) : add("").add("");
  }

  void end() {
    out_ += '\n';
    begun_ = false;
  }

  [[nodiscard]] std::string done() {
    return std::move(out_);
  }

private:
  void separate() {
    if (std::exchange(begun_, true))
      out_ += ',';
  }

  std::string out_;
  bool begun_ = false;
};

void add_measure_names(csv_lines& out) {
  for (const auto& measure : measures())
    out.add(measure.name);
}

std::string_view role_of(const measured_method& method) {
  return method.is_detector ? "detector" : "baseline";
}

std::string_view kind_of(const cell_figure& x) {
  return x.by_seed ? "t" : x.by_entity ? "bootstrap" : "";
}

void add_cell_names(csv_lines& out, const comparison& found, size_t index) {
  const auto& cell = found.cells[index];
  out.add(found.settings[cell.setting]).add(found.methods[cell.method]);
}

ordered_json number_or_null(double x) {
  return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr);
}

ordered_json json_of(const std::optional<interval>& x) {
  return x ? ordered_json{x->low, x->high} : ordered_json(nullptr);
}

ordered_json json_of(const std::vector<std::string>& names,
                     const std::vector<std::string>& values) {
  auto out = ordered_json::object();
  for (size_t i = 0; i < names.size(); ++i)
    out[names[i]] = values[i];
  return out;
}

ordered_json json_of_runs(const run_table& table) {
  auto out = ordered_json::array();
  for (const auto& run : table.runs) {
    auto methods = ordered_json::array();
    for (const auto& method : run.methods) {
      auto x = ordered_json{{"name", method.name}, {"role", role_of(method)}};
      for (const auto& measure : measures())
        x[measure.name] = number_or_null(mean_of(method.values(measure)).mean);
      methods.push_back(std::move(x));
    }
    out.push_back({{"run", run.id},
                   {"axes", json_of(table.axes, run.cell)},
                   {"repeat", run.repeat},
                   {"seed", run.seed},
                   {"entities", run.entities.size()},
                   {"methods", std::move(methods)}});
  }
  return out;
}

ordered_json json_of_cells(const comparison& found) {
  auto out = ordered_json::array();
  for (size_t i = 0; i < found.cells.size(); ++i) {
    auto figures = ordered_json::object();
    for (size_t m = 0; m < measures().size(); ++m) {
      const auto& x = found.figures[i][m];
      figures[measures()[m].name]
        = {{"mean", number_or_null(x.repeats.mean)},
           {"sd", number_or_null(x.repeats.deviation)},
           {"n", x.repeats.count},
           {"ci", json_of(x.shown())},
           {"ci_kind", kind_of(x)},
           {"entities", x.entities},
           {"entity_ci", json_of(x.by_entity)}};
    }
    const auto& cell = found.cells[i];
    out.push_back({{"axes", json_of(found.axes, found.settings[cell.setting])},
                   {"method", found.methods[cell.method]},
                   {"measures", std::move(figures)}});
  }
  return out;
}

ordered_json json_of_pairs(const comparison& found) {
  auto out = ordered_json::array();
  for (const auto& pair : found.pairs) {
    const auto name = [&](size_t index) {
      const auto& cell = found.cells[index];
      return ordered_json{
        {"axes", json_of(found.axes, found.settings[cell.setting])},
        {"method", found.methods[cell.method]}};
    };
    out.push_back(
      {{"cell", name(pair.cell)},
       {"reference", name(pair.reference)},
       {"measure", measures()[pair.measure].name},
       {"wins", pair.found.wins},
       {"ties", pair.found.ties},
       {"losses", pair.found.losses},
       {"mean_difference", number_or_null(pair.found.mean_difference)},
       {"ci", json_of(pair.found.bounds)},
       {"p", number_or_null(pair.found.p)}});
  }
  return out;
}

} // namespace

std::string runs_csv(const run_table& table) {
  auto out = csv_lines{};
  out.add("run").add(table.axes).add("repeat").add("seed").add("method");
  out.add("role").add("entities");
  add_measure_names(out);
  out.end();
  for (const auto& run : table.runs)
    for (const auto& method : run.methods) {
      out.add(run.id).add(run.cell).add(run.repeat).add(size_t{run.seed});
      out.add(method.name).add(role_of(method)).add(run.entities.size());
      for (const auto& measure : measures())
        out.add(mean_of(method.values(measure)).mean);
      out.end();
    }
  return out.done();
}

std::string entities_csv(const run_table& table) {
  auto out = csv_lines{};
  out.add("run").add(table.axes).add("repeat").add("method").add("entity");
  add_measure_names(out);
  out.end();
  for (const auto& run : table.runs)
    for (const auto& method : run.methods)
      for (size_t i = 0; i < run.entities.size(); ++i) {
        out.add(run.id).add(run.cell).add(run.repeat).add(method.name);
        out.add(run.entities[i]);
        for (const auto& measure : measures())
          out.add((measure.smooth ? method.smooth : method.raw)[i]
                  .*measure.figure);
        out.end();
      }
  return out.done();
}

std::string cells_csv(const comparison& found) {
  auto out = csv_lines{};
  out.add(found.axes);
  for (const auto* name :
       {"method", "measure", "mean", "sd", "n", "ci_low", "ci_high", "ci_kind",
        "entities", "entity_low", "entity_high"})
    out.add(name);
  out.end();
  for (size_t i = 0; i < found.cells.size(); ++i)
    for (size_t m = 0; m < measures().size(); ++m) {
      const auto& x = found.figures[i][m];
      add_cell_names(out, found, i);
      out.add(measures()[m].name).add(x.repeats.mean).add(x.repeats.deviation);
      out.add(x.repeats.count).add(x.shown()).add(kind_of(x));
      out.add(x.entities).add(x.by_entity);
      out.end();
    }
  return out.done();
}

std::string pairs_csv(const comparison& found) {
  auto out = csv_lines{};
  out.add(found.axes).add("method");
  for (const auto& axis : found.axes)
    out.add("reference_" + axis);
  for (const auto* name :
       {"reference_method", "measure", "wins", "ties", "losses",
        "mean_difference", "ci_low", "ci_high", "p"})
    out.add(name);
  out.end();
  for (const auto& pair : found.pairs) {
    add_cell_names(out, found, pair.cell);
    add_cell_names(out, found, pair.reference);
    out.add(measures()[pair.measure].name).add(pair.found.wins);
    out.add(pair.found.ties).add(pair.found.losses);
    out.add(pair.found.mean_difference).add(pair.found.bounds);
    out.add(pair.found.p);
    out.end();
  }
  return out.done();
}

std::string costs_csv(const run_table& table) {
  auto out = csv_lines{};
  out.add("run").add("method").add("us_per_vector");
  out.end();
  for (const auto& run : table.runs)
    for (const auto& method : run.methods) {
      out.add(run.id).add(method.name);
      if (method.micros_per_vector)
        out.add(*method.micros_per_vector);
      else
        out.add("");
      out.end();
    }
  return out.done();
}

std::string comparison_json(const run_table& table, const comparison& found) {
  const auto out = ordered_json{{"name", table.name},
                                {"axes", table.axes},
                                {"runs", json_of_runs(table)},
                                {"cells", json_of_cells(found)},
                                {"pairs", json_of_pairs(found)}};
  // Names come from outside: bytes that are no UTF-8 are replaced.
  return out.dump(1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace starling::experiment
