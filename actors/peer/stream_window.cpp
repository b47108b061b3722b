#include "actors/peer/stream_window.hpp"

#include <cassert>
#include <string>

namespace starling::peer {

send_window::send_window(uint64_t initial) : credit_{initial} {
  assert(initial <= credit_max);
}

result<void> send_window::grant(uint32_t bytes) {
  if (bytes > credit_max - credit_)
    return failure{ec::protocol_violation, "the peer grants more than "
                                             + std::to_string(credit_max)
                                             + " bytes of credit"};
  credit_ += bytes;
  return {};
}

void send_window::sent(uint64_t bytes) {
  assert(bytes <= credit_);
  credit_ -= bytes;
}

receive_window::receive_window(uint32_t size) : size_{size}, promised_{size} {
  assert(size > 0 && size <= send_window::credit_max);
}

result<void> receive_window::arrived(uint64_t bytes) {
  if (bytes > promised_)
    return failure{ec::protocol_violation,
                   "the peer sends " + std::to_string(bytes)
                     + " bytes on a stream with " + std::to_string(promised_)
                     + " bytes of credit"};
  promised_ -= bytes;
  waiting_ += bytes;
  return {};
}

uint32_t receive_window::consumed(uint64_t bytes) {
  assert(bytes <= waiting_);
  waiting_ -= bytes;
  const auto due = size_ - promised_ - waiting_;
  // At least one byte is due here or nothing was consumed.
  if (due < (uint64_t{size_} + 1) / 2)
    return 0;
  promised_ += due;
  return static_cast<uint32_t>(due);
}

} // namespace starling::peer
