#include "actors/zone/zone_book.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;
using namespace starling::zone;
using namespace std::chrono_literals;

namespace {

/// Rows of five minutes: a quarantine of an hour is twelve of them.
zone_book book_of(const std::vector<std::string>& names) {
  auto made = zone_book::make({});
  REQUIRE(made);
  REQUIRE(made->watch(names));
  return std::move(*made);
}

} // namespace

TEST_SUITE_BEGIN("actors/zone/zone_book");

TEST_CASE("quarantine lasts for the rows that an hour has") {
  auto book = book_of({"bob"});
  auto levels = std::vector<double>(40, 0.1);
  levels[5] = 0.99;
  const auto changes = book.judge("bob", 0, levels, false);
  REQUIRE(changes);
  REQUIRE(changes->size() == 3);
  CHECK((*changes)[0].row == 5);
  CHECK((*changes)[0].change.to == trust_zone::quarantined);
  // 12 rows of 5 min are an hour; probation is half an hour after that.
  CHECK((*changes)[1].row == 17);
  CHECK((*changes)[1].change.to == trust_zone::monitored);
  CHECK((*changes)[2].change.to == trust_zone::trusted);
  CHECK((*changes)[2].row >= 23);
}

TEST_CASE("the same levels give the same changes however they are cut up") {
  auto levels = std::vector<double>{};
  for (auto i = 0; i < 500; ++i)
    levels.push_back(i % 97 == 3 ? 0.97 : i % 31 == 0 ? 0.85 : 0.1);
  auto whole = book_of({"bob"});
  const auto expected = *whole.judge("bob", 0, levels, true);
  CHECK(expected.size() > 10);
  auto parts = book_of({"bob"});
  auto found = std::vector<zone_book::dated_change>{};
  for (size_t first = 0; first < levels.size(); first += 7) {
    // Each part begins three rows before what is known already.
    const auto from = first < 3 ? 0 : first - 3;
    const auto count = std::min<size_t>(first + 7, levels.size()) - from;
    const auto part
      = parts.judge("bob", from, std::span{levels}.subspan(from, count), false);
    REQUIRE(part);
    for (const auto& change : *part)
      found.push_back(change);
  }
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].row == expected[i].row);
    CHECK(found[i].change.to == expected[i].change.to);
    CHECK(found[i].change.reason == expected[i].change.reason);
  }
}

TEST_CASE("gaps, levels out of range and strangers are refused") {
  auto book = book_of({"bob"});
  const auto level = std::vector<double>{0.1};
  CHECK(book.judge("bob", 1, level, false).error().code == ec::malformed_input);
  CHECK(book.judge("eve", 0, level, false).error().code == ec::unknown_name);
  for (auto wrong : {-0.1, 1.1, std::nan("")})
    CHECK(book.judge("bob", 0, std::vector{wrong}, false).error().code
          == ec::malformed_input);
  CHECK(book.find("bob")->rows == 0);
}

TEST_CASE("the horizon is the row of the agent that is furthest behind") {
  auto book = book_of({"ann", "bob"});
  CHECK(book.horizon() == 0);
  const auto ten = std::vector<double>(10, 0.1);
  CHECK(book.judge("ann", 0, ten, false));
  CHECK(book.horizon() == 0);
  CHECK(book.judge("bob", 0, std::span{ten}.first(4), true));
  CHECK(book.horizon() == 10);
  CHECK(book.judge("ann", 10, ten, true));
  CHECK(book.horizon() == zone_book::no_row);
}

TEST_CASE("an agent that is watched on keeps its zone, another is forgotten") {
  auto book = book_of({"ann", "bob"});
  CHECK(book.judge("bob", 0, std::vector{0.99}, false));
  CHECK(book.watch(std::vector<std::string>{"bob", "cid"}));
  CHECK(book.find("bob")->policy.current() == trust_zone::quarantined);
  CHECK(book.find("cid")->policy.current() == trust_zone::trusted);
  CHECK_FALSE(book.find("ann"));
}

TEST_CASE("an operator releases whom is cut off, and only those") {
  auto book = book_of({"bob"});
  CHECK(book.release("bob").error().code == ec::wrong_state);
  CHECK(book.release("eve").error().code == ec::unknown_name);
  CHECK(book.judge("bob", 0, std::vector{0.1, 0.99}, false));
  const auto released = book.release("bob");
  REQUIRE(released);
  CHECK(released->row == 1);
  CHECK(released->change.to == trust_zone::monitored);
}

TEST_CASE("bounds are kept") {
  auto made = zone_book::make({.policy = {}, .agents_max = 1});
  REQUIRE(made);
  CHECK(made->watch(std::vector<std::string>{"a", "b"}).error().code
        == ec::limit_reached);
  CHECK(made->watch(std::vector<std::string>{""}).error().code
        == ec::invalid_option);
  CHECK(zone_book::make({.policy = {}, .row_interval = 0s}).error().code
        == ec::invalid_option);
}

TEST_SUITE_END();
