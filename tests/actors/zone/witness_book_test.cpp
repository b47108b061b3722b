#include "actors/zone/witness_book.hpp"

#include <doctest/doctest.h>

using namespace starling;
using starling::zone::witness_book;

namespace {

constexpr auto fine = trust_zone::trusted;
constexpr auto bad = trust_zone::quarantined;

witness_book make(const witness_book::options& opts = {}) {
  auto made = witness_book::make(opts);
  REQUIRE(made);
  return std::move(*made);
}

void hear(witness_book& book, std::initializer_list<uint64_t> witnesses,
          uint64_t subject, trust_zone zone) {
  for (auto each : witnesses)
    REQUIRE(book.hear(each, subject, zone));
}

} // namespace

TEST_SUITE_BEGIN("actors/zone/witness_book");

TEST_CASE("the majority decides, and in doubt nobody is cut off") {
  auto book = make({.heard_from = 0.5});
  CHECK(book.verdict(1) == fine);
  hear(book, {1, 2}, 1, bad);
  CHECK(book.verdict(1) == bad);
  hear(book, {3, 4}, 1, fine);
  CHECK(book.verdict(1) == fine);
  hear(book, {5}, 1, trust_zone::isolated);
  CHECK(book.verdict(1) == bad);
  // A witness has one word, its last one.
  hear(book, {5}, 1, fine);
  CHECK(book.verdict(1) == fine);
  for (uint64_t witness : {3, 4, 5})
    CHECK(book.hear(witness, 1, std::nullopt));
  CHECK(book.verdict(1) == bad);
}

TEST_CASE("a stranger is heard once its word was checked and right") {
  auto book = make();
  hear(book, {1, 2, 3}, 1, bad);
  CHECK_FALSE(book.is_heard(1));
  CHECK(book.verdict(1) == fine);
  CHECK(book.see(2, fine));
  hear(book, {1, 2}, 2, fine);
  book.check();
  book.check();
  CHECK(book.is_heard(1));
  CHECK_FALSE(book.is_heard(3));
  CHECK(book.verdict(1) == bad);
}

TEST_CASE("a node believes its own eyes") {
  auto book = make();
  hear(book, {1, 2, 3, 4, 5, 6, 7}, 1, bad);
  CHECK(book.see(1, fine));
  CHECK(book.verdict(1) == fine);
}

TEST_CASE("who slanders at large is soon not heard any more") {
  auto book = make();
  for (uint64_t subject = 0; subject < 20; ++subject) {
    CHECK(book.see(subject, subject % 2 == 0 ? fine : bad));
    hear(book, {1, 2, 3, 4, 5}, subject, bad);
    hear(book, {6, 7}, subject, subject % 2 == 0 ? fine : bad);
  }
  CHECK(book.credibility(1) == doctest::Approx(0.5));
  for (auto i = 0; i < 5; ++i)
    book.check();
  CHECK_FALSE(book.is_heard(1));
  CHECK(book.credibility(1) < 0.25);
  CHECK(book.credibility(6) > 0.95);
  // Five liars against two who tell the truth, on somebody never seen.
  hear(book, {1, 2, 3, 4, 5}, 99, bad);
  hear(book, {6, 7}, 99, fine);
  CHECK(book.verdict(99) == fine);
}

TEST_CASE("who is always wrong is not heard, and shades are no lies") {
  auto book = make();
  CHECK(book.see(1, fine));
  CHECK(book.see(2, bad));
  hear(book, {1}, 1, bad);
  hear(book, {2}, 1, trust_zone::monitored);
  hear(book, {2}, 2, trust_zone::isolated);
  for (auto i = 0; i < 10; ++i)
    book.check();
  CHECK_FALSE(book.is_heard(1));
  CHECK(book.credibility(2) > 0.8);
}

TEST_CASE("old words fade") {
  auto book = make({.half_life = 4.0});
  CHECK(book.see(1, fine));
  hear(book, {1}, 1, bad);
  for (auto i = 0; i < 50; ++i)
    book.check();
  const auto worst = book.credibility(1);
  hear(book, {1}, 1, fine);
  for (auto i = 0; i < 50; ++i)
    book.check();
  CHECK(book.credibility(1) > 0.7);
  CHECK(worst < 0.2);
}

TEST_CASE("the book is bounded, and options out of range are refused") {
  auto book = make({.witnesses_max = 2, .subjects_max = 2});
  hear(book, {1, 2}, 1, fine);
  CHECK(book.hear(3, 1, fine).error().code == ec::limit_reached);
  hear(book, {1}, 2, fine);
  CHECK(book.hear(1, 3, fine).error().code == ec::limit_reached);
  CHECK(book.see(1, fine));
  CHECK(book.see(2, fine));
  CHECK(book.see(3, fine).error().code == ec::limit_reached);
  CHECK_FALSE(witness_book::make({.first = 0.0}));
  CHECK_FALSE(witness_book::make({.lie_weight = 0.5}));
  CHECK_FALSE(witness_book::make({.half_life = 0.0}));
  CHECK_FALSE(witness_book::make({.heard_from = 1.0}));
}

TEST_SUITE_END();
