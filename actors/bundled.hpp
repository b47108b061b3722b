#pragma once

#include <caf/error.hpp>

namespace starling {

class actor_catalog;

/// Adds all actor types that come with the program. Errors: duplicate_name.
caf::error add_bundled_actors(actor_catalog& catalog);

} // namespace starling
