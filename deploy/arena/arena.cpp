#include "deploy/arena/arena.hpp"

#include "actors/adversary/lot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

namespace starling::arena {

namespace {

void append(std::vector<double>& target, const std::vector<double>& more) {
  target.insert(target.end(), more.begin(), more.end());
}

/// Sorts them. @pre not empty.
std::pair<double, double> middle_and_worst(std::vector<double>& errors) {
  std::ranges::sort(errors);
  return {errors[errors.size() / 2], errors.back()};
}

/// Quantiles .975 of Student's t for 1 to 30 degrees of freedom.
constexpr auto student = std::array{
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
  2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
  2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

size_t liar_nodes(const arena_options& opts, double share) {
  return static_cast<size_t>(
    std::round(share * static_cast<double>(opts.nodes)));
}

template <class Figure>
estimate over(const std::vector<duel_result>& runs, Figure figure) {
  auto values = std::vector<double>{};
  for (const auto& run : runs)
    values.push_back(run.*figure);
  return estimate_of(values);
}

estimate over(const std::vector<duel_result>& runs,
              std::optional<double> duel_result::* figure) {
  auto values = std::vector<double>{};
  for (const auto& run : runs)
    if (run.*figure)
      values.push_back(*(run.*figure));
  return estimate_of(values);
}

arena_cell cell_of(std::string attack, double liars,
                   const std::vector<duel_result>& runs) {
  auto cell = arena_cell{};
  cell.attack = std::move(attack);
  cell.liars = liars;
  cell.honest_framed = over(runs, &duel_result::honest_framed);
  cell.honest_time = over(runs, &duel_result::honest_time);
  cell.honest_chance_time = over(runs, &duel_result::honest_chance_time);
  cell.honest_cut = over(runs, &duel_result::honest_cut);
  cell.honest_chance = over(runs, &duel_result::honest_chance);
  cell.liars_cut = over(runs, &duel_result::liars_cut);
  cell.liars_chance = over(runs, &duel_result::liars_chance);
  cell.liars_time = over(runs, &duel_result::liars_time);
  cell.liars_chance_time = over(runs, &duel_result::liars_chance_time);
  cell.liars_credibility = over(runs, &duel_result::liars_credibility);
  cell.honest_credibility = over(runs, &duel_result::honest_credibility);
  cell.liar_nodes_cut = over(runs, &duel_result::liar_nodes_cut);
  cell.honest_nodes_cut = over(runs, &duel_result::honest_nodes_cut);
  cell.delay_rows = over(runs, &duel_result::delay_rows);
  cell.error_mean = over(runs, &duel_result::error_mean);
  cell.standing_error_mean = over(runs, &duel_result::standing_error_mean);
  for (const auto& run : runs) {
    cell.error_worst = std::max(cell.error_worst, run.error_worst.value_or(0));
    cell.standing_error_worst = std::max(cell.standing_error_worst,
                                         run.standing_error_worst.value_or(0));
  }
  return cell;
}

/// Returns which attacks to run, each known.
result<std::vector<std::string>> chosen(const arena_options& opts) {
  auto names = opts.attacks;
  if (names.empty())
    for (const auto& each : adversary::attacks())
      names.emplace_back(each.name);
  for (const auto& name : names)
    if (auto made = adversary::make_attack(name, {}); !made)
      return made.error();
  // Also those that do not run are checked: a typing error is one.
  for (const auto& [name, parameters] : opts.parameters)
    if (auto made = adversary::make_attack(name, {.parameters = parameters});
        !made)
      return made.error();
  return names;
}

struct scheme {
  std::string_view name;
  uint32_t replicas = 1;
  bool committees = false;
};

constexpr auto schemes = std::array{
  scheme{"one tree", 1, false},
  scheme{"7 trees", 7, false},
  scheme{"committees", 1, true},
};

/// Counts work and plays all of it.
class arena {
public:
  arena(const arena_options& opts, std::vector<std::string> attacks,
        const arena_progress& progress)
    : opts_{opts},
      attacks_{std::move(attacks)},
      progress_{progress} {
    all_ = opts_.runs * attacks_.size()
           + opts_.tree.nodes.size() * opts_.shares.size();
  }

  result<arena_result> run() {
    for (size_t run = 0; run < opts_.runs; ++run)
      if (auto done = play(opts_.seed + run); !done)
        return done.error();
    auto out = arena_result{opts_, {}, {}};
    for (const auto& attack : attacks_)
      for (auto share : opts_.shares)
        out.cells.push_back(cell_of(attack, share, duels_.at({attack, share})));
    for (auto nodes : opts_.tree.nodes)
      for (auto share : opts_.shares)
        if (auto done = try_tree(nodes, share, out.trees); !done)
          return done.error();
    return out;
  }

private:
  void step() {
    ++done_;
    if (progress_)
      progress_(done_, all_);
  }

  [[nodiscard]] result<std::unique_ptr<adversary::attack>>
  attack_of(const std::string& name, uint64_t seed) const {
    const auto found = opts_.parameters.find(name);
    return adversary::make_attack(
      name, {.parameters = found == opts_.parameters.end()
                             ? std::map<std::string, double>{}
                             : found->second,
             .seed = seed});
  }

  result<void> play(uint64_t seed) {
    const auto who = make_cast(opts_, seed);
    if (!who)
      return who.error();
    const auto most
      = opts_.shares.empty() ? 0.0 : std::ranges::max(opts_.shares);
    for (const auto& name : attacks_) {
      const auto attack = attack_of(name, seed);
      if (!attack)
        return attack.error();
      const auto liars
        = make_liars(opts_, *who, **attack, liar_nodes(opts_, most));
      if (!liars)
        return liars.error();
      for (auto share : opts_.shares) {
        auto fought
          = fight(opts_, *who, *liars, **attack, liar_nodes(opts_, share));
        if (!fought)
          return fought.error();
        duels_[{name, share}].push_back(std::move(*fought));
      }
      step();
    }
    return {};
  }

  result<void> try_tree(size_t nodes, double share,
                        std::vector<tree_cell>& target) {
    for (const auto& each : schemes)
      for (auto how : {seating::random, seating::thirds, seating::top}) {
        // Without committees there are none to be a third of, and more than a
        // third does not fit.
        if (how == seating::thirds && (!each.committees || share > 1.0 / 3.0))
          continue;
        auto cell = try_tree(nodes, share, each, how);
        if (!cell)
          return cell.error();
        target.push_back(std::move(*cell));
      }
    step();
    return {};
  }

  [[nodiscard]] result<tree_cell>
  try_tree(size_t nodes, double share, const scheme& which, seating how) const {
    auto cell = tree_cell{std::string{which.name}, nodes, share, how};
    auto errors = std::vector<double>{};
    auto common_errors = std::vector<double>{};
    auto false_shares = std::vector<double>{};
    for (size_t i = 0; i < opts_.tree.trials; ++i) {
      auto trial = tree_trial_options{};
      trial.nodes = nodes;
      trial.liars = share;
      trial.how = how;
      trial.seed = opts_.seed + i;
      trial.epoch.epoch = i;
      trial.epoch.replicas = which.replicas;
      trial.epoch.round.place.fan_out = opts_.tree.fanout;
      trial.epoch.round.place.width
        = which.committees ? opts_.tree.committee : 1;
      trial.epoch.deviations.reset();
      if (which.committees)
        trial.epoch.deviations = opts_.tree.check_deviations;
      const auto lies = attack_of("collusion", trial.seed);
      if (!lies)
        return lies.error();
      const auto played = run_tree_trial(trial, **lies);
      if (!played)
        return played.error();
      append(errors, played->median_errors);
      append(common_errors, played->common_errors);
      append(false_shares, played->false_shares);
      cell.messages = played->messages;
      cell.bytes = played->bytes;
    }
    if (errors.empty())
      return cell;
    std::tie(cell.error_middle, cell.error_worst) = middle_and_worst(errors);
    std::tie(cell.common_error_middle, cell.common_error_worst)
      = middle_and_worst(common_errors);
    std::tie(cell.false_share_middle, cell.false_share_worst)
      = middle_and_worst(false_shares);
    const auto beyond
      = std::ranges::count_if(errors, [](double x) { return x > error_max; });
    cell.beyond
      = static_cast<double>(beyond) / static_cast<double>(errors.size());
    return cell;
  }

  const arena_options& opts_;
  std::vector<std::string> attacks_;
  const arena_progress& progress_;
  std::map<std::pair<std::string, double>, std::vector<duel_result>> duels_;
  size_t done_ = 0;
  size_t all_ = 0;
};

} // namespace

estimate estimate_of(const std::vector<double>& values) {
  auto out = estimate{};
  out.runs = values.size();
  if (values.empty())
    return out;
  const auto count = static_cast<double>(values.size());
  for (auto x : values)
    out.mean += x / count;
  if (values.size() < 2)
    return out;
  auto squares = 0.0;
  for (auto x : values)
    squares += (x - out.mean) * (x - out.mean);
  const auto freedom = std::min(values.size() - 1, student.size());
  out.margin
    = student[freedom - 1] * std::sqrt(squares / (count - 1.0) / count);
  return out;
}

result<arena_result> run_arena(const arena_options& opts,
                               const arena_progress& progress) {
  auto attacks = chosen(opts);
  if (!attacks)
    return attacks.error();
  return arena{opts, std::move(*attacks), progress}.run();
}

} // namespace starling::arena
