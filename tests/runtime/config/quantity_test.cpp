#include "runtime/config/quantity.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace starling::config;

TEST_SUITE_BEGIN("config/quantity");

TEST_CASE("durations have a number and a unit") {
  const auto check = [](std::string_view text, std::chrono::nanoseconds value) {
    const auto parsed = parse_duration(text);
    REQUIRE_MESSAGE(parsed, text);
    CHECK(*parsed == value);
  };
  check("30s", 30s);
  check("250ms", 250ms);
  check("5min", 5min);
  check("1h", 1h);
  check("2d", 48h);
  check("7us", 7us);
  check("9ns", 9ns);
  check("1.5h", 90min);
  check("0.1s", 100ms);
  check("10 min", 10min);
  check("0s", 0s);
}

TEST_CASE("what is no duration is refused with an example of one") {
  for (auto text :
       {"", "s", "30", "30 sec", "-3s", "1e3s", "1..2s", ".5s", "5.s", "infs",
        "30  s", "999999999999h", "99999999999999999999s", "99999999999999.5h"})
    CHECK_MESSAGE(!parse_duration(text), text);
  CHECK(parse_duration("30 sec").error().text
        == "'30 sec' is not a duration such as \"30s\", \"250ms\", \"5min\" or "
           "\"1h\"");
}

// Units after IEC 80000-13: kB is 10^3, KiB is 2^10.
TEST_CASE("byte sizes know decimal and binary units") {
  const auto check = [](std::string_view text, uint64_t bytes) {
    const auto parsed = parse_byte_size(text);
    REQUIRE_MESSAGE(parsed, text);
    CHECK(parsed->bytes == bytes);
  };
  check("10MB", 10'000'000);
  check("64KiB", 65'536);
  check("1GiB", 1'073'741'824);
  check("1GB", 1'000'000'000);
  check("1.5kB", 1'500);
  check("2KB", 2'000);
  check("1TiB", 1'099'511'627'776);
  check("3 TB", 3'000'000'000'000);
  check("17B", 17);
  for (auto text : {"", "10", "10mb", "MB", "-1B", "10MBB", "9999999999999TB"})
    CHECK_MESSAGE(!parse_byte_size(text), text);
}

TEST_CASE("byte rates may end in /s") {
  CHECK(parse_byte_rate("100MB/s")->bytes_per_second == 100'000'000);
  CHECK(parse_byte_rate("64KiB")->bytes_per_second == 65'536);
  CHECK(!parse_byte_rate("100MB/min"));
}

TEST_CASE("quantities are written with their largest whole unit") {
  CHECK(to_text(30s) == "30s");
  CHECK(to_text(90s) == "90s");
  CHECK(to_text(3600s) == "1h");
  CHECK(to_text(1500ms) == "1500ms");
  CHECK(to_text(0s) == "0s");
  CHECK(to_text(-5min) == "-5min");
  CHECK(to_text(byte_size{10'000'000}) == "10MB");
  CHECK(to_text(byte_size{65'536}) == "64KiB");
  CHECK(to_text(byte_size{1025}) == "1025B");
  CHECK(to_text(byte_size{0}) == "0B");
  CHECK(to_text(byte_rate{100'000'000}) == "100MB/s");
}

TEST_SUITE_END();
