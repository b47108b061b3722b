#include "runtime/resources/resource_governor.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling::resources;
using namespace std::chrono_literals;

namespace {

const auto start = resource_governor::clock::time_point{} + 1h;

struct fixture {
  resource_governor model{
    {.cpu = 0.5, .processors = 4, .memory = 1'000, .storage = 10'000}};
  resource_governor::clock::time_point now = start;
  usage used;

  /// A second passes in which so many processors work.
  resource_governor::verdict second(double processors) {
    now += 1s;
    used.cpu_time += std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(processors));
    return model.take(used, now);
  }
};

} // namespace

TEST_SUITE_BEGIN("resources/resource_governor");

TEST_CASE_FIXTURE(fixture, "the processor share is that of all processors") {
  CHECK(second(4).cpu_share == 0.0);
  CHECK(second(1).cpu_share == doctest::Approx(0.25));
  CHECK(second(3).cpu_share == doctest::Approx(0.5));
}

TEST_CASE_FIXTURE(fixture, "a burst is no reason to refuse anybody") {
  for (auto i = 0; i < 20; ++i)
    second(0.4);
  CHECK_FALSE(second(4).cpu_exceeded);
  CHECK_FALSE(second(4).cpu_exceeded);
  // (10 - n) * .4 + n * 4 > 20 from the fifth on.
  CHECK_FALSE(second(4).cpu_exceeded);
  CHECK_FALSE(second(4).cpu_exceeded);
  const auto fifth = second(4);
  CHECK(fifth.cpu_exceeded);
  REQUIRE(fifth.crossings.size() == 1);
  CHECK(fifth.crossings[0].what == resource::cpu);
  CHECK(fifth.crossings[0].exceeded);
  CHECK(second(4).crossings.empty());
}

TEST_CASE_FIXTURE(fixture, "what was used before the window is forgotten") {
  for (auto i = 0; i < 30; ++i)
    second(4);
  CHECK(second(4).cpu_exceeded);
  for (auto i = 0; i < 9; ++i)
    second(0);
  const auto last = second(0);
  CHECK(last.cpu_share == doctest::Approx(0.0));
  CHECK_FALSE(last.cpu_exceeded);
}

TEST_CASE_FIXTURE(fixture, "memory has a threshold before the limit") {
  used.memory = 850;
  CHECK_FALSE(second(0).memory_high);
  used.memory = 851;
  auto found = second(0);
  CHECK(found.memory_high);
  CHECK_FALSE(found.memory_exceeded);
  REQUIRE(found.crossings.size() == 1);
  CHECK(found.crossings[0].what == resource::memory);
  used.memory = 1'001;
  found = second(0);
  CHECK(found.memory_exceeded);
  CHECK(found.crossings.empty());
}

TEST_CASE_FIXTURE(fixture, "a figure that hovers changes the verdict once") {
  used.memory = 1'001;
  CHECK(second(0).memory_exceeded);
  auto changes = 0;
  for (auto i = 0; i < 10; ++i) {
    used.memory = i % 2 == 0 ? 999 : 1'001;
    const auto found = second(0);
    CHECK(found.memory_exceeded);
    changes += static_cast<int>(found.crossings.size());
  }
  CHECK(changes == 0);
  used.memory = 950;
  auto found = second(0);
  CHECK_FALSE(found.memory_exceeded);
  CHECK(found.memory_high);
  used.memory = 790;
  found = second(0);
  CHECK_FALSE(found.memory_high);
  REQUIRE(found.crossings.size() == 1);
  CHECK_FALSE(found.crossings[0].exceeded);
}

TEST_CASE_FIXTURE(fixture, "storage is judged like memory") {
  used.storage = 10'000;
  CHECK_FALSE(second(0).storage_exceeded);
  used.storage = 10'001;
  const auto found = second(0);
  CHECK(found.storage_exceeded);
  REQUIRE(found.crossings.size() == 1);
  CHECK(std::string{to_string(found.crossings[0].what)} == "storage");
}

TEST_CASE(
  "samples in plenty do not grow memory or shorten the window to none") {
  auto model = resource_governor{{.cpu = 0.5, .processors = 1}};
  auto used = usage{};
  auto now = start;
  auto last = resource_governor::verdict{};
  for (auto i = 0; i < 10'000; ++i) {
    now += 1ms;
    used.cpu_time += 1ms;
    last = model.take(used, now);
  }
  CHECK(last.cpu_share == doctest::Approx(1.0));
}

TEST_SUITE_END();
