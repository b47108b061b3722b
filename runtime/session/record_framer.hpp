#pragma once

#include "runtime/result.hpp"
#include "runtime/session/record_layer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace starling::session {

/// Cuts the bytes of a link into records, whatever pieces they come in.
///
/// A stream begins with TLS records and goes over to payload records once, when
/// the session is established; both have a header of five bytes with type and
/// length. What is too long or of the wrong kind is refused at its header,
/// before memory is reserved for it; a stranger who speaks something else
/// altogether, at its first byte.
class record_framer {
public:
  /// `handshake_bytes_max` bounds the TLS records taken together.
  explicit record_framer(size_t handshake_bytes_max);

  /// From the next record on only payload records are accepted, with at most
  /// that many payload bytes.
  void expect_payload(size_t payload_max);

  /// Moves bytes from the front of `bytes` into this until there is one whole
  /// record, and returns whether there is. Errors: malformed_input,
  /// protocol_violation, limit_reached.
  result<bool> collect(std::span<const uint8_t>& bytes);

  /// The record. @pre `collect` returned true and `clear` wasn't called since.
  [[nodiscard]] std::span<const uint8_t> record() const {
    return inbox_;
  }

  [[nodiscard]] std::span<const uint8_t, record_header_size> header() const {
    return std::span{inbox_}.first<record_header_size>();
  }

  [[nodiscard]] std::span<uint8_t> body() {
    return std::span{inbox_}.subspan(record_header_size);
  }

  /// Makes room for the next record.
  void clear();

  /// Length of all TLS records announced so far.
  [[nodiscard]] size_t handshake_bytes() const {
    return handshake_bytes_;
  }

private:
  result<void> check_type(uint8_t type) const;
  result<size_t> body_length();
  result<size_t> tls_body_length();
  [[nodiscard]] size_t body_max(record_type type) const;
  void move_up_to(size_t size, std::span<const uint8_t>& bytes);

  size_t handshake_bytes_max_;
  size_t handshake_bytes_ = 0;
  bool established_ = false;
  size_t payload_max_ = 0;
  std::vector<uint8_t> inbox_;
  /// Length of the record in the inbox, once its header is there.
  size_t record_size_ = 0;
};

} // namespace starling::session
