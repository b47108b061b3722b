#include "runtime/identity/printable_text.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace starling::identity {

namespace {

/// Length and payload of a first byte, and the smallest character that needs
/// that length: what is smaller is overlong.
struct sequence {
  size_t length;
  uint32_t payload;
  uint32_t character_min;
};

std::optional<sequence> sequence_of(uint8_t first) {
  if (first < 0x80)
    return sequence{1, first, 0};
  if ((first & 0xe0) == 0xc0)
    return sequence{2, first & 0x1fu, 0x80};
  if ((first & 0xf0) == 0xe0)
    return sequence{3, first & 0x0fu, 0x800};
  if ((first & 0xf8) == 0xf0)
    return sequence{4, first & 0x07u, 0x10000};
  return std::nullopt;
}

bool is_between(uint32_t character, uint32_t low, uint32_t high) {
  return character >= low && character <= high;
}

bool is_allowed(uint32_t character) {
  return character >= 0x20                         // C0 controls
         && !is_between(character, 0x7f, 0x9f)     // DEL, C1 controls
         && !is_between(character, 0x2028, 0x202e) // separators, bidi
         && !is_between(character, 0x2066, 0x2069) // bidi isolates
         && !is_between(character, 0xd800, 0xdfff) // surrogates
         && character <= 0x10ffff;
}

} // namespace

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const auto head = sequence_of(static_cast<uint8_t>(text.front()));
    if (!head || head->length > text.size())
      return false;
    auto character = head->payload;
    for (const auto c : text.substr(1, head->length - 1)) {
      const auto byte = static_cast<uint8_t>(c);
      if ((byte & 0xc0) != 0x80)
        return false;
      character = character << 6 | (byte & 0x3fu);
    }
    if (character < head->character_min || !is_allowed(character))
      return false;
    text.remove_prefix(head->length);
  }
  return true;
}

} // namespace starling::identity
