#pragma once

#include "actors/detector/scorer.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/result.hpp"

#include <caf/error.hpp>
#include <caf/settings.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace starling::detector {

/// A type of detectors that is made of a scorer: all else that a detector is
/// (the actor, calibration, evidence, baselines, silence) comes with it.
struct detector_type {
  /// Makes a scorer that knows nothing. The settings hold those of `options`
  /// that were given. Errors: invalid_option.
  using factory = std::function<result<std::unique_ptr<scorer>>(
    const scorer::options&, const caf::settings&)>;

  /// What experiments and `starling spawn` call it.
  std::string name;
  /// One line for people.
  std::string description;
  /// Names of options that it takes beside those of the bundled "detector".
  std::vector<std::string> options;
  factory make;
};

/// Changes with `scorer` and what it is made of.
inline constexpr uint32_t detector_abi = 1;

/// Adds such a type to the catalog; for plugins:
///
///     caf::error add_mine(starling::actor_catalog& catalog) {
///       return starling::detector::add_detector(catalog, {...});
///     }
///
/// Where no smoothing is asked for, it gets none. `abi` is what the plugin was
/// built with. Errors: duplicate_name; incompatible_plugin (another abi);
/// invalid_option (no factory, a name or an option that is taken).
caf::error add_detector(actor_catalog& catalog, detector_type type,
                        uint32_t abi = detector_abi);

} // namespace starling::detector
