#include "actors/peer/frame_compressor.hpp"

#include <lz4.h>

#include <algorithm>
#include <string>

namespace starling::peer {

namespace {

constexpr size_t header_size = 4;

/// Bytes that one byte of an LZ4 block yields at most.
constexpr uint64_t ratio_max = 255;

/// Memory kept for the next large payload, bytes.
constexpr size_t kept_max = 256 * 1024;

const char* text_of(const uint8_t* x) {
  return reinterpret_cast<const char*>(x);
}

char* text_of(uint8_t* x) {
  return reinterpret_cast<char*>(x);
}

/// One large payload must not hold its memory for ever.
void make_room(std::vector<uint8_t>& buffer, size_t size) {
  if (buffer.capacity() > kept_max && size <= kept_max) {
    buffer.clear();
    buffer.shrink_to_fit();
  }
  buffer.resize(size);
}

} // namespace

std::optional<std::span<const uint8_t>>
frame_compressor::compress(std::span<const uint8_t> payload) {
  if (payload.size() < opts_.size_min || payload.size() > LZ4_MAX_INPUT_SIZE)
    return std::nullopt;
  if (untried_ > 0) {
    --untried_;
    return std::nullopt;
  }
  // No room for more than is of use: LZ4 then gives up on its own.
  const auto room
    = static_cast<size_t>(static_cast<double>(payload.size()) * opts_.share_max)
      - header_size;
  make_room(out_, header_size + room);
  const auto written = LZ4_compress_default(
    text_of(payload.data()), text_of(out_.data() + header_size),
    static_cast<int>(payload.size()), static_cast<int>(room));
  if (written <= 0) {
    pause_ = std::clamp(2 * pause_, opts_.pause_min, opts_.pause_max);
    untried_ = pause_;
    return std::nullopt;
  }
  pause_ = 0;
  for (size_t i = 0; i < header_size; ++i)
    out_[i] = static_cast<uint8_t>(payload.size() >> (8 * i) & 0xff);
  return std::span<const uint8_t>{out_}.first(header_size
                                              + static_cast<size_t>(written));
}

result<std::span<const uint8_t>>
frame_expander::expand(std::span<const uint8_t> payload) {
  const auto malformed = [](const char* what) {
    return failure{ec::malformed_input,
                   std::string{"compressed frame: "} + what};
  };
  if (payload.size() <= header_size || payload.size() > LZ4_MAX_INPUT_SIZE)
    return malformed("it has no content");
  auto size = uint64_t{0};
  for (size_t i = 0; i < header_size; ++i)
    size |= uint64_t{payload[i]} << (8 * i);
  const auto block = payload.subspan(header_size);
  if (size > size_max_)
    return failure{ec::limit_reached, "compressed frame of "
                                        + std::to_string(size)
                                        + " bytes; max_packet_size allows "
                                        + std::to_string(size_max_)};
  if (size == 0 || size > ratio_max * block.size())
    return malformed("its length can't be right");
  make_room(out_, size);
  const auto read = LZ4_decompress_safe(
    text_of(block.data()), text_of(out_.data()), static_cast<int>(block.size()),
    static_cast<int>(size));
  if (read < 0 || static_cast<uint64_t>(read) != size)
    return malformed("it is damaged");
  return std::span<const uint8_t>{out_};
}

} // namespace starling::peer
