#include "messages/packet.hpp"

#include <string_view>

namespace starling {

std::string to_string(const packet_id& id) {
  constexpr auto digits = std::string_view{"0123456789abcdef"};
  auto result = std::string{};
  result.reserve(2 * packet_id::size);
  for (auto byte : id.bytes) {
    result += digits[byte >> 4];
    result += digits[byte & 0x0f];
  }
  return result;
}

} // namespace starling
