#include "runtime/identity/canonical_bytes.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::identity;
using namespace std::chrono_literals;

namespace {

using bytes = std::vector<uint8_t>;
using clock_time = std::chrono::system_clock::time_point;

} // namespace

TEST_SUITE_BEGIN("runtime/identity/canonical_bytes");

TEST_CASE("numbers are eight bytes, big-endian") {
  CHECK(canonical_bytes{}.number(0x0102030405060708).get()
        == bytes{1, 2, 3, 4, 5, 6, 7, 8});
}

TEST_CASE("text is preceded by its length, so fields can't flow together") {
  CHECK(canonical_bytes{}.text("ab").get()
        == bytes{0, 0, 0, 0, 0, 0, 0, 2, 'a', 'b'});
  CHECK(canonical_bytes{}.text("ab").text("c").get()
        != canonical_bytes{}.text("a").text("bc").get());
}

TEST_CASE("an id is its 32 bytes") {
  auto id = peer_id{};
  id.bytes[31] = 9;
  const auto got = canonical_bytes{}.id(id).get();
  CHECK(got.size() == 32);
  CHECK(got.back() == 9);
}

TEST_CASE("times are whole seconds, rounded down") {
  // 2001-09-09 01:46:40 UTC is second 1,000,000,000.
  const auto time
    = std::chrono::sys_days{std::chrono::year{2001} / 9 / 9} + 1h + 46min + 40s;
  CHECK(seconds_since_1970(time) == 1'000'000'000);
  CHECK(canonical_bytes{}.time(time + 999ms).get()
        == canonical_bytes{}.number(1'000'000'000).get());
  CHECK(seconds_since_1970(clock_time{} - 1ms) == -1);
}

TEST_CASE("records name times from 1970 to 2242 only") {
  CHECK(is_record_time(clock_time{}));
  CHECK(!is_record_time(clock_time{} - 1ms));
  CHECK(time_from_seconds(8'589'934'592)
        == std::chrono::sys_days{std::chrono::year{2242} / 3 / 16} + 12h + 56min
             + 32s);
  CHECK(!time_from_seconds(8'589'934'593));
  CHECK(!time_from_seconds(-1));
  CHECK(!time_from_seconds(INT64_MIN));
  CHECK(!time_from_seconds(INT64_MAX));
}

TEST_SUITE_END();
