#include "runtime/session/record_layer.hpp"

#include "runtime/session/session_options.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <botan/hex.h>
#include <doctest/doctest.h>

#include <numeric>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

namespace {

secret counting_secret() {
  auto result = secret(secret_size);
  std::iota(result.begin(), result.end(), uint8_t{0});
  return result;
}

bytes sealed(record_sealer& sealer, record_type type, std::string_view text) {
  auto out = bytes{};
  CHECK(sealer.seal(type, bytes_of(text), out));
  return out;
}

result<std::span<uint8_t>> opened(record_opener& opener, bytes& record) {
  return opener.open(std::span{record}.first<record_header_size>(),
                     std::span{record}.subspan(record_header_size));
}

std::string hex(const bytes& x) {
  return Botan::hex_encode(x, false);
}

} // namespace

TEST_SUITE_BEGIN("session/record_layer");

// Expected records: AES-256-GCM of Python's cryptography package (OpenSSL) with
// key and iv from HKDF over Python's hmac.
TEST_CASE("records look as an independent implementation makes them") {
  auto sealer = record_sealer{counting_secret()};
  CHECK(hex(sealed(sealer, record_type::payload, "the first record"))
        == "50000000205c618970498e54cfe43543654f14bb8bb063726b5379d770da9d5dcd1"
           "881bd3e");
  CHECK(hex(sealed(sealer, record_type::control, ""))
        == "51000000102bd7e2ecd46797816b2d656dffdbb476");
  sealer.ratchet();
  CHECK(hex(sealed(sealer, record_type::payload, "after a ratchet"))
        == "500100001fe7ca223ac4fd5aefbbf47b3753650ccac7da1eed6c698521479ea64c2"
           "60f3a");
}

TEST_CASE("a mix enters the key of the next record") {
  auto sealer = record_sealer{counting_secret()};
  auto opener = record_opener{counting_secret()};
  const auto fresh = secret(80, 0xaa);
  const auto hash = sha384({bytes_of("transcript")});
  sealer.mix(fresh, hash);
  opener.mix(fresh, hash);
  auto record = sealed(sealer, record_type::close, "x");
  CHECK(hex(record) == "520100001147a267153b5a8a25579b03bbf6e86a6131");
  const auto plain = opened(opener, record);
  REQUIRE(plain);
  CHECK(text_of(*plain) == "x");
}

TEST_CASE("the opener follows ratchet steps by the epoch byte, past its wrap") {
  auto sealer = record_sealer{counting_secret()};
  auto opener = record_opener{counting_secret()};
  for (auto epoch = 0; epoch < 600; ++epoch) {
    auto record = sealed(sealer, record_type::payload, "payload");
    const auto plain = opened(opener, record);
    REQUIRE(plain);
    REQUIRE(text_of(*plain) == "payload");
    sealer.ratchet();
  }
  CHECK(opener.epoch() == 599);
}

TEST_CASE("every bit of a record counts") {
  auto sealer = record_sealer{counting_secret()};
  const auto record = sealed(sealer, record_type::payload, "payload");
  for (auto bit = size_t{0}; bit < 8 * record.size(); ++bit) {
    auto changed = record;
    changed[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    auto opener = record_opener{counting_secret()};
    const auto plain = opened(opener, changed);
    REQUIRE(!plain);
    REQUIRE(plain.error().code == ec::tampered);
  }
}

TEST_CASE("what does not authenticate is zeroed") {
  auto sealer = record_sealer{counting_secret()};
  auto opener = record_opener{counting_secret()};
  auto record = sealed(sealer, record_type::payload, "payload");
  record.back() ^= 1;
  CHECK(!opened(opener, record));
  CHECK(std::all_of(record.begin() + record_header_size, record.end(),
                    [](uint8_t x) { return x == 0; }));
}

TEST_CASE(
  "a record that is repeated, left out or from another epoch is refused") {
  auto sealer = record_sealer{counting_secret()};
  auto first = sealed(sealer, record_type::payload, "one");
  auto second = sealed(sealer, record_type::payload, "two");
  sealer.ratchet();
  sealer.ratchet();
  auto later = sealed(sealer, record_type::payload, "three");
  SUBCASE("repeated") {
    auto opener = record_opener{counting_secret()};
    auto copy = first;
    CHECK(opened(opener, first));
    CHECK(opened(opener, copy).error().code == ec::tampered);
  }
  SUBCASE("left out") {
    auto opener = record_opener{counting_secret()};
    CHECK(opened(opener, second).error().code == ec::tampered);
  }
  SUBCASE("two epochs ahead") {
    auto opener = record_opener{counting_secret()};
    CHECK(opened(opener, later).error().code == ec::tampered);
  }
  SUBCASE("too short for a tag") {
    auto opener = record_opener{counting_secret()};
    first.resize(record_header_size + record_tag_size - 1);
    CHECK(opened(opener, first).error().code == ec::protocol_violation);
  }
}

// RFC 8446, section 5.5: 2^24.5 (23,726,566) records of 2^14 bytes.
TEST_CASE("the bounds of a key are those of TLS or lower") {
  CHECK(key_limits{}.records_max <= 23'726'566);
  CHECK(key_limits{}.bytes_max <= 23'726'566ull * 16'384);
}

TEST_CASE("a key that is worn out neither seals nor opens") {
  auto out = bytes{};
  SUBCASE("by records") {
    auto sealer = record_sealer{counting_secret(), {.records_max = 2}};
    CHECK(sealer.seal(record_type::payload, {}, out));
    CHECK(sealer.seal(record_type::payload, {}, out));
    CHECK(sealer.seal(record_type::payload, {}, out).error().code
          == ec::limit_reached);
    sealer.ratchet();
    CHECK(sealer.seal(record_type::payload, {}, out));
  }
  SUBCASE("by bytes") {
    auto sealer = record_sealer{counting_secret(), {.bytes_max = 10}};
    CHECK(sealer.seal(record_type::payload, bytes(10), out));
    CHECK(sealer.seal(record_type::payload, {}, out).error().code
          == ec::limit_reached);
  }
  SUBCASE("at the other end") {
    auto sealer = record_sealer{counting_secret()};
    auto opener = record_opener{counting_secret(), {.records_max = 1}};
    auto first = sealed(sealer, record_type::payload, "one");
    auto second = sealed(sealer, record_type::payload, "two");
    CHECK(opened(opener, first));
    CHECK(opened(opener, second).error().code == ec::protocol_violation);
  }
}

TEST_CASE("a header is read as it was written and unknown types are not") {
  const auto known = std::array<uint8_t, 5>{0x51, 7, 0x01, 0x02, 0x03};
  const auto header = parse_record_header(known);
  REQUIRE(header);
  CHECK(header->type == record_type::control);
  CHECK(header->epoch == 7);
  CHECK(header->length == 66051);
  for (auto type = 0; type < 256; ++type) {
    const auto bytes
      = std::array<uint8_t, 5>{static_cast<uint8_t>(type), 0, 0, 0, 0};
    CHECK(parse_record_header(bytes).has_value()
          == (type >= 0x50 && type <= 0x52));
  }
}

TEST_SUITE_END();
