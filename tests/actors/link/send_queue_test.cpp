#include "actors/link/send_queue.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using queue = starling::link::send_queue<char>;

namespace {

std::vector<char> text(std::string_view from) {
  return {from.begin(), from.end()};
}

std::string content(std::span<iovec> pieces) {
  auto result = std::string{};
  for (const auto& piece : pieces)
    result.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  return result;
}

} // namespace

TEST_SUITE_BEGIN("actors/link/send_queue");

TEST_CASE("a new queue is empty") {
  auto uut = queue{};
  CHECK(uut.empty());
  CHECK(uut.front().empty());
  uut.push({});
  CHECK(uut.empty());
  CHECK(uut.front().empty());
}

TEST_CASE("small pieces are gathered, large ones stay as they are") {
  auto uut = queue{};
  uut.push(text("ab"));
  uut.push(text("cd"));
  CHECK(uut.front().size() == 1);
  auto large = std::vector<char>(100'000, 'x');
  const auto* where = large.data();
  uut.push(std::move(large));
  REQUIRE(uut.front().size() == 2);
  CHECK(uut.front()[1].iov_base == where);
  CHECK(uut.size() == 100'004);
}

TEST_CASE("writing may stop anywhere") {
  auto uut = queue{};
  uut.push(std::vector<char>(3'000, 'a'));
  uut.push(std::vector<char>(3'000, 'b'));
  uut.consume(3'001);
  CHECK(content(uut.front()) == std::string(2'999, 'b'));
  uut.consume(2'999);
  CHECK(uut.empty());
  CHECK(uut.front().empty());
}

TEST_CASE("any pushes and any writes keep the order") {
  auto rng = std::mt19937{7};
  auto uut = queue{};
  auto expected = std::string{};
  auto seen = std::string{};
  auto next = char{0};
  for (auto round = 0; round < 2'000; ++round) {
    if (rng() % 2 == 0) {
      auto piece = std::vector<char>(rng() % 5'000);
      for (auto& x : piece)
        x = next++;
      expected.append(piece.begin(), piece.end());
      uut.push(std::move(piece));
    } else {
      const auto there = content(uut.front());
      const auto count = there.empty() ? 0 : rng() % (there.size() + 1);
      seen += there.substr(0, count);
      uut.consume(count);
    }
    CHECK(uut.size() == expected.size() - seen.size());
  }
  while (!uut.empty()) {
    const auto there = content(uut.front());
    seen += there;
    uut.consume(there.size());
  }
  CHECK(seen == expected);
}

TEST_CASE("one write takes a bounded number of pieces") {
  auto uut = queue{};
  for (auto i = 0; i < 100; ++i)
    uut.push(std::vector<char>(10'000));
  CHECK(uut.front().size() == queue::batch_max);
}

TEST_SUITE_END();
