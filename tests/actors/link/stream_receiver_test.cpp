#include "actors/link/stream_receiver.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using starling::link::byte_range;
using starling::link::stream_receiver;
using starling::link::stream_segment;
using outcome = stream_receiver::outcome;
using range_list = std::vector<byte_range>;

namespace {

struct fixture {
  stream_receiver uut{{.window_max = 100, .gaps_max = 3}};

  outcome take(uint64_t offset, std::string_view text, bool end = false) {
    const auto* first = reinterpret_cast<const uint8_t*>(text.data());
    return uut.take(offset, {first, text.size()}, end);
  }

  std::string read() {
    auto result = std::string{};
    uut.read([&](std::span<const uint8_t> bytes) {
      result.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    });
    return result;
  }

  range_list ranges() {
    auto segment = stream_segment{};
    uut.report(segment);
    return {segment.ranges.begin(),
            segment.ranges.begin()
              + static_cast<ptrdiff_t>(segment.range_count)};
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/stream_receiver");

TEST_CASE_FIXTURE(fixture, "parts are put in order") {
  CHECK(take(3, "def") == outcome::early);
  CHECK(uut.readable() == 0);
  CHECK(uut.ack() == 0);
  CHECK(take(0, "abc") == outcome::progress);
  CHECK(uut.ack() == 6);
  CHECK(read() == "abcdef");
  CHECK(read().empty());
  CHECK(take(6, "g") == outcome::progress);
  CHECK(read() == "g");
}

TEST_CASE_FIXTURE(fixture, "what is known already is told apart") {
  take(0, "abc");
  CHECK(take(0, "abc") == outcome::duplicate);
  CHECK(take(1, "b") == outcome::duplicate);
  take(5, "fgh");
  CHECK(take(6, "g") == outcome::duplicate);
  CHECK(take(1, "bcd") == outcome::progress);
  CHECK(take(4, "efghi") == outcome::progress);
  CHECK(read() == "abcdefghi");
}

TEST_CASE_FIXTURE(fixture, "the newest range is reported first") {
  take(10, "k");
  take(20, "u");
  CHECK(ranges() == range_list{{20, 21}, {10, 11}});
  take(30, "E");
  CHECK(ranges() == range_list{{30, 31}, {10, 11}, {20, 21}});
  take(11, "lmnopqrst");
  CHECK(ranges() == range_list{{10, 21}, {30, 31}});
}

TEST_CASE_FIXTURE(fixture, "gaps are bounded") {
  take(10, "k");
  take(20, "u");
  take(30, "E");
  CHECK(take(40, "O") == outcome::refused);
  // What joins a range makes no gap.
  CHECK(take(31, "F") == outcome::early);
  CHECK(take(0, "abcdefghij") == outcome::progress);
  CHECK(take(40, "O") == outcome::early);
}

TEST_CASE_FIXTURE(fixture, "nothing beyond the window is kept") {
  CHECK(take(100, "x") == outcome::refused);
  CHECK(take(95, "0123456789") == outcome::early);
  CHECK(ranges() == range_list{{95, 100}});
  CHECK(take(0, std::string(95, 'a')) == outcome::progress);
  CHECK(uut.ack() == 100);
  CHECK(uut.right_edge() == 100);
  CHECK(read() == std::string(95, 'a') + "01234");
  CHECK(uut.right_edge() == 200);
  CHECK(uut.memory() <= 4'096);
}

TEST_CASE_FIXTURE(fixture, "the end counts as one byte once all is there") {
  CHECK(take(3, "def", true) == outcome::early);
  CHECK(uut.ack() == 0);
  CHECK(!uut.has_end());
  CHECK(take(0, "abc") == outcome::progress);
  CHECK(uut.ack() == 7);
  CHECK(uut.has_end());
  CHECK(read() == "abcdef");
}

TEST_CASE_FIXTURE(fixture, "an end without bytes is one too") {
  take(0, "abc");
  CHECK(take(3, "", true) == outcome::progress);
  CHECK(uut.ack() == 4);
  CHECK(take(3, "", true) == outcome::duplicate);
}

TEST_CASE_FIXTURE(fixture, "what contradicts the end is refused") {
  take(10, "k");
  CHECK(take(0, "abc", true) == outcome::refused);
  CHECK(take(11, "l", true) == outcome::early);
  CHECK(take(12, "m") == outcome::refused);
  CHECK(take(12, "m", true) == outcome::refused);
  CHECK(take(0, "abcdefghij") == outcome::progress);
  CHECK(read() == "abcdefghijkl");
  CHECK(uut.has_end());
}

TEST_CASE("any parts in any order give the stream") {
  auto rng = std::mt19937{5};
  for (auto round = 0; round < 100; ++round) {
    auto uut = stream_receiver{{.window_max = 1'000, .gaps_max = 5}};
    auto text = std::vector<uint8_t>(3'000);
    for (auto& x : text)
      x = static_cast<uint8_t>(rng());
    auto seen = std::vector<uint8_t>{};
    const auto read = [&] {
      uut.read([&](std::span<const uint8_t> bytes) {
        seen.insert(seen.end(), bytes.begin(), bytes.end());
      });
    };
    while (!uut.has_end()) {
      const auto size = size_t{rng() % 200};
      const auto most = std::min(text.size() - size, seen.size() + 1'100);
      const auto at = rng() % (most + 1);
      uut.take(at, std::span{text}.subspan(at, size), at + size == text.size());
      if (rng() % 3 == 0)
        read();
      CHECK(uut.readable() <= 1'000);
    }
    read();
    CHECK(seen == text);
  }
}

TEST_SUITE_END();
