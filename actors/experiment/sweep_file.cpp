#include "actors/experiment/sweep_file.hpp"

#include "actors/experiment/csv.hpp"
#include "actors/experiment/experiment_file.hpp"
#include "runtime/config/flat_entry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace starling::experiment {

namespace {

using config::flat_entry;
using path = std::vector<std::string>;

const auto seed_paths = std::vector<path>{
  {"experiment", "seed"}, {"poison", "seed"}, {"inject", "seed"}};

std::string plain_text(const config::value& x) {
  if (const auto* text = std::get_if<std::string>(&x))
    return *text;
  if (const auto* number = std::get_if<double>(&x)) {
    // 0.0 and 0 mean the same here.
    auto out = std::string{};
    append_number(out, *number);
    return out;
  }
  return config::to_toml(x);
}

/// "a.b" and a.b both mean the key b of the table a.
path split(const path& keys) {
  auto out = path{};
  for (const auto& key : keys)
    for (size_t begin = 0; begin <= key.size();) {
      const auto end = std::min(key.find('.', begin), key.size());
      out.push_back(key.substr(begin, end - begin));
      begin = end + 1;
    }
  return out;
}

void set(std::vector<flat_entry>& entries, const path& key,
         config::value content) {
  auto at = std::ranges::find(entries, key, &flat_entry::path);
  if (at == entries.end())
    at = entries.insert(at, {key, false, {}, 0});
  at->is_array = false;
  at->items = {std::move(content)};
}

/// Reads a sweep file and writes out its runs.
class planner {
public:
  explicit planner(const config::document& file) : file_{file} {
    // nop
  }

  result<sweep_plan> plan() {
    const auto base = read_sweep_base(file_);
    if (!base)
      return base.error();
    out_.name = base->name;
    out_.data = base->data;
    out_.entities = base->entities;
    out_.on_cluster = base->cluster.running;
    for (const auto& key : seed_paths)
      seeds_.push_back(key.front() == "poison"   ? base->poison.seed
                       : key.front() == "inject" ? base->inject.seed
                                                 : base->seed);
    auto all = config::flattened(file_);
    if (!all)
      return all.error();
    for (auto& entry : *all)
      if (auto done = sort_in(std::move(entry)); !done)
        return done.error();
    if (auto done = check(); !done)
      return done.error();
    if (auto done = add_runs(); !done)
      return done.error();
    return std::move(out_);
  }

private:
  struct axis_note {
    path key;
    std::vector<config::value> values;
    size_t line;
  };

  [[nodiscard]] failure wrong(size_t line, const std::string& what) const {
    return {ec::invalid_option,
            fmt::format("{}:{}: {}", file_.file(), line, what)};
  }

  result<void> sort_in(flat_entry entry) {
    if (entry.path.front() != "sweep") {
      // A run is the same wherever its data lie, and wherever it runs.
      if (entry.path != path{"experiment", "data"}
          && entry.path != path{"cluster", "running"})
        base_.push_back(std::move(entry));
      return {};
    }
    if (entry.path == path{"sweep", "repeats"}) {
      const auto* count = std::get_if<int64_t>(entry.items.data());
      if (entry.is_array || count == nullptr || *count < 1
          || std::cmp_greater(*count, sweep_repeats_max))
        return wrong(entry.line,
                     fmt::format("'repeats' must be a whole number from 1 to "
                                 "{}",
                                 sweep_repeats_max));
      out_.repeats = static_cast<size_t>(*count);
      return {};
    }
    if (entry.path.size() < 3 || entry.path[1] != "axes")
      return wrong(entry.line,
                   fmt::format("'{}' is not known; a sweep has 'repeats' and "
                               "a table 'axes'",
                               config::path_text(entry.path)));
    return add_axis(std::move(entry));
  }

  result<void> add_axis(flat_entry entry) {
    const auto key = split({entry.path.begin() + 2, entry.path.end()});
    const auto name = fmt::format("{}", fmt::join(key, "."));
    if (!entry.is_array || entry.items.empty())
      return wrong(entry.line,
                   fmt::format("axis '{}' must be an array of the values that "
                               "it takes, as in [1, 2]",
                               name));
    if (key == path{"experiment", "data"} || key == path{"experiment", "name"}
        || key.front() == "cluster")
      return wrong(entry.line,
                   fmt::format("'{}' can't be an axis: all runs share data, "
                               "name and cluster",
                               name));
    auto axis = sweep_axis{name, {}};
    for (const auto& value : entry.items) {
      axis.values.push_back(plain_text(value));
      if (std::ranges::count(axis.values, axis.values.back()) > 1)
        return wrong(entry.line, fmt::format("axis '{}' has the value {} twice",
                                             name, axis.values.back()));
    }
    if (std::ranges::find(out_.axes, name, &sweep_axis::key) != out_.axes.end())
      return wrong(entry.line, fmt::format("axis '{}' is there twice", name));
    out_.axes.push_back(std::move(axis));
    axes_.push_back({key, std::move(entry.items), entry.line});
    return {};
  }

  result<void> check() {
    if (axes_.size() > sweep_axes_max)
      return wrong(axes_.back().line,
                   fmt::format("{} axes; at most {} are taken", axes_.size(),
                               sweep_axes_max));
    auto runs = out_.repeats;
    for (const auto& axis : axes_) {
      if (out_.repeats > 1
          && std::ranges::find(seed_paths, axis.key) != seed_paths.end())
        return wrong(axis.line,
                     fmt::format("axis '{}' sets a seed that each repeat sets "
                                 "too; leave it out, or set repeats = 1",
                                 fmt::join(axis.key, ".")));
      runs *= axis.values.size();
      if (runs > sweep_runs_max)
        return failure{ec::limit_reached,
                       fmt::format("{}:{}: more than {} runs; take fewer "
                                   "values or repeats, or part the sweep",
                                   file_.file(), axis.line, sweep_runs_max)};
    }
    return {};
  }

  result<void> add_runs() {
    auto cell = std::vector<size_t>(axes_.size());
    for (;;) {
      for (size_t repeat = 0; repeat < out_.repeats; ++repeat)
        if (auto done = add_run(cell, repeat); !done)
          return done;
      auto i = axes_.size();
      while (i > 0 && ++cell[i - 1] == axes_[i - 1].values.size())
        cell[--i] = 0;
      if (i == 0)
        return {};
    }
  }

  result<void> add_run(const std::vector<size_t>& cell, size_t repeat) {
    auto entries = base_;
    for (size_t i = 0; i < seed_paths.size(); ++i)
      set(entries, seed_paths[i],
          static_cast<int64_t>((seeds_[i] + repeat)
                               & std::numeric_limits<int64_t>::max()));
    auto where = std::string{};
    for (size_t i = 0; i < axes_.size(); ++i) {
      set(entries, axes_[i].key, axes_[i].values[cell[i]]);
      where += fmt::format("{}{} = {}", i == 0 ? "" : ", ", out_.axes[i].key,
                           out_.axes[i].values[cell[i]]);
    }
    auto text = config::to_toml(std::move(entries));
    // A key that the file lacks is named with a line of the text above; the
    // values of the axes say more.
    const auto made = parse_experiment(
      text, axes_.empty() ? file_.file()
                          : fmt::format("{} with {}", file_.file(), where));
    if (!made)
      return failure{made.error().code, made.error().text};
    out_.runs.push_back(
      {cell, repeat, made->seed, std::move(text), made->cluster.nodes});
    return {};
  }

  const config::document& file_;
  sweep_plan out_;
  std::vector<flat_entry> base_;
  std::vector<axis_note> axes_;
  std::vector<uint64_t> seeds_;
};

} // namespace

result<sweep_plan> load_sweep(const std::filesystem::path& file) {
  const auto doc = config::document::load(file);
  if (!doc)
    return doc.error();
  return planner{*doc}.plan();
}

result<sweep_plan> parse_sweep(std::string_view text,
                               const std::filesystem::path& file) {
  const auto doc = config::document::parse(text, file.string());
  if (!doc)
    return doc.error();
  return planner{*doc}.plan();
}

} // namespace starling::experiment
