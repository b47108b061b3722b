#include "messages/byte_field.hpp"

#include "messages/membership.hpp"

#include <caf/deep_to_string.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <optional>

using namespace starling;

namespace {

caf::byte_buffer bytes_of(size_t size) {
  auto result = caf::byte_buffer{};
  for (size_t i = 0; i < size; ++i)
    result.push_back(static_cast<caf::byte>(i * 7));
  return result;
}

template <class T>
caf::byte_buffer saved(const T& x) {
  auto result = caf::byte_buffer{};
  auto sink = caf::binary_serializer{nullptr, result};
  REQUIRE(sink.apply(x));
  return result;
}

/// Loads it; nothing if that fails.
std::optional<caf::byte_buffer> loaded(const caf::byte_buffer& from) {
  auto result = gossip_records{};
  auto source = caf::binary_deserializer{nullptr, from};
  if (!source.apply(result))
    return std::nullopt;
  CHECK(source.remaining() == 0);
  return result.data;
}

} // namespace

TEST_SUITE_BEGIN("messages/byte_field");

TEST_CASE("bytes travel as CAF writes any list of them") {
  // Sizes around the steps of the length in front.
  for (size_t size : {0, 1, 127, 128, 5'000, 20'000}) {
    const auto data = bytes_of(size);
    CHECK(saved(gossip_records{data}) == saved(data));
    CHECK(loaded(saved(data)) == data);
  }
}

TEST_CASE("a length without bytes behind it is refused") {
  auto lie = saved(bytes_of(5'000));
  lie.resize(100);
  CHECK_FALSE(loaded(lie));
  // 127, of which four follow.
  CHECK_FALSE(loaded(caf::byte_buffer(5, caf::byte{0x7f})));
  const auto huge
    = caf::byte_buffer{caf::byte{0xff}, caf::byte{0xff}, caf::byte{0xff},
                       caf::byte{0xff}, caf::byte{0x0f}};
  CHECK_FALSE(loaded(huge));
  CHECK_FALSE(loaded({}));
}

TEST_CASE("people read them as before") {
  CHECK(caf::deep_to_string(gossip_records{bytes_of(2)}).find("gossip_records")
        != std::string::npos);
}

TEST_SUITE_END();
