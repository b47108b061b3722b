#include "runtime/resources/resource_state.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace starling::resources;

namespace {

struct fixture {
  resource_state state{{.cpu = 0.5, .memory = 1'000, .storage = 10'000}};
  resource_governor::verdict now;

  bool says(const std::string& text) {
    auto outcome = state.admit();
    return !outcome && outcome.error().code == ec::limit_reached
           && outcome.error().text.find(text) != std::string::npos;
  }
};

} // namespace

TEST_SUITE_BEGIN("resources/resource_state");

TEST_CASE_FIXTURE(fixture, "nothing is refused before anything was measured") {
  CHECK(state.admit());
  CHECK(state.credit() == credit_policy::at_once);
  CHECK(state.claim_storage(10'000, "a file"));
}

TEST_CASE_FIXTURE(fixture, "who is refused hears the limit and the figure") {
  now.memory = 900;
  now.memory_high = true;
  state.set(now);
  CHECK(says("900 of 1000 bytes"));
  CHECK(says("[limits] memory"));
  now = {.cpu_share = 0.75, .cpu_exceeded = true};
  state.set(now);
  CHECK(says("75 %"));
  CHECK(says("50 %"));
  CHECK(says("[limits] cpu"));
  state.set({});
  CHECK(state.admit());
}

TEST_CASE_FIXTURE(fixture, "credit is withheld for memory, delayed for cpu") {
  now.memory_high = true;
  state.set(now);
  CHECK(state.credit() == credit_policy::at_once);
  now.cpu_exceeded = true;
  state.set(now);
  CHECK(state.credit() == credit_policy::delayed);
  now.memory_exceeded = true;
  state.set(now);
  CHECK(state.credit() == credit_policy::withheld);
}

TEST_CASE_FIXTURE(fixture, "storage is claimed between two measurements") {
  state.set({.storage = 9'000});
  CHECK(state.claim_storage(600, "x"));
  auto refused = state.claim_storage(401, "tokens.txt");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ec::limit_reached);
  CHECK(refused.error().text.find("tokens.txt: state_dir holds 9600 of 10000")
        != std::string::npos);
  state.add_storage(401);
  CHECK(state.storage() == 10'001);
  CHECK_FALSE(state.claim_storage(0, "x"));
  state.release_storage(2'001);
  CHECK(state.storage() == 8'000);
  state.release_storage(20'000);
  CHECK(state.storage() == 0);
}

TEST_CASE_FIXTURE(fixture, "huge claims do not overflow") {
  CHECK_FALSE(state.claim_storage(UINT64_MAX, "x"));
  CHECK(state.storage() == 0);
}

TEST_SUITE_END();
