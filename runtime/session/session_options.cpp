#include "runtime/session/session_options.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::session {

namespace {

failure out_of_range(const char* name, const char* range) {
  return {ec::invalid_option,
          fmt::format("session option {} has to be {}", name, range)};
}

constexpr auto delay_range = "greater than zero and at most ten years";

/// Longer ones would leave the range of a time point when added up.
bool is_delay(session_options::duration x) {
  return x > session_options::duration::zero()
         && x <= std::chrono::hours{10 * 365 * 24};
}

result<void> validate_groups(const std::vector<uint16_t>& groups) {
  if (groups.empty())
    return out_of_range("groups", "a list of at least one group");
  for (auto group : groups) {
    if (group != secp384r1_ml_kem_1024 && group != x25519_ml_kem_768)
      return failure{ec::invalid_option,
                     fmt::format("session option groups: 0x{:04x} is not a "
                                 "post-quantum hybrid that this node speaks; "
                                 "choose from 0x11ed (P-384 with ML-KEM-1024) "
                                 "and 0x11ec (X25519 with ML-KEM-768)",
                                 group)};
    if (std::count(groups.begin(), groups.end(), group) > 1)
      return out_of_range("groups", "a list without repetitions");
  }
  return {};
}

} // namespace

result<void> validate(const session_options& opts) {
  if (!is_delay(opts.handshake_timeout))
    return out_of_range("handshake_timeout", delay_range);
  if (!is_delay(opts.rotate_interval))
    return out_of_range("rotate_interval", delay_range);
  if (opts.rotate_bytes < 1 || opts.rotate_bytes > key_bytes_max / 2)
    return out_of_range("rotate_bytes", "1 to 2^37 bytes");
  if (opts.rotate_records < 1 || opts.rotate_records > key_records_max / 2)
    return out_of_range("rotate_records", "1 to 2^23 records");
  if (!is_delay(opts.kem_interval))
    return out_of_range("kem_interval", delay_range);
  if (!is_delay(opts.kem_pause))
    return out_of_range("kem_pause", delay_range);
  if (!is_delay(opts.kem_timeout))
    return out_of_range("kem_timeout", delay_range);
  if (opts.kem_peer_burst < 1)
    return out_of_range("kem_peer_burst", "at least 1");
  if (!is_delay(opts.kem_peer_interval))
    return out_of_range("kem_peer_interval", delay_range);
  if (opts.record_payload_max < 1
      || opts.record_payload_max > record_payload_limit)
    return out_of_range("record_payload_max", "1 byte to 1 MiB");
  if (opts.output_max < opts.record_payload_max)
    return out_of_range("output_max", "at least record_payload_max");
  if (opts.handshake_bytes_max < 16 * 1024)
    return out_of_range("handshake_bytes_max", "at least 16 KiB");
  return validate_groups(opts.groups);
}

} // namespace starling::session
