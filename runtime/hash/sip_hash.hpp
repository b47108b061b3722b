#pragma once

#include <cstdint>
#include <span>

namespace starling::hash {

/// Secret of a hash table whose keys strangers choose: without it nobody can
/// find keys that fall into one bucket.
struct sip_key {
  uint64_t low = 0;
  uint64_t high = 0;
};

/// Returns SipHash-2-4 of the bytes, about 1 ns a byte.
///
/// Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT
/// 2012, section 2.
[[nodiscard]] uint64_t sip_hash(const sip_key& key,
                                std::span<const uint8_t> bytes);

} // namespace starling::hash
