#include "actors/experiment/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace starling::experiment {

namespace {

constexpr uint64_t bootstrap_seed = 1;

/// Sums what is defined.
struct running_mean {
  double sum = 0.0;
  size_t count = 0;

  void add(double x) {
    if (std::isfinite(x)) {
      sum += x;
      ++count;
    }
  }

  [[nodiscard]] double value() const {
    return count > 0 ? sum / static_cast<double>(count)
                     : std::numeric_limits<double>::quiet_NaN();
  }
};

/// Returns the index of `x` in `list`, where it is put if it is missing.
template <class T>
size_t index_in(std::vector<T>& list, const T& x) {
  const auto at = std::ranges::find(list, x);
  if (at != list.end())
    return static_cast<size_t>(at - list.begin());
  list.push_back(x);
  return list.size() - 1;
}

/// Goes through the runs and fills a comparison.
class gatherer {
public:
  explicit gatherer(const run_table& table) : table_{table} {
    // nop
  }

  result<comparison> gather() {
    if (table_.runs.empty())
      return failure{ec::invalid_option, "there is no run to compare"};
    out_.name = table_.name;
    for (size_t i = 0; i < table_.axes.size(); ++i)
      if (table_.axes[i] != detector_axis) {
        out_.axes.push_back(table_.axes[i]);
        columns_.push_back(i);
      }
    for (auto detectors : {true, false})
      for (const auto& run : table_.runs)
        for (const auto& method : run.methods)
          if (method.is_detector == detectors)
            index_in(out_.methods, method.name);
    for (const auto& run : table_.runs)
      if (auto done = add(run); !done)
        return done.error();
    for (auto& [place, cell] : cells_)
      finish(std::move(cell));
    add_pairs();
    return std::move(out_);
  }

private:
  struct growing_cell {
    compared_cell cell;
    /// By measure and entity.
    std::vector<std::vector<running_mean>> sums;
    std::set<size_t> repeats;
    running_mean cost;
  };

  result<void> add(const measured_run& run) {
    auto values = std::vector<std::string>{};
    for (auto i : columns_)
      values.push_back(run.cell.at(i));
    const auto [place, is_new]
      = settings_.try_emplace(values, out_.settings.size());
    if (is_new)
      out_.settings.push_back(std::move(values));
    const auto setting = place->second;
    for (const auto& method : run.methods) {
      const auto name = index_in(out_.methods, method.name);
      auto& into = cells_[{setting, name}];
      // A detector that stands among the baselines, too, is one method.
      if (!into.repeats.insert(run.repeat).second)
        continue;
      if (into.sums.empty()) {
        into.cell.setting = setting;
        into.cell.method = name;
        into.cell.entities = run.entities;
        into.sums.assign(measures().size(),
                         std::vector<running_mean>(run.entities.size()));
        into.cell.by_repeat.resize(measures().size());
      } else if (into.cell.entities != run.entities) {
        return failure{
          ec::invalid_option,
          fmt::format("run {} has other entities than those it repeats",
                      run.id)};
      }
      add(into, method);
    }
    return {};
  }

  static void add(growing_cell& into, const measured_method& method) {
    for (size_t m = 0; m < measures().size(); ++m) {
      const auto values = method.values(measures()[m]);
      auto mean = running_mean{};
      for (size_t i = 0; i < values.size(); ++i) {
        mean.add(values[i]);
        into.sums[m][i].add(values[i]);
      }
      into.cell.by_repeat[m].push_back(mean.value());
    }
    if (method.micros_per_vector)
      into.cost.add(*method.micros_per_vector);
  }

  void finish(growing_cell from) {
    auto& cell = from.cell;
    auto figures = std::vector<cell_figure>{};
    for (size_t m = 0; m < measures().size(); ++m) {
      auto& means = cell.by_entity.emplace_back();
      for (const auto& sum : from.sums[m])
        means.push_back(sum.value());
      auto& x = figures.emplace_back();
      x.repeats = mean_of(cell.by_repeat[m]);
      x.by_seed = t_interval(cell.by_repeat[m]);
      x.by_entity = lots_.mean_interval(means);
      x.entities = static_cast<size_t>(std::ranges::count_if(
        means, [](double y) { return std::isfinite(y); }));
    }
    if (from.cost.count > 0)
      cell.micros_per_vector = from.cost.value();
    out_.cells.push_back(std::move(cell));
    out_.figures.push_back(std::move(figures));
  }

  void add_pairs() {
    auto reference = size_t{0};
    for (size_t i = 1; i < out_.cells.size(); ++i)
      if (out_.cells[i].setting == out_.cells[reference].setting)
        add_pair(i, reference);
      else
        reference = i;
    // Without a method in common there is nothing to compare.
    const auto first = out_.find(0, 0);
    for (size_t setting = 1; setting < out_.settings.size() && first; ++setting)
      if (const auto cell = out_.find(setting, 0))
        add_pair(*cell, *first);
  }

  void add_pair(size_t cell, size_t reference) {
    const auto& a = out_.cells[cell];
    const auto& b = out_.cells[reference];
    auto where = std::map<std::string_view, size_t>{};
    for (size_t i = 0; i < b.entities.size(); ++i)
      where.emplace(b.entities[i], i);
    for (size_t m = 0; m < measures().size(); ++m) {
      auto first = std::vector<double>{};
      auto second = std::vector<double>{};
      for (size_t i = 0; i < a.entities.size(); ++i)
        if (const auto at = where.find(a.entities[i]); at != where.end()) {
          first.push_back(a.by_entity[m][i]);
          second.push_back(b.by_entity[m][at->second]);
        }
      out_.pairs.push_back(
        {cell, reference, m, compare_pairs(first, second, lots_)});
    }
  }

  const run_table& table_;
  comparison out_;
  /// Of the table's axes, those that make settings.
  std::vector<size_t> columns_;
  std::map<std::vector<std::string>, size_t> settings_;
  std::map<std::pair<size_t, size_t>, growing_cell> cells_;
  bootstrap lots_{bootstrap_seed};
};

} // namespace

std::optional<size_t> comparison::find(size_t setting, size_t method) const {
  const auto at = std::ranges::lower_bound(
    cells, std::pair{setting, method}, {},
    [](const compared_cell& x) { return std::pair{x.setting, x.method}; });
  if (at == cells.end() || at->setting != setting || at->method != method)
    return std::nullopt;
  return static_cast<size_t>(at - cells.begin());
}

result<comparison> compare(const run_table& table) {
  return gatherer{table}.gather();
}

} // namespace starling::experiment
