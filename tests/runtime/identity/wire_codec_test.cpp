#include "runtime/identity/wire_codec.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>

using namespace starling;
using namespace starling::identity;

namespace {

using bytes = std::vector<uint8_t>;
using body_builder = wire::CertificateBody::Builder;

constexpr auto seconds_max = int64_t{8'589'934'592};

/// A body that is right in all fields, then edited.
bytes body_bytes(const std::function<void(body_builder)>& edit) {
  const auto id = bytes(32, 1);
  auto message = capnp::MallocMessageBuilder{};
  auto body = message.initRoot<wire::CertificateBody>();
  body.setCluster(wire_codec::view_of(id));
  body.setSubject(wire_codec::view_of(id));
  body.setIssuer(wire_codec::view_of(id));
  body.setNotBefore(1);
  body.setNotAfter(seconds_max);
  body.setName("node");
  edit(body);
  return wire_codec::to_bytes(message);
}

result<certificate_body> read(const bytes& input) {
  return wire_codec::read_message<wire::CertificateBody>(input, 10'000, "body",
                                                         wire_codec::read_body);
}

/// Returns the text of the refusal.
std::string refusal(const std::function<void(body_builder)>& edit) {
  const auto got = read(body_bytes(edit));
  REQUIRE(!got);
  CHECK(got.error().code == ec::malformed_input);
  return got.error().text;
}

} // namespace

TEST_SUITE_BEGIN("runtime/identity/wire_codec");

TEST_CASE("a body with all fields in range is read") {
  const auto got = read(body_bytes([](body_builder) {}));
  REQUIRE(got);
  CHECK(got->name == "node");
  CHECK(got->cluster.bytes.front() == 1);
  CHECK(got->not_after.time_since_epoch() == std::chrono::seconds{seconds_max});
}

TEST_CASE("an id of another length than 32 is refused by name") {
  for (const auto size : {0u, 31u, 33u}) {
    const auto id = bytes(size, 1);
    const auto view = wire_codec::view_of(id);
    CHECK(refusal([&](body_builder body) {
            body.setCluster(view);
          }).find("cluster id")
          != std::string::npos);
    CHECK(refusal([&](body_builder body) {
            body.setSubject(view);
          }).find("subject id")
          != std::string::npos);
    CHECK(refusal([&](body_builder body) {
            body.setIssuer(view);
          }).find("issuer id")
          != std::string::npos);
  }
}

TEST_CASE("a time outside 1970 to 2242 is refused") {
  for (const auto time : {int64_t{-1}, seconds_max + 1, INT64_MIN, INT64_MAX}) {
    CHECK(refusal([&](body_builder body) {
            body.setNotBefore(time);
          }).find("start of validity")
          != std::string::npos);
    CHECK(refusal([&](body_builder body) {
            body.setNotAfter(time);
          }).find("end of validity")
          != std::string::npos);
  }
}

TEST_CASE("a name that is too long or would break a log is refused") {
  const auto longest = std::string(64, 'x');
  CHECK(read(
    body_bytes([&](body_builder body) { body.setName(longest.c_str()); })));
  CHECK(refusal([&](body_builder body) {
          body.setName((longest + "x").c_str());
        }).find("at most 64")
        != std::string::npos);
  refusal([](body_builder body) { body.setName("\x1b[31m"); });
  refusal([](body_builder body) { body.setName("\xff"); });
}

TEST_CASE("a signature of another length is refused") {
  for (const auto size : {0u, 64u, 4690u, 4692u})
    CHECK(!wire_codec::read_signature(
      wire_codec::view_of(bytes(size, uint8_t{1}))));
  const auto right = bytes(4691, uint8_t{1});
  CHECK(*wire_codec::read_signature(wire_codec::view_of(right)) == right);
}

TEST_CASE("empty, long, uneven and padded input is refused") {
  const auto intact = body_bytes([](body_builder) {});
  const auto code_of = [](const bytes& input, size_t bytes_max) {
    const auto got = wire_codec::read_message<wire::CertificateBody>(
      input, bytes_max, "body", wire_codec::read_body);
    REQUIRE(!got);
    return got.error().code;
  };
  CHECK(code_of({}, 1000) == ec::malformed_input);
  CHECK(code_of(intact, intact.size() - 1) == ec::malformed_input);
  auto uneven = intact;
  uneven.pop_back();
  CHECK(code_of(uneven, 1000) == ec::malformed_input);
  auto padded = intact;
  padded.resize(padded.size() + 8);
  CHECK(code_of(padded, 1000) == ec::malformed_input);
}

// Cap'n Proto's encoding: the segment table says how many segments follow, less
// one (encoding.html, "Serialization Over a Stream").
TEST_CASE("a segment table that claims more than is there is refused") {
  for (const auto first : {0x01, 0x40, 0xff}) {
    auto input = bytes(64, uint8_t{0xff});
    input[0] = static_cast<uint8_t>(first);
    input[1] = input[2] = input[3] = 0;
    CHECK(!read(input));
  }
  CHECK(!read(bytes(64, uint8_t{0xff})));
}

// A list pointer with 2^29 - 1 structs of no size: the amplification attack of
// encoding.html, "Amplification attack".
TEST_CASE("a list of endless empty records costs nothing") {
  auto input = bytes{
    0,    0,    0,    0,    3,    0, 0, 0, // one segment of three words
    0,    0,    0,    0,    0,    0, 1, 0, // root: no data, one pointer
    1,    0,    0,    0,    0x07, 0, 0, 0, // list of composites, no words
    0xfc, 0xff, 0xff, 0x7f, 0,    0, 0, 0, // tag: 2^29 - 1 elements of no size
  };
  auto seen = 0;
  const auto got = wire_codec::read_message<wire::RevocationList>(
    input, 1000, "list",
    [&](wire::RevocationList::Reader list) -> result<size_t> {
      for (auto entry : list.getRecords()) {
        (void)entry;
        ++seen;
      }
      return size_t{0};
    });
  CHECK(!got);
  CHECK(seen == 0);
}

TEST_CASE("what the reader throws becomes a failure") {
  const auto got = wire_codec::read_message<wire::CertificateBody>(
    body_bytes([](body_builder) {}), 1000, "body",
    [](wire::CertificateBody::Reader) -> result<int> {
      throw std::runtime_error{"surprise"};
    });
  REQUIRE(!got);
  CHECK(got.error().code == ec::malformed_input);
  CHECK(got.error().text == "malformed body: surprise");
}

TEST_SUITE_END();
