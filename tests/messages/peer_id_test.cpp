#include "messages/peer_id.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <unordered_set>

using namespace starling;

namespace {

// SHA-256 of "abc", as in FIPS 180-2, appendix B.1.
const auto text = std::string{
  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};

} // namespace

TEST_SUITE_BEGIN("messages/peer_id");

TEST_CASE("an id is written as it is read") {
  const auto id = parse_peer_id(text);
  REQUIRE(id);
  CHECK(id->bytes.front() == 0xba);
  CHECK(id->bytes[1] == 0x78);
  CHECK(id->bytes.back() == 0xad);
  CHECK(to_string(*id) == text);
  CHECK(short_name(*id) == "ba7816bf8f01");
}

TEST_CASE("digits of either case are the same id") {
  auto upper = text;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  CHECK(parse_peer_id(upper) == parse_peer_id(text));
}

TEST_CASE("what is not 64 hexadecimal digits is no id") {
  CHECK(!parse_peer_id(""));
  CHECK(!parse_peer_id(text.substr(1)));
  CHECK(!parse_peer_id(text + "0"));
  CHECK(!parse_peer_id("0x" + text.substr(2)));
  CHECK(!parse_peer_id(" " + text.substr(1)));
  // The neighbours of the digits in ASCII.
  for (auto wrong : {'/', ':', '@', 'G', '`', 'g', '\0', '\xb1'}) {
    auto damaged = text;
    damaged[17] = wrong;
    CHECK(!parse_peer_id(damaged));
  }
}

TEST_CASE("ids are ordered by their bytes, the first one first") {
  auto low = peer_id{};
  auto high = peer_id{};
  low.bytes.back() = 0xff;
  high.bytes.front() = 0x01;
  CHECK(low < high);
  CHECK(low != high);
  CHECK(low == low);
}

TEST_CASE("ids that differ in their first bytes hash apart") {
  auto hashes = std::unordered_set<size_t>{};
  for (size_t i = 0; i < 8; ++i) {
    auto id = peer_id{};
    id.bytes[i] = 1;
    hashes.insert(std::hash<peer_id>{}(id));
  }
  CHECK(hashes.size() == 8);
}

TEST_SUITE_END();
