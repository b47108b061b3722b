#include "actors/experiment/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace starling::experiment {

namespace {

constexpr auto one_percent = 0.01;
constexpr auto undefined = std::numeric_limits<double>::quiet_NaN();

double as_double(size_t x) {
  return static_cast<double>(x);
}

[[maybe_unused]] bool fits(label_span labels, score_span scores) {
  return !scores.empty() && labels.size() == scores.size();
}

/// Row numbers by falling score.
std::vector<size_t> ranking(score_span scores) {
  auto order = std::vector<size_t>(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [scores](size_t a, size_t b) {
    return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
  });
  return order;
}

size_t positives_of(label_span labels) {
  return labels.size() - static_cast<size_t>(std::ranges::count(labels, 0));
}

/// Flagging all rows of at least some score: what is flagged, and how much of
/// it rightly.
struct operating_point {
  size_t hits;
  size_t flagged;
};

/// One point a distinct score, from the highest down.
std::vector<operating_point> curve_of(label_span labels, score_span scores,
                                      const std::vector<size_t>& order) {
  auto out = std::vector<operating_point>{};
  auto hits = size_t{0};
  for (auto i = size_t{0}; i < order.size(); ++i) {
    hits += labels[order[i]] != 0 ? 1 : 0;
    if (i + 1 == order.size() || scores[order[i]] != scores[order[i + 1]])
      out.push_back({hits, i + 1});
  }
  return out;
}

double roc_of(const std::vector<operating_point>& curve) {
  const auto positives = as_double(curve.back().hits);
  const auto negatives = as_double(curve.back().flagged) - positives;
  // Trapezoids under the curve are the Mann-Whitney statistic with mid-ranks.
  // All terms are halves of integers, so nothing is rounded before the end.
  auto area = 0.0;
  auto last = operating_point{0, 0};
  for (const auto& point : curve) {
    const auto alarms = as_double(point.flagged - point.hits)
                        - as_double(last.flagged - last.hits);
    area += alarms * (as_double(point.hits) + as_double(last.hits)) / 2.0;
    last = point;
  }
  return area / (positives * negatives);
}

double precision_of(const std::vector<operating_point>& curve) {
  const auto positives = as_double(curve.back().hits);
  auto sum = 0.0;
  auto recall = 0.0;
  for (const auto& point : curve) {
    const auto now = as_double(point.hits) / positives;
    sum += (now - recall) * as_double(point.hits) / as_double(point.flagged);
    recall = now;
  }
  return positives > 0.0 ? sum : undefined;
}

double f1_of(const std::vector<operating_point>& curve) {
  auto best = 0.0;
  for (const auto& point : curve)
    best = std::max(best, 2.0 * as_double(point.hits)
                            / as_double(point.flagged + curve.back().hits));
  return best;
}

double recall_of(const std::vector<operating_point>& curve,
                 double false_positives) {
  const auto positives = curve.back().hits;
  const auto negatives = curve.back().flagged - positives;
  if (positives == 0 || negatives == 0)
    return undefined;
  // 0.01 times 700 is a little more than 7, others a little less.
  const auto alarms_max = false_positives * as_double(negatives) + 1e-9;
  auto best = size_t{0};
  for (const auto& point : curve)
    if (as_double(point.flagged - point.hits) <= alarms_max)
      best = point.hits;
  return as_double(best) / as_double(positives);
}

// -- volume under the surface -------------------------------------------------

constexpr size_t thresholds = 250;
constexpr auto buffers = std::array<size_t, 6>{0, 4, 8, 12, 16, 20};

/// The parts that do not depend on the width of the halo.
struct surface {
  label_span labels;
  score_span scores;
  std::vector<size_t> order;
  std::vector<incident> incidents;
  /// By threshold, from the highest down: its value and the rows at or above.
  std::array<double, thresholds> value{};
  std::array<size_t, thresholds> flagged{};
};

surface make_surface(label_span labels, score_span scores,
                     const std::vector<size_t>& order) {
  auto out = surface{labels, scores, order, incidents_of(labels), {}, {}};
  const auto step
    = as_double(scores.size() - 1) / static_cast<double>(thresholds - 1);
  for (auto i = size_t{0}; i < thresholds; ++i) {
    // The last one is named, since the product may fall just short of it.
    const auto rank = i + 1 == thresholds
                        ? scores.size() - 1
                        : static_cast<size_t>(as_double(i) * step);
    out.value[i] = scores[order[rank]];
    const auto below = std::ranges::partition_point(
      order, [&](size_t row) { return scores[row] >= out.value[i]; });
    out.flagged[i] = static_cast<size_t>(below - order.begin());
  }
  return out;
}

/// Weights in (0, 1] of the normal rows around incidents.
std::vector<double> halo_of(const surface& in, size_t width) {
  const auto rows = in.scores.size();
  auto halo = std::vector<double>(rows, 0.0);
  for (const auto& [begin, end] : in.incidents)
    for (auto d = size_t{1}; d <= width / 2; ++d) {
      const auto weight = std::sqrt(1.0 - as_double(d) / as_double(width));
      if (begin >= d)
        halo[begin - d] = std::max(halo[begin - d], weight);
      if (end - 1 + d < rows)
        halo[end - 1 + d] = std::max(halo[end - 1 + d], weight);
    }
  for (auto row = size_t{0}; row < rows; ++row)
    if (in.labels[row] != 0)
      halo[row] = 0.0;
  return halo;
}

/// The greatest score of each incident with its halo; those that touch count
/// as one.
std::vector<double> peaks_of(const surface& in, size_t width) {
  auto spans = std::vector<incident>{};
  for (const auto& [begin, end] : in.incidents) {
    const auto from = begin - std::min(begin, width / 2);
    const auto to = std::min(in.scores.size(), end + width / 2);
    if (!spans.empty() && from <= spans.back().end)
      spans.back().end = std::max(spans.back().end, to);
    else
      spans.push_back({from, to});
  }
  auto out = std::vector<double>{};
  for (const auto& [begin, end] : spans)
    out.push_back(std::ranges::max(in.scores.subspan(begin, end - begin)));
  return out;
}

double area_of(const surface& in, size_t width) {
  const auto halo = halo_of(in, width);
  const auto peaks = peaks_of(in, width);
  const auto positives = as_double(positives_of(in.labels));
  auto hits = size_t{0};
  auto near_hits = 0.0;
  auto row = size_t{0};
  auto before = 0.0;
  auto sum = 0.0;
  for (auto i = size_t{0}; i < thresholds; ++i) {
    for (; row < in.flagged[i]; ++row) {
      hits += in.labels[in.order[row]] != 0 ? 1 : 0;
      near_hits += halo[in.order[row]];
    }
    const auto touched = std::ranges::count_if(
      peaks, [&](double peak) { return peak >= in.value[i]; });
    const auto found = as_double(hits) + near_hits;
    const auto share = static_cast<double>(touched) / as_double(peaks.size());
    const auto recall
      = std::min(found / ((2.0 * positives + near_hits) / 2.0), 1.0) * share;
    sum += (recall - before) * found / as_double(in.flagged[i]);
    before = recall;
  }
  return sum;
}

double volume_of(label_span labels, score_span scores,
                 const std::vector<size_t>& order) {
  if (positives_of(labels) == 0)
    return undefined;
  const auto in = make_surface(labels, scores, order);
  auto sum = 0.0;
  for (auto width : buffers)
    sum += area_of(in, width);
  return sum / static_cast<double>(buffers.size());
}

} // namespace

double auc_roc(label_span labels, score_span scores) {
  assert(fits(labels, scores));
  return roc_of(curve_of(labels, scores, ranking(scores)));
}

double average_precision(label_span labels, score_span scores) {
  assert(fits(labels, scores));
  return precision_of(curve_of(labels, scores, ranking(scores)));
}

double best_f1(label_span labels, score_span scores) {
  assert(fits(labels, scores));
  return f1_of(curve_of(labels, scores, ranking(scores)));
}

double vus_pr(label_span labels, score_span scores) {
  assert(fits(labels, scores));
  return volume_of(labels, scores, ranking(scores));
}

double recall_at(label_span labels, score_span scores, double false_positives) {
  assert(fits(labels, scores));
  return recall_of(curve_of(labels, scores, ranking(scores)), false_positives);
}

figures figures_of(label_span labels, score_span scores) {
  assert(fits(labels, scores));
  const auto order = ranking(scores);
  const auto curve = curve_of(labels, scores, order);
  return {roc_of(curve), precision_of(curve), f1_of(curve),
          volume_of(labels, scores, order), recall_of(curve, one_percent)};
}

result<void> check_scores(label_span labels, score_span scores,
                          std::string_view what) {
  if (scores.empty() || labels.size() != scores.size())
    return failure{ec::malformed_input,
                   fmt::format("{}: {} scores for {} labelled rows; score "
                               "every row once",
                               what, scores.size(), labels.size())};
  const auto bad = std::ranges::find_if_not(
    scores, [](double score) { return std::isfinite(score); });
  if (bad != scores.end())
    return failure{ec::malformed_input,
                   fmt::format("{}: the score of row {} is not finite", what,
                               bad - scores.begin())};
  return {};
}

std::vector<incident> incidents_of(label_span labels) {
  auto out = std::vector<incident>{};
  for (auto row = size_t{0}; row < labels.size(); ++row) {
    if (labels[row] == 0)
      continue;
    if (!out.empty() && out.back().end == row)
      ++out.back().end;
    else
      out.push_back({row, row + 1});
  }
  return out;
}

std::optional<size_t> detection_delay(const incident& what, score_span levels,
                                      double threshold) {
  assert(what.begin < what.end && what.end <= levels.size());
  const auto rows = levels.subspan(what.begin, what.end - what.begin);
  const auto first = std::ranges::find_if(
    rows, [threshold](double level) { return level > threshold; });
  if (first == rows.end())
    return std::nullopt;
  return static_cast<size_t>(first - rows.begin());
}

std::string_view family_of(std::string_view entity) {
  return entity.substr(0, entity.find('-'));
}

std::vector<double> smoothed(score_span scores, double half_life_rows) {
  assert(half_life_rows > 0.0);
  const auto gain = 1.0 - std::pow(0.5, 1.0 / half_life_rows);
  auto out = std::vector<double>{};
  out.reserve(scores.size());
  auto mean = scores.empty() ? 0.0 : scores.front();
  for (auto score : scores) {
    mean += gain * (score - mean);
    out.push_back(mean);
  }
  return out;
}

} // namespace starling::experiment
