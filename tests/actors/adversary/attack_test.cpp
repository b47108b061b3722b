#include "actors/adversary/attack.hpp"

#include "actors/adversary/lot.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace starling;
using namespace starling::adversary;

TEST_SUITE_BEGIN("actors/adversary/attack");

TEST_CASE("every attack of the catalogue can be made, and does something") {
  auto seen = std::set<std::string_view>{};
  for (const auto& kind : attacks()) {
    CHECK(seen.insert(kind.name).second);
    auto opts = attack_options{};
    // Some need to be told to whom.
    if (kind.name == "framing")
      opts.parameters["targets"] = 1.0;
    const auto made = make_attack(kind.name, opts);
    REQUIRE(made);
    const auto spread = std::vector(4, 1.0);
    const auto model = std::vector(4, 5.0);
    auto changed = false;
    for (uint64_t row = 0; row < 100; ++row) {
      auto values = std::vector(4, 0.0);
      (*made)->change_row({7, row, spread, model}, values);
      changed = changed || values != std::vector(4, 0.0);
    }
    auto values = std::vector{0.0};
    auto weights = std::vector{1.0};
    changed = !(*made)->change_summary({}, values, weights) || changed
              || values != std::vector{0.0};
    for (auto lies : {false, true})
      changed = changed
                || (*made)->testify({1, 2, lies, trust_zone::quarantined})
                     != trust_zone::quarantined
                || (*made)->testify({1, 2, lies, trust_zone::trusted})
                     != trust_zone::trusted;
    CHECK_MESSAGE(changed, kind.name);
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("parameters are checked against the catalogue") {
  const auto code = [](std::string_view name, const char* key, double value) {
    const auto made = make_attack(name, {.parameters = {{key, value}}});
    REQUIRE_FALSE(made);
    return made.error().code;
  };
  CHECK(make_attack("on-off", {.parameters = {{"on", 3.0}}}));
  CHECK(code("on-off", "on", 0.0) == ec::invalid_option);
  CHECK(code("on-off", "targets", 0.1) == ec::invalid_option);
  CHECK(code("framing", "targets", 1.5) == ec::invalid_option);
  CHECK(code("silence", "lie", 1.0) == ec::invalid_option);
  CHECK(code("rhetoric", "lie", 1.0) == ec::unknown_name);
  CHECK(make_attack("rhetoric", {}).error().text.find("framing")
        != std::string::npos);
}

TEST_CASE("lots are spread evenly and follow from the numbers alone") {
  auto sum = 0.0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    const auto share = share_of(lot({3, i}));
    CHECK(share >= 0.0);
    CHECK(share < 1.0);
    sum += share;
  }
  // The standard error is 0.0029.
  CHECK(sum / 10'000 == doctest::Approx(0.5).epsilon(0.02));
  CHECK(lot({1, 2}) == lot({1, 2}));
  CHECK(lot({1, 2}) != lot({2, 1}));
}

TEST_SUITE_END();
