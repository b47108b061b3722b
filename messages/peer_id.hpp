#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace starling {

/// Names a node for life: the SHA-256 of its public identity key.
struct peer_id {
  static constexpr size_t size = 32;

  std::array<uint8_t, size> bytes{};

  friend auto operator<=>(const peer_id&, const peer_id&) = default;
};

/// Returns 64 lower-case hexadecimal digits.
[[nodiscard]] std::string to_string(const peer_id& id);

/// Returns the first 12 hexadecimal digits, enough to tell nodes apart in a
/// log; not enough to authenticate one.
[[nodiscard]] std::string short_name(const peer_id& id);

/// Reads 64 hexadecimal digits of either case; nothing for any other text.
[[nodiscard]] std::optional<peer_id> parse_peer_id(std::string_view text);

template <class Inspector>
bool inspect(Inspector& f, peer_id& x) {
  return f.object(x).fields(f.field("bytes", x.bytes));
}

} // namespace starling

/// An id is a hash already, so eight of its bytes serve as they are.
template <>
struct std::hash<starling::peer_id> {
  size_t operator()(const starling::peer_id& id) const noexcept {
    auto result = size_t{0};
    std::memcpy(&result, id.bytes.data(), sizeof(result));
    return result;
  }
};
