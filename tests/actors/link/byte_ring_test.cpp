#include "actors/link/byte_ring.hpp"

#include <doctest/doctest.h>

#include <random>

using starling::link::byte_ring;

namespace {

std::vector<uint8_t> content(const byte_ring& ring, uint64_t from,
                             uint64_t to) {
  auto result = std::vector<uint8_t>{};
  while (from < to) {
    const auto piece = ring.piece(from, static_cast<size_t>(to - from));
    result.insert(result.end(), piece.begin(), piece.end());
    from += piece.size();
  }
  return result;
}

} // namespace

TEST_SUITE_BEGIN("actors/link/byte_ring");

TEST_CASE("parts may be written in any order") {
  auto uut = byte_ring{};
  const auto late = std::vector<uint8_t>{4, 5, 6};
  const auto early = std::vector<uint8_t>{1, 2, 3};
  uut.write(3, late);
  uut.write(0, early);
  CHECK(content(uut, 0, 6) == std::vector<uint8_t>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("an empty ring takes no memory") {
  const auto uut = byte_ring{};
  CHECK(uut.capacity() == 0);
  CHECK(uut.piece(0, 0).empty());
}

TEST_CASE("memory follows what is kept, not what has passed") {
  auto uut = byte_ring{};
  const auto bytes = std::vector<uint8_t>(3'000, 7);
  for (uint64_t at = 0; at < 3'000'000; at += 3'000) {
    uut.write(at, bytes);
    uut.forget_before(at + 3'000);
  }
  CHECK(uut.capacity() == 4'096);
}

TEST_CASE("growing keeps what is there, wherever the ring has turned to") {
  auto rng = std::mt19937{3};
  for (auto round = 0; round < 50; ++round) {
    auto uut = byte_ring{};
    auto model = std::vector<uint8_t>{};
    auto begin = size_t{0};
    while (model.size() < 60'000) {
      auto bytes = std::vector<uint8_t>(rng() % 9'000);
      for (auto& x : bytes)
        x = static_cast<uint8_t>(rng());
      uut.write(model.size(), bytes);
      model.insert(model.end(), bytes.begin(), bytes.end());
      begin += rng() % (model.size() - begin + 1);
      uut.forget_before(begin);
      const auto expected = std::vector<uint8_t>(
        model.begin() + static_cast<ptrdiff_t>(begin), model.end());
      CHECK(content(uut, begin, model.size()) == expected);
    }
  }
}

TEST_SUITE_END();
