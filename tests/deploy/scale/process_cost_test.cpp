#include "deploy/scale/process_cost.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace starling::deploy;

namespace {

/// Returns how many processors a process may use after that call; the tests'
/// own process stays as it is.
int processors_after(size_t kept) {
  const auto child = ::fork();
  if (child == 0) {
    keep_to_processors(kept);
    auto allowed = cpu_set_t{};
    ::sched_getaffinity(0, sizeof(allowed), &allowed);
    ::_exit(CPU_COUNT(&allowed));
  }
  auto status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

} // namespace

TEST_SUITE_BEGIN("deploy/scale/process_cost");

TEST_CASE("a process keeps to as many processors as it is told") {
  auto allowed = cpu_set_t{};
  REQUIRE(::sched_getaffinity(0, sizeof(allowed), &allowed) == 0);
  const auto all = CPU_COUNT(&allowed);
  CHECK(processors_after(0) == all);
  CHECK(processors_after(1) == 1);
  CHECK(processors_after(100'000) == all);
}

TEST_CASE("what is used in between is never negative") {
  const auto before = process_cost::now();
  const auto spent = process_cost::now() - before;
  CHECK(spent.wall_s >= 0.0);
  CHECK(spent.cpu_s >= 0.0);
  auto more = before;
  more.resident_bytes += 1;
  CHECK((before - more).resident_bytes == 0);
}

TEST_SUITE_END();
