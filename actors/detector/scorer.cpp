#include "actors/detector/scorer.hpp"

#include "actors/detector/flock_scorer.hpp"
#include "actors/detector/half_space_scorer.hpp"
#include "actors/detector/loda_scorer.hpp"
#include "actors/detector/mahalanobis_scorer.hpp"
#include "actors/detector/subspace_scorer.hpp"
#include "actors/detector/whitener.hpp"
#include "actors/detector/z_scorer.hpp"
#include "runtime/trust/deviation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>

namespace starling::detector {

namespace {

constexpr auto known = std::array<std::string_view, 7>{
  "flock",    "mahalanobis",      "pca",    "loda",
  "robust-z", "half-space-trees", "ewma-z",
};

// Whiteners keep a number a feature on the stack, and evidence names features.
static_assert(scorer::features_max <= whitener::features_max);
static_assert(scorer::features_max <= deviation_features_max);

} // namespace

scorer::~scorer() = default;

std::span<const std::string_view> names() {
  return known;
}

result<std::unique_ptr<scorer>> make_scorer(std::string_view name,
                                            const scorer::options& opts) {
  if (opts.features == 0 || opts.features > scorer::features_max)
    return failure{ec::invalid_option,
                   fmt::format("detector '{}': features is {}; give 1 to {}",
                               name, opts.features, scorer::features_max)};
  if (!std::isfinite(opts.smoothing_rows))
    return failure{ec::invalid_option,
                   fmt::format("detector '{}': smoothing_rows is not finite; "
                               "give rows, or -1 for the default",
                               name)};
  auto own = opts;
  if (own.smoothing_rows < 0.0)
    own.smoothing_rows = name == "flock" ? 12.0 : 0.0;
  if (name == "flock")
    return std::unique_ptr<scorer>{std::make_unique<flock_scorer>(own)};
  if (name == "mahalanobis")
    return std::unique_ptr<scorer>{std::make_unique<mahalanobis_scorer>(own)};
  if (name == "pca")
    return std::unique_ptr<scorer>{std::make_unique<subspace_scorer>(own)};
  if (name == "loda")
    return std::unique_ptr<scorer>{std::make_unique<loda_scorer>(own)};
  if (name == "half-space-trees")
    return std::unique_ptr<scorer>{std::make_unique<half_space_scorer>(own)};
  if (name == "robust-z")
    return std::unique_ptr<scorer>{
      std::make_unique<z_scorer>(own, robust_scaling(own.features))};
  if (name == "ewma-z")
    return std::unique_ptr<scorer>{
      std::make_unique<z_scorer>(own, ewma_scaling(own.features))};
  return failure{ec::unknown_name,
                 fmt::format("no detector is named '{}'; there are {}, and "
                             "those of plugins (--plugins DIR, or plugin_dirs "
                             "in a node's file)",
                             name, fmt::join(known, ", "))};
}

} // namespace starling::detector
