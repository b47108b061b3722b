#include "runtime/wire/flat_message.hpp"

#include <doctest/doctest.h>

#include <cstring>

using namespace starling;
using namespace starling::wire;

namespace {

std::vector<uint8_t> error_bytes(std::string_view detail) {
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<RoutingError>();
  root.setCode(14);
  root.setDetail(kj::StringPtr{detail.data(), detail.size()});
  return canonical_bytes<RoutingError>(root.asReader());
}

result<std::string> detail_of(std::span<const uint8_t> bytes,
                              size_t bytes_max = 1'000) {
  return read_flat<RoutingError>(
    "note", bytes, bytes_max, true, [](RoutingError::Reader from) {
      return read_text("note's detail", from.getDetail(), 10);
    });
}

} // namespace

TEST_SUITE_BEGIN("wire/flat_message");

TEST_CASE("a message is read back, aligned or not") {
  const auto bytes = error_bytes("gone");
  auto buffer = std::vector<uint8_t>(bytes.size() + 8);
  for (size_t offset = 0; offset < 8; ++offset) {
    std::memcpy(buffer.data() + offset, bytes.data(), bytes.size());
    auto detail = detail_of(std::span{buffer}.subspan(offset, bytes.size()));
    REQUIRE(detail);
    CHECK(*detail == "gone");
  }
}

TEST_CASE("long messages are read unaligned too") {
  auto bytes = std::vector<uint8_t>(1 + 8 * 100);
  CHECK(aligned_words{std::span{bytes}.subspan(1)}.get().size() == 100);
}

TEST_CASE("bounds are kept") {
  const auto bytes = error_bytes("gone");
  CHECK(detail_of(bytes, bytes.size() - 1).error().code == ec::limit_reached);
  CHECK(detail_of(error_bytes("eleven byte")).error().code
        == ec::limit_reached);
}

TEST_CASE("nothing but a canonical message passes") {
  const auto bytes = error_bytes("gone");
  CHECK(detail_of({}).error().code == ec::malformed_input);
  CHECK(detail_of(std::span{bytes}.first(bytes.size() - 1)).error().code
        == ec::malformed_input);
  auto padded = bytes;
  padded.resize(bytes.size() + 8);
  CHECK(detail_of(padded).error().code == ec::malformed_input);
  // A far pointer into a segment that does not exist.
  auto far = bytes;
  far[0] = 2;
  far[4] = 9;
  CHECK(detail_of(far).error().code == ec::malformed_input);
}

TEST_CASE("what is read under a name says so in errors") {
  CHECK(detail_of({}).error().text.starts_with("note "));
}

TEST_CASE("an id keeps its bytes in their order") {
  auto id = peer_id{};
  for (size_t i = 0; i < peer_id::size; ++i)
    id.bytes[i] = static_cast<uint8_t>(i + 1);
  auto message = capnp::MallocMessageBuilder{};
  auto wire = message.initRoot<NodeId>();
  write_id(wire, id);
  CHECK(wire.getA() == 0x0807060504030201U);
  CHECK(wire.getD() == 0x201f1e1d1c1b1a19U);
  CHECK(read_id(wire.asReader()) == id);
}

TEST_SUITE_END();
