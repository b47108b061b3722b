#pragma once

#include "deploy/control/request.hpp"
#include "runtime/result.hpp"

#include <caf/settings.hpp>

namespace starling::control {

/// Returns the options of an actor as CAF takes them. `options` is an object
/// that `parse_request` has read, so its depth is bounded. Errors:
/// invalid_option (no object, or null somewhere in it).
[[nodiscard]] result<caf::settings> to_settings(const json& options);

} // namespace starling::control
