#include "messages/peer_id.hpp"

namespace starling {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

int value_of(char digit) {
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

} // namespace

std::string to_string(const peer_id& id) {
  auto result = std::string{};
  result.reserve(2 * peer_id::size);
  for (auto byte : id.bytes) {
    result += digits[byte >> 4];
    result += digits[byte & 0x0f];
  }
  return result;
}

std::string short_name(const peer_id& id) {
  return to_string(id).substr(0, 12);
}

std::optional<peer_id> parse_peer_id(std::string_view text) {
  if (text.size() != 2 * peer_id::size)
    return std::nullopt;
  auto result = peer_id{};
  for (size_t i = 0; i < peer_id::size; ++i) {
    const auto high = value_of(text[2 * i]);
    const auto low = value_of(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return std::nullopt;
    result.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return result;
}

} // namespace starling
