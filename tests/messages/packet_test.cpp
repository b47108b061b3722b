#include "messages/packet.hpp"

#include <doctest/doctest.h>

#include <unordered_set>

using namespace starling;

TEST_SUITE_BEGIN("messages/packet");

TEST_CASE("a packet id is shown as 32 hexadecimal digits") {
  auto id = packet_id{};
  id.bytes = {0x00, 0x01, 0x7f, 0x80, 0xff};
  CHECK(to_string(id) == "00017f80ff0000000000000000000000");
}

TEST_CASE("flags are asked for by name") {
  auto x = packet{};
  CHECK_FALSE(x.has(packet_flag::is_signed));
  x.flags = packet_flag::error | packet_flag::is_signed;
  CHECK(x.has(packet_flag::is_signed));
  CHECK(x.has(packet_flag::error));
  CHECK_FALSE(x.has(packet_flag::record_route));
}

TEST_CASE("packet ids serve as keys") {
  auto seen = std::unordered_set<packet_id>{};
  auto id = packet_id{};
  CHECK(seen.insert(id).second);
  CHECK_FALSE(seen.insert(id).second);
  id.bytes[15] = 1;
  CHECK(seen.insert(id).second);
}

TEST_SUITE_END();
