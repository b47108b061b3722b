#include "actors/link/stream_segment.hpp"

#include <string>

namespace starling::link {

namespace {

constexpr uint8_t flag_end = 1;
constexpr uint8_t flag_reset = 2;
constexpr uint8_t flag_answer = 4;
constexpr uint8_t flags_known = flag_end | flag_reset | flag_answer;

template <class Integer>
void put(Integer value, std::vector<uint8_t>& out) {
  for (size_t i = 0; i < sizeof(Integer); ++i)
    out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

/// @pre `bytes` is long enough.
template <class Integer>
Integer get(std::span<const uint8_t> bytes, size_t at) {
  auto result = Integer{0};
  for (size_t i = 0; i < sizeof(Integer); ++i)
    result |= static_cast<Integer>(Integer{bytes[at + i]} << (8 * i));
  return result;
}

failure malformed(const char* what) {
  return {ec::malformed_input, std::string{"stream datagram: "} + what};
}

} // namespace

void write_header(const stream_segment& segment, std::vector<uint8_t>& out) {
  auto flags = uint8_t{0};
  if (segment.end_of_stream)
    flags |= flag_end;
  if (segment.reset)
    flags |= flag_reset;
  if (segment.answer)
    flags |= flag_answer;
  out.push_back(stream_segment::version);
  out.push_back(flags);
  out.push_back(static_cast<uint8_t>(segment.range_count));
  out.push_back(0);
  put(segment.window, out);
  put(segment.offset, out);
  put(segment.ack, out);
  put(segment.clock, out);
  put(segment.echo, out);
  for (size_t i = 0; i < segment.range_count; ++i) {
    put(segment.ranges[i].begin, out);
    put(segment.ranges[i].end, out);
  }
}

result<stream_segment> read_segment(std::span<const uint8_t> datagram) {
  using segment = stream_segment;
  if (datagram.size() < segment::header_size)
    return malformed("shorter than its header");
  if (datagram[0] != segment::version)
    return malformed("another version");
  const auto flags = datagram[1];
  if ((flags & ~flags_known) != 0 || datagram[3] != 0)
    return malformed("unknown flags");
  auto result = segment{};
  result.range_count = datagram[2];
  if (result.range_count > segment::ranges_max)
    return malformed("too many ranges");
  const auto payload_at
    = segment::header_size + result.range_count * segment::range_size;
  if (datagram.size() < payload_at)
    return malformed("ranges are cut off");
  result.end_of_stream = (flags & flag_end) != 0;
  result.reset = (flags & flag_reset) != 0;
  result.answer = (flags & flag_answer) != 0;
  result.window = get<uint32_t>(datagram, 4);
  result.offset = get<uint64_t>(datagram, 8);
  result.ack = get<uint64_t>(datagram, 16);
  result.clock = get<uint32_t>(datagram, 24);
  result.echo = get<uint32_t>(datagram, 28);
  if (result.offset > segment::offset_max || result.ack > segment::offset_max)
    return malformed("an offset is out of range");
  for (size_t i = 0; i < result.range_count; ++i) {
    const auto at = segment::header_size + i * segment::range_size;
    auto& range = result.ranges[i];
    range = {get<uint64_t>(datagram, at), get<uint64_t>(datagram, at + 8)};
    if (range.begin <= result.ack || range.begin >= range.end
        || range.end > segment::offset_max)
      return malformed("a range makes no sense");
  }
  result.payload = datagram.subspan(payload_at);
  return result;
}

} // namespace starling::link
