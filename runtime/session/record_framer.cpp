#include "runtime/session/record_framer.hpp"

#include "runtime/session/session_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace starling::session {

namespace {

/// Ciphertext of the longest TLS 1.3 record. Source: RFC 8446, section 5.2.
constexpr size_t tls_body_max = (size_t{1} << 14) + 256;

constexpr size_t close_payload_size = 1;

/// From change_cipher_spec (20) to application_data (23), and heartbeat (24),
/// which the TLS library refuses. Source: RFC 8446, appendix B.1.
bool is_tls_type(uint8_t type) {
  return type >= 20 && type <= 24;
}

bool is_payload_type(uint8_t type) {
  const auto header = std::array<uint8_t, record_header_size>{type, 0, 0, 0, 0};
  return parse_record_header(header).has_value();
}

failure too_long(size_t length, size_t length_max) {
  return {ec::protocol_violation,
          fmt::format("a record announces {} bytes; this session accepts {}",
                      length, length_max)};
}

} // namespace

record_framer::record_framer(size_t handshake_bytes_max)
  : handshake_bytes_max_{handshake_bytes_max} {
  // nop
}

void record_framer::expect_payload(size_t payload_max) {
  established_ = true;
  payload_max_ = payload_max;
}

result<bool> record_framer::collect(std::span<const uint8_t>& bytes) {
  if (bytes.empty())
    return false;
  if (inbox_.size() < record_header_size) {
    move_up_to(record_header_size, bytes);
    if (auto ok = check_type(inbox_.front()); !ok)
      return ok.error();
    if (inbox_.size() < record_header_size)
      return false;
    const auto length = body_length();
    if (!length)
      return length.error();
    record_size_ = record_header_size + *length;
  }
  move_up_to(record_size_, bytes);
  return inbox_.size() == record_size_;
}

void record_framer::clear() {
  inbox_.clear();
}

void record_framer::move_up_to(size_t size, std::span<const uint8_t>& bytes) {
  const auto part = bytes.first(std::min(bytes.size(), size - inbox_.size()));
  inbox_.insert(inbox_.end(), part.begin(), part.end());
  bytes = bytes.subspan(part.size());
}

result<void> record_framer::check_type(uint8_t type) const {
  if (is_tls_type(type)) {
    if (established_)
      return failure{ec::protocol_violation,
                     "the peer went back to TLS in an established session"};
    return {};
  }
  if (is_payload_type(type)) {
    if (!established_)
      return failure{ec::protocol_violation,
                     "the peer sent payload before both sides had "
                     "authenticated and accepted each other"};
    return {};
  }
  if (established_)
    return failure{
      ec::protocol_violation,
      fmt::format("a record is of the unknown type 0x{:02x}", type)};
  return failure{ec::malformed_input,
                 fmt::format("what came begins with the byte 0x{:02x} and is "
                             "no session: is the other end a Starling node?",
                             type)};
}

result<size_t> record_framer::body_length() {
  if (!established_)
    return tls_body_length();
  const auto parsed = parse_record_header(header());
  const auto length_max = body_max(parsed->type);
  if (parsed->length > length_max)
    return too_long(parsed->length, length_max);
  return parsed->length;
}

result<size_t> record_framer::tls_body_length() {
  const auto length = size_t{inbox_[3]} << 8 | inbox_[4];
  if (length > tls_body_max)
    return too_long(length, tls_body_max);
  handshake_bytes_ += record_header_size + length;
  if (handshake_bytes_ > handshake_bytes_max_)
    return failure{ec::limit_reached,
                   fmt::format("the peer sends more than {} bytes before the "
                               "session is established",
                               handshake_bytes_max_)};
  return length;
}

size_t record_framer::body_max(record_type type) const {
  switch (type) {
    case record_type::payload:
      return payload_max_ + record_tag_size;
    case record_type::control:
      return control_message_max + record_tag_size;
    case record_type::close:
      break;
  }
  return close_payload_size + record_tag_size;
}

} // namespace starling::session
