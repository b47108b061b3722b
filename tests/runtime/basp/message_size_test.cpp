#include "runtime/basp/message_size.hpp"

#include <caf/binary_serializer.hpp>
#include <caf/io/basp/header.hpp>
#include <doctest/doctest.h>

#include <cstring>
#include <vector>

using namespace starling;

namespace {

/// What CAF itself writes in front of a payload, and that payload.
std::vector<uint8_t> message(uint32_t payload) {
  auto buffer = caf::byte_buffer{};
  auto sink = caf::binary_serializer{nullptr, buffer};
  auto header = caf::io::basp::header{
    caf::io::basp::message_type::direct_message, 0, payload, 7, 1, 2};
  REQUIRE(sink.apply(header));
  auto bytes = std::vector<uint8_t>(buffer.size() + payload);
  std::memcpy(bytes.data(), buffer.data(), buffer.size());
  return bytes;
}

} // namespace

TEST_SUITE_BEGIN("runtime/basp/message_size");

TEST_CASE("the first message of a stream is as long as CAF wrote it") {
  for (const auto payload : {0u, 1u, 255u, 256u, 70'000u, 17'000'000u}) {
    auto stream = message(payload);
    const auto size = stream.size();
    CHECK(basp::message_size(stream) == size);
    stream.insert(stream.end(), {1, 2, 3});
    CHECK(basp::message_size(stream) == size);
  }
}

TEST_CASE("a stream that ends within its message is all there is") {
  const auto whole = message(100);
  for (size_t size = 0; size < whole.size(); ++size)
    CHECK(basp::message_size(std::span{whole}.first(size)) == size);
}

TEST_SUITE_END();
