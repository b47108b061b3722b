#include "actors/bundled.hpp"

#include "messages/error.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <doctest/doctest.h>

TEST_SUITE_BEGIN("actors/bundled");

TEST_CASE("the bundled actor types enter a catalog once") {
  auto catalog = starling::actor_catalog{};
  REQUIRE_FALSE(starling::add_bundled_actors(catalog));
  for (const auto* name : {"echo", "experiment", "supervisor"})
    CHECK(catalog.contains(name));
  CHECK(starling::add_bundled_actors(catalog) == starling::ec::duplicate_name);
}

TEST_SUITE_END();
