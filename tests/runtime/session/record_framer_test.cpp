#include "runtime/session/record_framer.hpp"

#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

namespace {

constexpr auto handshake_max = size_t{64 * 1024};

bytes tls_record(size_t length) {
  auto out = bytes{22, 3, 3, static_cast<uint8_t>(length >> 8),
                   static_cast<uint8_t>(length & 0xff)};
  out.resize(out.size() + length, 0xee);
  return out;
}

bytes payload_header(record_type type, size_t length) {
  return {static_cast<uint8_t>(type), 0, static_cast<uint8_t>(length >> 16),
          static_cast<uint8_t>(length >> 8 & 0xff),
          static_cast<uint8_t>(length & 0xff)};
}

result<bool> collect(record_framer& framer, const bytes& input) {
  auto rest = std::span<const uint8_t>{input};
  return framer.collect(rest);
}

} // namespace

TEST_SUITE_BEGIN("session/record_framer");

TEST_CASE("records come out whole, whatever the pieces") {
  auto stream = tls_record(300);
  const auto second = tls_record(0);
  stream.insert(stream.end(), second.begin(), second.end());
  for (auto cut :
       {size_t{1}, size_t{3}, size_t{5}, size_t{304}, size_t{1000}}) {
    auto framer = record_framer{handshake_max};
    auto sizes = std::vector<size_t>{};
    for (auto rest = std::span<const uint8_t>{stream}; !rest.empty();) {
      auto part = rest.first(std::min(cut, rest.size()));
      rest = rest.subspan(part.size());
      while (!part.empty()) {
        const auto whole = framer.collect(part);
        REQUIRE(whole);
        if (*whole) {
          sizes.push_back(framer.record().size());
          framer.clear();
        }
      }
    }
    CHECK(sizes == std::vector<size_t>{305, 5});
    CHECK(framer.handshake_bytes() == 310);
  }
}

TEST_CASE("a stranger is refused at the first byte") {
  auto framer = record_framer{handshake_max};
  const auto refused = collect(framer, bytes_of("G"));
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::malformed_input);
  CHECK(refused.error().text.find("0x47") != std::string::npos);
}

TEST_CASE(
  "payload is refused before and TLS after the session is established") {
  auto framer = record_framer{handshake_max};
  CHECK(collect(framer, {0x50}).error().code == ec::protocol_violation);
  auto later = record_framer{handshake_max};
  later.expect_payload(1000);
  CHECK(collect(later, {23}).error().code == ec::protocol_violation);
  auto unknown = record_framer{handshake_max};
  unknown.expect_payload(1000);
  CHECK(collect(unknown, {0x60}).error().code == ec::protocol_violation);
}

// RFC 8446, section 5.2: at most 2^14 + 256 bytes.
TEST_CASE("a TLS record that is too long is refused at its header") {
  auto framer = record_framer{handshake_max};
  CHECK(collect(framer, {22, 3, 3, 0x41, 0x00}));
  auto other = record_framer{handshake_max};
  CHECK(collect(other, {22, 3, 3, 0x41, 0x01}).error().code
        == ec::protocol_violation);
}

TEST_CASE("all TLS records together are bounded") {
  auto framer = record_framer{2000};
  CHECK(*collect(framer, tls_record(995)));
  framer.clear();
  CHECK(*collect(framer, tls_record(995)));
  framer.clear();
  CHECK(collect(framer, tls_record(0)).error().code == ec::limit_reached);
}

TEST_CASE("each type of payload record has its own bound") {
  const auto fits = [](record_type type, size_t length) {
    auto framer = record_framer{handshake_max};
    framer.expect_payload(1000);
    return static_cast<bool>(collect(framer, payload_header(type, length)));
  };
  CHECK(fits(record_type::payload, 1016));
  CHECK(!fits(record_type::payload, 1017));
  CHECK(fits(record_type::control, 4096 + 16));
  CHECK(!fits(record_type::control, 4096 + 17));
  CHECK(fits(record_type::close, 17));
  CHECK(!fits(record_type::close, 18));
}

TEST_SUITE_END();
