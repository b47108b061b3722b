#include "actors/experiment/injection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

namespace starling::experiment {

namespace {

struct kind_note {
  std::string_view name;
  /// Mean length of a stretch in rows.
  size_t length;
};

constexpr auto kinds = std::array<kind_note, 8>{{
  {"spike", 1},
  {"level-shift", 30},
  {"drift", 60},
  {"surge", 30},
  {"broken-correlation", 30},
  {"mimicry", 30},
  {"impersonation", 30},
  {"frozen", 30},
}};

constexpr auto names = [] {
  auto result = std::array<std::string_view, kinds.size()>{};
  for (size_t i = 0; i < kinds.size(); ++i)
    result[i] = kinds[i].name;
  return result;
}();

constexpr size_t rows_min = 100;

/// Features that have no size in deviations are hit in this part of them for
/// each deviation.
constexpr auto share_per_deviation = 1.0 / 8.0;

/// Names to numbers, the same on all machines (FNV-1a).
uint64_t hash_of(std::string_view text) {
  auto result = uint64_t{14695981039346656037U};
  for (auto c : text)
    result = (result ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return result;
}

std::vector<double> column_of(const table& rows, size_t feature) {
  auto result = std::vector<double>{};
  result.reserve(rows.rows());
  for (size_t t = 0; t < rows.rows(); ++t)
    if (const auto x = rows.row(t)[feature]; std::isfinite(x))
      result.push_back(x);
  return result;
}

/// Takes the value that `share` of the others lie below; the order is lost.
double quantile(std::vector<double>& values, double share) {
  if (values.empty())
    return 0.0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto middle = values.begin() + static_cast<ptrdiff_t>(share * last);
  std::ranges::nth_element(values, middle);
  return *middle;
}

double deviation_of(std::vector<double> values) {
  if (values.empty())
    return 0.0;
  auto mean = 0.0;
  auto squares = 0.0;
  auto count = 0.0;
  for (auto x : values) {
    count += 1.0;
    const auto offset = x - mean;
    mean += offset / count;
    squares += offset * (x - mean);
  }
  const auto median = quantile(values, 0.5);
  for (auto& x : values)
    x = std::abs(x - median);
  const auto robust = 1.4826 * quantile(values, 0.5);
  const auto plain = std::sqrt(squares / count);
  // What is left of a constant by rounding is no deviation.
  const auto least = 1e-9 * (1.0 + std::abs(median));
  return robust > least ? robust : plain > least ? plain : 0.0;
}

void cut_out_anomalies(table& target) {
  const auto rows = target.rows();
  auto cut = std::vector<bool>(rows);
  for (size_t t = 0; t < rows; ++t)
    if (target.labels[t] != 0)
      for (auto i = t - std::min(t, injection_guard_rows);
           i < std::min(rows, t + injection_guard_rows + 1); ++i)
        cut[i] = true;
  const auto width = target.features();
  auto kept = size_t{0};
  for (size_t t = 0; t < rows; ++t) {
    if (cut[t])
      continue;
    std::copy_n(target.values.begin() + static_cast<ptrdiff_t>(t * width),
                width,
                target.values.begin() + static_cast<ptrdiff_t>(kept * width));
    target.t[kept++] = target.t[t];
  }
  target.values.resize(kept * width);
  target.t.resize(kept);
  target.labels.assign(kept, 0);
}

/// Draws places and features, and changes rows.
class injector {
public:
  injector(table& target, const table& training, const table* donor,
           const injection_choice& choice)
    : target_{target},
      choice_{choice},
      lots_{choice.seed ^ hash_of(target.entity)},
      clean_{target.values},
      donor_{donor} {
    for (size_t i = 0; i < target.features(); ++i) {
      deviations_.push_back(deviation_of(column_of(training, i)));
      if (deviations_.back() > 0.0)
        live_.push_back(i);
    }
    for (size_t i = 0; i < target.features(); ++i) {
      auto values = column_of(target, i);
      middle_.push_back(quantile(values, 0.5));
      low_.push_back(quantile(values, 0.05));
      high_.push_back(quantile(values, 0.95));
    }
  }

  std::vector<injected_stretch> run() {
    auto result = std::vector<injected_stretch>{};
    if (live_.empty())
      return result;
    const auto length
      = std::ranges::find(kinds, choice_.kind, &kind_note::name)->length;
    const auto rows = target_.rows();
    const auto wanted = choice_.share * static_cast<double>(rows);
    const auto count = std::max(
      size_t{1},
      static_cast<size_t>(std::lround(wanted / static_cast<double>(length))));
    // One stretch a slot: they are spread out and can't meet. The share is
    // bounded so that the longest stretch fits twice.
    for (size_t i = 0; i < count; ++i) {
      const auto from = rows * i / count;
      const auto room = rows * (i + 1) / count - from;
      const auto size
        = std::min(length == 1 ? size_t{1} : length / 2 + below(length),
                   std::max(room / 2, size_t{1}));
      // The row before the stretch is a normal one, also at the very start.
      const auto begin = from + 1 + below(room - size);
      auto stretch = injected_stretch{begin, begin + size, {}};
      draw(stretch);
      for (auto t = stretch.begin; t < stretch.end; ++t)
        target_.labels[t] = 1;
      result.push_back(std::move(stretch));
    }
    return result;
  }

private:
  size_t below(size_t bound) {
    return static_cast<size_t>(lots_() % bound);
  }

  double& cell(size_t t, size_t feature) {
    return target_.values[t * target_.features() + feature];
  }

  [[nodiscard]] double clean(size_t t, size_t feature) const {
    return clean_[t * target_.features() + feature];
  }

  /// So many features as the kind hits, out of those in the order drawn: a
  /// greater strength hits the same ones and more.
  [[nodiscard]] size_t hits() const {
    const auto all = live_.size();
    const auto part = [all](double share) {
      return static_cast<size_t>(
        std::lround(std::min(1.0, share) * static_cast<double>(all)));
    };
    const auto& kind = choice_.kind;
    if (kind == "mimicry" || kind == "surge")
      return all;
    if (kind == "spike" || kind == "level-shift" || kind == "drift")
      return std::max(size_t{1}, part(0.25));
    const auto least = kind == "frozen" ? size_t{1} : size_t{2};
    return std::min(
      all, std::max(least, part(choice_.strength * share_per_deviation)));
  }

  void draw(injected_stretch& stretch) {
    auto order = live_;
    for (size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[below(i)]);
    const auto is_surge = choice_.kind == "surge";
    const auto from = donor_     ? below(donor_->rows())
                      : is_surge ? below(target_.rows())
                                 : 0;
    if (is_surge)
      turn_to(from);
    for (size_t k = 0; k < order.size(); ++k) {
      // Drawn for all, so that strength moves no later lot.
      const auto sign = below(2) == 0 ? -1.0 : 1.0;
      const auto other = below(target_.rows());
      if (k >= hits())
        continue;
      stretch.features.push_back(order[k]);
      change(stretch, order[k], sign, donor_ ? from : other);
    }
    std::ranges::sort(stretch.features);
  }

  /// Sets the direction, of length 1 a feature in the mean, in which the row
  /// lies from the middle of all.
  void turn_to(size_t row) {
    direction_.assign(target_.features(), 0.0);
    auto squares = 0.0;
    for (auto i : live_)
      if (const auto x = clean(row, i); std::isfinite(x)) {
        direction_[i] = (x - middle_[i]) / deviations_[i];
        squares += direction_[i] * direction_[i];
      }
    const auto length = std::sqrt(squares / static_cast<double>(live_.size()));
    for (auto& x : direction_)
      x = length > 0.0 ? x / length : 1.0;
  }

  /// Changes one feature over a stretch. `from`: the row that values of another
  /// time or entity begin with.
  void change(const injected_stretch& stretch, size_t i, double sign,
              size_t from) {
    const auto size = stretch.end - stretch.begin;
    const auto step = sign * choice_.strength * deviations_[i];
    const auto& kind = choice_.kind;
    for (size_t k = 0; k < size; ++k) {
      const auto t = stretch.begin + k;
      const auto x = clean(t, i);
      if (kind == "spike" || kind == "level-shift")
        cell(t, i) = x + step;
      else if (kind == "drift")
        cell(t, i)
          = x + step * static_cast<double>(k + 1) / static_cast<double>(size);
      else if (kind == "surge")
        cell(t, i) = x + choice_.strength * deviations_[i] * direction_[i];
      else if (kind == "broken-correlation")
        cell(t, i) = clean((from + k) % target_.rows(), i);
      else if (kind == "mimicry")
        cell(t, i) = std::isfinite(x)
                       ? std::clamp(x + step, std::min(x, low_[i]),
                                    std::max(x, high_[i]))
                       : x;
      else if (kind == "impersonation")
        cell(t, i) = donor_->row((from + k) % donor_->rows())[i];
      else
        cell(t, i) = clean(stretch.begin - 1, i);
    }
  }

  table& target_;
  const injection_choice& choice_;
  std::mt19937_64 lots_;
  std::vector<double> clean_;
  const table* donor_;
  std::vector<double> deviations_;
  /// Features that are not constant in training.
  std::vector<size_t> live_;
  /// By feature, of the rows that anomalies go into.
  std::vector<double> middle_;
  std::vector<double> low_;
  std::vector<double> high_;
  /// Of the surge under way, in deviations.
  std::vector<double> direction_;
};

result<void> check(const table& target, const table& training,
                   const table* donor, const injection_choice& choice) {
  const auto wrong = [&](std::string_view what) {
    return failure{ec::invalid_option,
                   fmt::format("entity '{}': inject: {}", target.entity, what)};
  };
  if (std::ranges::find(names, choice.kind) == names.end())
    return wrong(fmt::format("no kind is named '{}'; there are {}", choice.kind,
                             fmt::join(names, ", ")));
  if (!(choice.strength > 0.0 && choice.strength <= injection_strength_max))
    return wrong(fmt::format("strength {} is not above 0 and up to {}",
                             choice.strength, injection_strength_max));
  if (!(choice.share > 0.0 && choice.share <= injection_share_max))
    return wrong(fmt::format("share {} is not above 0 and up to {}",
                             choice.share, injection_share_max));
  if (training.features() != target.features())
    return wrong("its training file has other columns than its test file");
  if (needs_donor(choice)
      && (!donor || donor->rows() == 0
          || donor->features() != target.features()))
    return wrong(fmt::format("kind '{}' needs another entity with {} features",
                             choice.kind, target.features()));
  return {};
}

} // namespace

std::span<const std::string_view> injection_kinds() {
  return names;
}

bool needs_donor(const injection_choice& choice) {
  return choice.kind == "impersonation";
}

result<std::vector<injected_stretch>>
inject(table& target, const table& training, const table* donor,
       const injection_choice& choice) {
  if (auto done = check(target, training, donor, choice); !done)
    return done.error();
  if (target.labels.size() != target.rows())
    return failure{ec::malformed_input,
                   fmt::format("entity '{}': inject: its test rows have no "
                               "labels, so nobody knows which are normal",
                               target.entity)};
  cut_out_anomalies(target);
  if (target.rows() < rows_min)
    return failure{ec::malformed_input,
                   fmt::format("entity '{}': inject: {} normal rows are left, "
                               "{} are needed",
                               target.entity, target.rows(), rows_min)};
  return injector{target, training, needs_donor(choice) ? donor : nullptr,
                  choice}
    .run();
}

} // namespace starling::experiment
