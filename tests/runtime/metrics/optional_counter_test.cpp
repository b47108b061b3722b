#include "runtime/metrics/optional_counter.hpp"

#include <doctest/doctest.h>

using namespace starling::metrics;

TEST_SUITE_BEGIN("runtime/metrics/optional_counter");

TEST_CASE("it counts where there is a registry") {
  auto all = registry{};
  auto subject = optional_counter{&all, "starling_birds_total", "Birds seen."};
  subject.add();
  subject.add(2.0);
  const auto seen = all.add_counter("starling_birds_total", "Birds seen.");
  REQUIRE(seen);
  CHECK(seen->value() == 3.0);
}

TEST_CASE("without a registry, or with a name that is none, it does nothing") {
  auto nowhere = optional_counter{nullptr, "starling_birds_total", "Birds."};
  nowhere.add();
  auto all = registry{};
  REQUIRE_FALSE(all.add_counter("birds of prey", "Birds."));
  auto nameless = optional_counter{&all, "birds of prey", "Birds."};
  nameless.add();
}

TEST_SUITE_END();
