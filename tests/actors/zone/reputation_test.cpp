#include "actors/zone/reputation.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace std::chrono_literals;
using zone::reputation;

namespace {

const auto start = reputation::clock::time_point{} + 24h;

} // namespace

TEST_SUITE_BEGIN("actors/zone/reputation");

TEST_CASE("a stranger is neutral") {
  CHECK(reputation{{}, start}.value(start) == 0.5);
}

TEST_CASE("good deeds raise and bad ones lower, within bounds") {
  auto worth = reputation{{}, start};
  worth.note(conduct::answered, start);
  // 0.5 + 0.005 * 0.5
  CHECK(worth.value(start) == doctest::Approx(0.5025));
  worth.note(conduct::violation, start);
  // 0.5025 * (1 - 0.25)
  CHECK(worth.value(start) == doctest::Approx(0.376875));
  auto now = start;
  for (int i = 0; i < 10'000; ++i)
    worth.note(conduct::answered, now += 1s);
  CHECK(worth.value(now) > 0.99);
  CHECK(worth.value(now) <= 1.0);
  for (int i = 0; i < 1'000; ++i)
    worth.note(conduct::forged, now);
  CHECK(worth.value(now) >= 0.0);
  CHECK(worth.value(now) < 1e-9);
}

TEST_CASE("standing is earned by time, not by volume") {
  auto worth = reputation{{}, start};
  for (int i = 0; i < 1'000; ++i)
    worth.note(conduct::answered, start + i * 900us);
  CHECK(worth.value(start + 1s) == doctest::Approx(0.5025));
}

TEST_CASE("a reputation loses its share of the distance in each hour") {
  auto opts = reputation::options{};
  opts.decay_per_hour = 0.5;
  opts.violation = 0.8;
  auto worth = reputation{opts, start};
  worth.note(conduct::violation, start); // 0.1, at a distance of 0.4
  CHECK(worth.value(start + 1h) == doctest::Approx(0.3));
  CHECK(worth.value(start + 2h) == doctest::Approx(0.4));
  CHECK(worth.value(start + 30min) == doctest::Approx(0.5 - 0.4 / 1.41421356));
  opts.decay_per_hour = 0.0;
  auto fixed = reputation{opts, start};
  fixed.note(conduct::violation, start);
  CHECK(fixed.value(start + 1000h) == doctest::Approx(0.1));
  opts.decay_per_hour = 1.0;
  auto brief = reputation{opts, start};
  brief.note(conduct::violation, start);
  CHECK(brief.value(start + 1h) == doctest::Approx(0.5));
}

TEST_CASE("silence lowers a reputation slowly, and not to the bottom") {
  auto worth = reputation{{}, start};
  worth.note(conduct::unanswered, start);
  worth.note(conduct::unanswered, start + 1ms);
  CHECK(worth.value(start + 1ms) == doctest::Approx(0.475));
  for (int i = 1; i < 1'000; ++i)
    worth.note(conduct::unanswered, start + i * 1s);
  CHECK(worth.value(start + 1000s) == doctest::Approx(0.25).epsilon(0.01));
  worth.note(conduct::violation, start + 1000s);
  const auto before = worth.value(start + 1000s);
  worth.note(conduct::unanswered, start + 1001s);
  CHECK(worth.value(start + 1001s) == doctest::Approx(before));
}

TEST_CASE("a second chance lifts, and never lowers") {
  auto worth = reputation{{}, start};
  worth.lift(0.25, start);
  CHECK(worth.value(start) == 0.5);
  for (int i = 0; i < 20; ++i)
    worth.note(conduct::violation, start);
  worth.lift(0.25, start);
  CHECK(worth.value(start) == 0.25);
}

TEST_SUITE_END();
