#include "actors/experiment/training_poison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace starling::experiment {

namespace {

constexpr auto kinds = std::array<std::string_view, 10>{
  "spikes",    "shifts",    "surges",  "noise",
  "begin",     "end",       "foreign", "foreign-incidents",
  "incidents", "scrambled",
};

constexpr size_t features_hit = 5;

size_t stretch_of(std::string_view kind) {
  if (kind == "spikes" || kind == "scrambled")
    return 1;
  return kind == "noise" ? 20 : 60;
}

/// Names to numbers, the same on all machines (FNV-1a).
uint64_t hash_of(std::string_view text) {
  auto result = uint64_t{14695981039346656037U};
  for (auto c : text)
    result = (result ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return result;
}

std::vector<double> deviations_of(const table& rows) {
  auto result = std::vector<double>(rows.features());
  for (size_t i = 0; i < rows.features(); ++i) {
    auto mean = 0.0;
    auto squares = 0.0;
    auto count = 0.0;
    for (size_t t = 0; t < rows.rows(); ++t)
      if (const auto x = rows.row(t)[i]; std::isfinite(x)) {
        count += 1.0;
        const auto offset = x - mean;
        mean += offset / count;
        squares += offset * (x - mean);
      }
    result[i] = count > 0.0 ? std::sqrt(squares / count) + 1e-9 : 1e-9;
  }
  return result;
}

std::vector<size_t> labelled_rows(const table& rows) {
  auto result = std::vector<size_t>{};
  for (size_t t = 0; t < rows.labels.size(); ++t)
    if (rows.labels[t] != 0)
      result.push_back(t);
  return result;
}

std::vector<size_t> all_rows(const table& rows) {
  auto result = std::vector<size_t>(rows.rows());
  for (size_t t = 0; t < result.size(); ++t)
    result[t] = t;
  return result;
}

/// Goes through the rows of one table and spoils some.
class poisoner {
public:
  poisoner(table& target, const poison_choice& choice, const table* donor)
    : target_{target},
      kind_{choice.kind},
      share_{choice.share},
      lots_{choice.seed ^ hash_of(target.entity)},
      deviations_{deviations_of(target)},
      donor_{donor} {
    if (kind_ == "scrambled")
      clean_ = target.values;
    if (donor_)
      donated_ = kind_ == "foreign" ? all_rows(*donor) : labelled_rows(*donor);
  }

  void run() {
    const auto stretch = stretch_of(kind_);
    const auto rows = target_.rows();
    if (kind_ == "begin" || kind_ == "end")
      draw();
    for (size_t t = 0; t < rows; ++t) {
      if (kind_ == "begin")
        on_ = static_cast<double>(t) < share_ * static_cast<double>(rows);
      else if (kind_ == "end")
        on_
          = static_cast<double>(rows - t) <= share_ * static_cast<double>(rows);
      else if (t % stretch == 0)
        draw();
      if (on_)
        spoil(t, t % stretch);
    }
  }

private:
  double lot() {
    return static_cast<double>(lots_() >> 11U) * 0x1p-53;
  }

  size_t below(size_t bound) {
    return static_cast<size_t>(lots_() % bound);
  }

  /// Draws what happens to a stretch.
  void draw() {
    on_ = lot() < share_;
    sign_ = below(2) == 0 ? -1.0 : 1.0;
    hit_.clear();
    if (kind_ == "spikes" || kind_ == "shifts")
      for (size_t i = 0; i < features_hit; ++i)
        hit_.push_back(below(target_.features()));
    if (kind_ == "begin" || kind_ == "end") {
      sign_ = 1.0;
      for (size_t i = 0; i < target_.features(); ++i)
        if (below(2) == 0)
          hit_.push_back(i);
    }
    start_ = donated_.empty() ? 0 : below(donated_.size());
  }

  void spoil(size_t t, size_t offset) {
    const auto width = target_.features();
    const auto row = std::span{target_.values}.subspan(t * width, width);
    if (donor_) {
      const auto from = donated_[(start_ + offset) % donated_.size()];
      std::ranges::copy(donor_->row(from), row.begin());
    } else if (kind_ == "scrambled") {
      for (size_t i = 0; i < width; ++i)
        row[i] = clean_[below(target_.rows()) * width + i];
    } else if (kind_ == "surges") {
      for (size_t i = 0; i < width; ++i)
        row[i] += sign_ * 5.0 * deviations_[i];
    } else if (kind_ == "noise") {
      for (size_t i = 0; i < width; ++i)
        row[i] += (10.0 * lot() - 5.0) * deviations_[i];
    } else {
      const auto size
        = stretch_of(kind_) == 1 || kind_ == "shifts" ? 10.0 : 5.0;
      for (auto i : hit_)
        row[i] += sign_ * size * deviations_[i];
    }
  }

  table& target_;
  std::string_view kind_;
  double share_;
  std::mt19937_64 lots_;
  std::vector<double> deviations_;
  std::vector<double> clean_;
  const table* donor_;
  std::vector<size_t> donated_;
  bool on_ = false;
  double sign_ = 1.0;
  std::vector<size_t> hit_;
  size_t start_ = 0;
};

} // namespace

std::span<const std::string_view> poison_kinds() {
  return kinds;
}

bool is_foreign(std::string_view kind) {
  return kind.starts_with("foreign");
}

result<void> poison_training(table& target, const poison_choice& choice,
                             const poison_sources& from) {
  if (std::ranges::find(kinds, choice.kind) == kinds.end())
    return failure{ec::invalid_option,
                   fmt::format("poison: no kind is named '{}'; there are {}",
                               choice.kind, fmt::join(kinds, ", "))};
  if (choice.share <= 0.0 || target.rows() == 0)
    return {};
  const auto* donor = is_foreign(choice.kind)      ? from.other
                      : choice.kind == "incidents" ? from.own_test
                                                   : nullptr;
  const auto needs = is_foreign(choice.kind) || choice.kind == "incidents";
  const auto labelled = choice.kind != "foreign";
  if (needs
      && (!donor || donor->features() != target.features() || donor->rows() == 0
          || (labelled && labelled_rows(*donor).empty())))
    return failure{
      ec::invalid_option,
      fmt::format("entity '{}': poison '{}' finds no rows of {} features to "
                  "put in; choose another kind",
                  target.entity, choice.kind, target.features())};
  poisoner{target, choice, donor}.run();
  return {};
}

} // namespace starling::experiment
