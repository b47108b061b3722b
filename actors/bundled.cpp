#include "actors/bundled.hpp"

#include "actors/echo/json_echo.hpp"
#include "actors/supervisor/tree_supervisor.hpp"
#include "runtime/plugin/actor_catalog.hpp"

namespace starling {

caf::error add_bundled_actors(actor_catalog& catalog) {
  for (auto add : {echo::add_json_echo, supervisor::add_tree_supervisor})
    if (auto failed = add(catalog))
      return failed;
  return {};
}

} // namespace starling
