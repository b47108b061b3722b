#include "runtime/identity/canonical_bytes.hpp"

namespace starling::identity {

canonical_bytes& canonical_bytes::number(uint64_t value) {
  for (auto shift = 56; shift >= 0; shift -= 8)
    bytes_.push_back(static_cast<uint8_t>(value >> shift & 0xff));
  return *this;
}

canonical_bytes& canonical_bytes::id(const peer_id& value) {
  bytes_.insert(bytes_.end(), value.bytes.begin(), value.bytes.end());
  return *this;
}

canonical_bytes& canonical_bytes::text(std::string_view value) {
  number(value.size());
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

canonical_bytes&
canonical_bytes::time(std::chrono::system_clock::time_point value) {
  return number(static_cast<uint64_t>(seconds_since_1970(value)));
}

int64_t seconds_since_1970(std::chrono::system_clock::time_point value) {
  return std::chrono::floor<std::chrono::seconds>(value)
    .time_since_epoch()
    .count();
}

std::optional<std::chrono::sys_seconds> time_from_seconds(int64_t value) {
  if (value < 0 || value > record_seconds_max)
    return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{value}};
}

bool is_record_time(std::chrono::system_clock::time_point value) {
  return time_from_seconds(seconds_since_1970(value)).has_value();
}

} // namespace starling::identity
