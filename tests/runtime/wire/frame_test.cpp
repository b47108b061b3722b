#include "runtime/wire/frame.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <random>

using namespace starling;
using namespace starling::wire;

namespace {

using bytes = std::vector<uint8_t>;

/// A frame with a payload of its own.
struct kept_frame {
  uint16_t channel;
  frame_kind kind;
  bytes payload;

  friend bool operator==(const kept_frame&, const kept_frame&) = default;
};

struct collector {
  std::vector<kept_frame> frames;

  void operator()(const frame_view& x) {
    frames.push_back({x.channel, x.kind, {x.payload.begin(), x.payload.end()}});
  }
};

bytes counted(size_t size) {
  auto result = bytes(size);
  std::iota(result.begin(), result.end(), uint8_t{0});
  return result;
}

/// The code of the first error that these bytes give.
ec refusal_of(const bytes& input, const frame_limits& limits = {}) {
  auto reader = frame_reader{limits};
  auto seen = collector{};
  auto outcome = reader.feed(input, seen);
  REQUIRE(!outcome);
  CHECK(seen.frames.empty());
  // A fault does not heal.
  auto good = bytes{};
  append_frame(good, 1, frame_kind::data, 0, counted(1));
  CHECK(!reader.feed(good, seen));
  CHECK(seen.frames.empty());
  return outcome.error().code;
}

} // namespace

TEST_SUITE_BEGIN("wire/frame");

// Worked by hand from the layout in frame.hpp.
TEST_CASE("a frame is eight bytes, little-endian, and its payload") {
  auto buffer = bytes{};
  append_frame(buffer, 0x1234, frame_kind::data, 0, bytes{0xaa, 0xbb, 0xcc});
  CHECK(buffer == bytes{0x34, 0x12, 2, 0, 3, 0, 0, 0, 0xaa, 0xbb, 0xcc});
  buffer.clear();
  append_credit(buffer, 7, 0x01020304);
  CHECK(buffer == bytes{7, 0, 3, 0, 4, 0, 0, 0, 4, 3, 2, 1});
}

TEST_CASE("frames come out as they went in, wherever the input is cut") {
  auto stream = bytes{};
  append_frame(stream, 9, frame_kind::open, 0, counted(12));
  append_frame(stream, 0, frame_kind::packet, 0, counted(700));
  append_frame(stream, 9, frame_kind::data, 0, counted(1));
  append_credit(stream, 9, 65'536);
  append_frame(stream, 9, frame_kind::close, 0, {});
  auto expected = collector{};
  REQUIRE(frame_reader{}.feed(stream, expected));
  REQUIRE(expected.frames.size() == 5);
  CHECK(expected.frames[1] == kept_frame{0, frame_kind::packet, counted(700)});
  CHECK(expected.frames[4] == kept_frame{9, frame_kind::close, {}});
  auto generator = std::mt19937{1};
  for (auto part_max : {1U, 2U, 7U, 8U, 9U, 64U, 701U}) {
    auto reader = frame_reader{};
    auto seen = collector{};
    auto rest = std::span<const uint8_t>{stream};
    while (!rest.empty()) {
      const auto part
        = std::min<size_t>(rest.size(), 1 + generator() % part_max);
      REQUIRE(reader.feed(rest.first(part), seen));
      rest = rest.subspan(part);
    }
    CHECK(seen.frames == expected.frames);
    CHECK(reader.waiting() == 0);
  }
}

TEST_CASE("a frame that arrives whole is handed over where it lies") {
  auto stream = bytes{};
  append_frame(stream, 1, frame_kind::data, 0, counted(100));
  auto reader = frame_reader{};
  auto where = static_cast<const uint8_t*>(nullptr);
  REQUIRE(reader.feed(stream,
                      [&](const frame_view& x) { where = x.payload.data(); }));
  CHECK(where == stream.data() + frame_header_size);
}

TEST_CASE("credit is read back") {
  auto stream = bytes{};
  append_credit(stream, 3, 4'000'000'000U);
  auto granted = uint32_t{0};
  REQUIRE(frame_reader{}.feed(
    stream, [&](const frame_view& x) { granted = credit_of(x); }));
  CHECK(granted == 4'000'000'000U);
}

TEST_CASE("what no honest sender writes is refused") {
  SUBCASE("kinds that do not exist") {
    CHECK(refusal_of({1, 0, 0, 0, 1, 0, 0, 0, 5}) == ec::malformed_input);
    CHECK(refusal_of({1, 0, 6, 0, 1, 0, 0, 0, 5}) == ec::malformed_input);
  }
  SUBCASE("flags that nobody agreed on") {
    CHECK(refusal_of({1, 0, 2, 1, 1, 0, 0, 0, 5}) == ec::malformed_input);
  }
  SUBCASE("a stream on channel 0, a packet on another") {
    CHECK(refusal_of({0, 0, 2, 0, 1, 0, 0, 0, 5}) == ec::malformed_input);
    CHECK(refusal_of({1, 0, 1, 0, 1, 0, 0, 0, 5}) == ec::malformed_input);
  }
  SUBCASE("credit of the wrong size, and credit of nothing") {
    CHECK(refusal_of({1, 0, 3, 0, 3, 0, 0, 0, 1, 1, 1}) == ec::malformed_input);
    CHECK(refusal_of({1, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0})
          == ec::malformed_input);
  }
  SUBCASE("empty data") {
    CHECK(refusal_of({1, 0, 2, 0, 0, 0, 0, 0}) == ec::malformed_input);
  }
  SUBCASE("texts that are too long") {
    CHECK(refusal_of({1, 0, 5, 0, 1, 1, 0, 0}) == ec::limit_reached);
  }
  SUBCASE("more than frame_max, as soon as it is announced") {
    CHECK(refusal_of({1, 0, 2, 0, 101, 0, 0, 0}, {.frame_max = 100})
          == ec::limit_reached);
    CHECK(refusal_of({1, 0, 2, 0, 0xff, 0xff, 0xff, 0xff})
          == ec::limit_reached);
  }
}

TEST_CASE("flags that were agreed on pass") {
  auto stream = bytes{};
  append_frame(stream, 1, frame_kind::data, 1, counted(1));
  auto flags = uint8_t{0};
  REQUIRE(frame_reader{{.flags_allowed = 1}}.feed(
    stream, [&](const frame_view& x) { flags = x.flags; }));
  CHECK(flags == 1);
}

TEST_CASE("frames before a fault are handed over") {
  auto stream = bytes{};
  append_frame(stream, 1, frame_kind::data, 0, counted(3));
  stream.insert(stream.end(), {1, 0, 99, 0, 0, 0, 0, 0});
  auto seen = collector{};
  CHECK(!frame_reader{}.feed(stream, seen));
  CHECK(seen.frames.size() == 1);
}

TEST_CASE("an announcement takes no memory before its bytes come") {
  auto reader = frame_reader{};
  auto seen = collector{};
  REQUIRE(reader.feed(bytes{1, 0, 2, 0, 0x40, 0x42, 0x0f, 0, 1, 2, 3}, seen));
  CHECK(reader.waiting() == 11);
}

TEST_CASE("noise never gets past the reader's bounds") {
  auto generator = std::mt19937{7};
  for (auto round = 0; round < 2'000; ++round) {
    auto noise = bytes(generator() % 64);
    for (auto& byte : noise)
      byte = static_cast<uint8_t>(generator() % 7);
    auto reader = frame_reader{{.frame_max = 32}};
    auto outcome = reader.feed(
      noise, [](const frame_view& x) { CHECK(x.payload.size() <= 32); });
    CHECK(reader.waiting() <= 32 + frame_header_size);
    if (!outcome)
      CHECK(!outcome.error().text.empty());
  }
}

TEST_SUITE_END();
