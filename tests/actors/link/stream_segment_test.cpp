#include "actors/link/stream_segment.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::link;

namespace {

std::vector<uint8_t> write(const stream_segment& segment) {
  auto result = std::vector<uint8_t>{};
  write_header(segment, result);
  return result;
}

} // namespace

TEST_SUITE_BEGIN("actors/link/stream_segment");

TEST_CASE("the bytes are those of the documented layout") {
  auto segment = stream_segment{};
  segment.end_of_stream = true;
  segment.answer = true;
  segment.window = 0x01020304;
  segment.offset = 0x1112131415161718;
  segment.ack = 5;
  segment.clock = 0x21222324;
  segment.echo = 0x31323334;
  segment.range_count = 1;
  segment.ranges[0] = {6, 0x100};
  // Written down by hand from the table in the header.
  const auto expected = std::vector<uint8_t>{
    1,    5,    1,    0,                            //
    0x04, 0x03, 0x02, 0x01,                         //
    0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11, //
    5,    0,    0,    0,    0,    0,    0,    0,    //
    0x24, 0x23, 0x22, 0x21, 0x34, 0x33, 0x32, 0x31, //
    6,    0,    0,    0,    0,    0,    0,    0,    //
    0,    1,    0,    0,    0,    0,    0,    0,
  };
  CHECK(write(segment) == expected);
}

TEST_CASE("what was written is read again") {
  auto segment = stream_segment{};
  segment.reset = true;
  segment.window = 77;
  segment.offset = 123'456'789'012;
  segment.ack = 9;
  segment.clock = 1;
  segment.echo = 2;
  segment.range_count = 2;
  segment.ranges[0] = {20, 30};
  segment.ranges[1] = {10, 12};
  auto bytes = write(segment);
  bytes.insert(bytes.end(), {7, 8, 9});
  const auto read = read_segment(bytes);
  REQUIRE(read);
  CHECK(read->reset);
  CHECK(!read->end_of_stream);
  CHECK(!read->answer);
  CHECK(read->window == 77);
  CHECK(read->offset == 123'456'789'012);
  CHECK(read->ack == 9);
  CHECK(read->clock == 1);
  CHECK(read->echo == 2);
  REQUIRE(read->range_count == 2);
  CHECK(read->ranges[0] == byte_range{20, 30});
  CHECK(read->ranges[1] == byte_range{10, 12});
  CHECK(read->payload.size() == 3);
  CHECK(read->payload[2] == 9);
}

TEST_CASE("what does not follow the format is refused") {
  const auto good = [] {
    auto segment = stream_segment{};
    segment.ack = 5;
    segment.range_count = 1;
    segment.ranges[0] = {10, 20};
    return write(segment);
  }();
  REQUIRE(read_segment(good));
  auto bad = good;
  SUBCASE("every shorter piece of it") {
    for (size_t size = 0; size < good.size(); ++size) {
      const auto read = read_segment(std::span{good}.first(size));
      REQUIRE(!read);
      CHECK(read.error().code == ec::malformed_input);
    }
  }
  SUBCASE("another version") {
    bad[0] = 2;
  }
  SUBCASE("an unknown flag") {
    bad[1] = 8;
  }
  SUBCASE("more ranges than there are") {
    bad[2] = 2;
  }
  SUBCASE("more ranges than may be") {
    bad[2] = 5;
    bad.resize(200);
  }
  SUBCASE("an offset that could wrap around") {
    bad[15] = 0x80;
  }
  SUBCASE("an ack that could wrap around") {
    bad[23] = 0x80;
  }
  SUBCASE("a range before the ack") {
    bad[32] = 5;
  }
  SUBCASE("an empty range") {
    bad[40] = 10;
  }
  SUBCASE("a range that ends beyond all offsets") {
    bad[47] = 0xff;
  }
  if (bad != good)
    CHECK(!read_segment(bad));
}

TEST_SUITE_END();
