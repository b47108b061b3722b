#include "actors/detector/row_judge.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace starling::detector {

result<row_judge> row_judge::make(std::string_view scorer,
                                  const scorer::options& scoring,
                                  const calibrator::options& calibration) {
  auto expert = make_scorer(scorer, scoring);
  if (!expert)
    return expert.error();
  return make(std::move(*expert), calibration);
}

result<row_judge> row_judge::make(std::unique_ptr<scorer> expert,
                                  const calibrator::options& calibration) {
  auto scale = calibrator::make(calibration);
  if (!scale)
    return scale.error();
  return row_judge{std::move(expert), std::move(*scale)};
}

row_judge::row_judge(std::unique_ptr<scorer> expert, calibrator scale)
  : scorer_{std::move(expert)},
    calibrator_{std::move(scale)} {
  // nop
}

void row_judge::learn(std::span<const double> row) {
  scorer_->learn(row);
  calibrator_.seed(scorer_->instant_score());
}

verdict row_judge::judge(std::span<const double> row) {
  const auto score = scorer_->score(row);
  if (std::ranges::none_of(row, [](double x) { return std::isfinite(x); }))
    return {score, level_unjudged};
  return {score, calibrator_.level(scorer_->instant_score())};
}

} // namespace starling::detector
