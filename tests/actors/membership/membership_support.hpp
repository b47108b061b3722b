#pragma once

#include "actors/membership/member_record.hpp"
#include "runtime/clock/hybrid_clock.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace starling::membership {

/// Ids, records and signatures that are easy to tell apart. A "signature" is
/// the id of the signer and the sum of all bytes.

inline peer_id test_node(size_t n) {
  auto result = peer_id{};
  result.bytes[0] = static_cast<uint8_t>(n >> 8);
  result.bytes[1] = static_cast<uint8_t>(n);
  result.bytes[31] = 1;
  return result;
}

inline const auto test_start
  = clock::physical_time{std::chrono::hours{24 * 365 * 50}};

inline std::vector<uint8_t> test_sign(const peer_id& id,
                                      std::span<const uint8_t> message) {
  auto sum = uint64_t{0};
  for (auto byte : message)
    sum = 31 * sum + byte;
  auto result = std::vector<uint8_t>(id.bytes.begin(), id.bytes.end());
  for (auto shift = 0; shift < 64; shift += 8)
    result.push_back(static_cast<uint8_t>(sum >> shift & 0xff));
  return result;
}

inline bool test_verify(const peer_id& id, std::string_view context,
                        std::span<const uint8_t> message,
                        std::span<const uint8_t> signature) {
  return context == record_context
         && std::ranges::equal(signature, test_sign(id, message));
}

inline signed_record test_record(member_record x) {
  const auto id = x.id;
  return *sign_record(std::move(x), [&](std::string_view, auto message) {
    return test_sign(id, message);
  });
}

inline signed_record test_record(size_t n, uint64_t incarnation = 1,
                                 clock::physical_time at = test_start) {
  auto x = member_record{};
  x.id = test_node(n);
  x.version = {incarnation, clock::timestamp::from(at).bits};
  x.name = "node " + std::to_string(n);
  return test_record(std::move(x));
}

inline signed_record test_tombstone(size_t n, uint64_t incarnation,
                                    clock::physical_time at = test_start) {
  auto x = test_record(n, incarnation, at).content;
  x.left = true;
  return test_record(std::move(x));
}

} // namespace starling::membership
