#include "runtime/wire/flat_message.hpp"

#include <bit>
#include <cassert>
#include <cstring>

namespace starling::wire {

static_assert(std::endian::native == std::endian::little,
              "ids are copied to and from the wire without swapping bytes");

aligned_words::aligned_words(std::span<const uint8_t> bytes) {
  assert(bytes.size() % sizeof(capnp::word) == 0);
  const auto count = bytes.size() / sizeof(capnp::word);
  const void* start = bytes.data();
  if (std::bit_cast<uintptr_t>(start) % alignof(capnp::word) != 0) {
    auto* copy = small_;
    if (count > small_max) {
      large_.resize(count);
      copy = large_.data();
    }
    std::memcpy(copy, start, bytes.size());
    start = copy;
  }
  words_ = kj::arrayPtr(static_cast<const capnp::word*>(start), count);
}

capnp::ReaderOptions reader_options_for(size_t bytes) {
  auto result = capnp::ReaderOptions{};
  result.traversalLimitInWords = 4 * bytes / sizeof(capnp::word) + 64;
  result.nestingLimit = 8;
  return result;
}

uint64_t load_u64(const uint8_t* from) {
  auto result = uint64_t{0};
  std::memcpy(&result, from, sizeof(result));
  return result;
}

void store_u64(uint8_t* to, uint64_t value) {
  std::memcpy(to, &value, sizeof(value));
}

void write_id(NodeId::Builder to, const peer_id& id) {
  to.setA(load_u64(&id.bytes[0]));
  to.setB(load_u64(&id.bytes[8]));
  to.setC(load_u64(&id.bytes[16]));
  to.setD(load_u64(&id.bytes[24]));
}

peer_id read_id(NodeId::Reader from) {
  auto result = peer_id{};
  store_u64(&result.bytes[0], from.getA());
  store_u64(&result.bytes[8], from.getB());
  store_u64(&result.bytes[16], from.getC());
  store_u64(&result.bytes[24], from.getD());
  return result;
}

result<std::string> read_text(std::string_view what, capnp::Text::Reader from,
                              size_t bytes_max) {
  if (from.size() > bytes_max)
    return failure{ec::limit_reached, std::string{what} + " is longer than "
                                        + std::to_string(bytes_max) + " bytes"};
  return std::string{from.begin(), from.size()};
}

} // namespace starling::wire
