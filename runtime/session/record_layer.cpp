#include "runtime/session/record_layer.hpp"

#include <botan/exceptn.h>
#include <botan/mem_ops.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace starling::session {

std::optional<record_header>
parse_record_header(std::span<const uint8_t, record_header_size> bytes) {
  const auto type = static_cast<record_type>(bytes[0]);
  if (type != record_type::payload && type != record_type::control
      && type != record_type::close)
    return std::nullopt;
  const auto length = size_t{bytes[2]} << 16 | size_t{bytes[3]} << 8 | bytes[4];
  return record_header{type, bytes[1], length};
}

// -- direction_key ------------------------------------------------------------

direction_key::direction_key(secret first, Botan::Cipher_Dir use,
                             key_limits limits)
  : limits_{limits},
    secret_{std::move(first)},
    cipher_{Botan::AEAD_Mode::create_or_throw("AES-256/GCM", use)} {
  assert(secret_.size() == secret_size);
  load_key();
}

void direction_key::ratchet() {
  replace(ratcheted(secret_));
}

void direction_key::mix(const secret& fresh,
                        std::span<const uint8_t> transcript_hash) {
  replace(mixed(secret_, fresh, transcript_hash));
}

void direction_key::replace(secret next) {
  // Assignment by move frees the old secret, and Botan's allocator wipes what
  // it frees.
  secret_ = std::move(next);
  ++epoch_;
  records_ = 0;
  bytes_ = 0;
  load_key();
}

void direction_key::load_key() {
  const auto material = record_key_of(secret_);
  cipher_->clear();
  cipher_->set_key(material.key);
  std::copy(material.iv.begin(), material.iv.end(), iv_.begin());
}

Botan::AEAD_Mode&
direction_key::next(std::span<const uint8_t, record_header_size> header,
                    size_t payload_size) {
  auto nonce = iv_;
  for (auto i = size_t{0}; i < sizeof(records_); ++i)
    nonce[nonce.size() - 1 - i]
      ^= static_cast<uint8_t>(records_ >> (8 * i) & 0xff);
  cipher_->set_associated_data(header);
  cipher_->start(nonce);
  ++records_;
  bytes_ += payload_size;
  return *cipher_;
}

// -- record_sealer ------------------------------------------------------------

record_sealer::record_sealer(secret first, key_limits limits)
  : direction_key{std::move(first), Botan::Cipher_Dir::Encryption, limits} {
  tag_.reserve(record_tag_size);
}

result<void> record_sealer::seal(record_type type,
                                 std::span<const uint8_t> payload,
                                 std::vector<uint8_t>& out) {
  assert(payload.size() <= record_payload_limit);
  if (worn_out())
    return failure{ec::limit_reached,
                   fmt::format("the key of epoch {} has encrypted {} records; "
                               "rotate it before the next",
                               epoch(), records())};
  const auto length = payload.size() + record_tag_size;
  const auto header = std::array<uint8_t, record_header_size>{
    static_cast<uint8_t>(type), static_cast<uint8_t>(epoch() & 0xff),
    static_cast<uint8_t>(length >> 16 & 0xff),
    static_cast<uint8_t>(length >> 8 & 0xff),
    static_cast<uint8_t>(length & 0xff)};
  auto& cipher = next(header, payload.size());
  out.insert(out.end(), header.begin(), header.end());
  const auto start = out.size();
  out.insert(out.end(), payload.begin(), payload.end());
  cipher.process(std::span{out}.subspan(start));
  tag_.clear();
  cipher.finish(tag_);
  out.insert(out.end(), tag_.begin(), tag_.end());
  return {};
}

// -- record_opener ------------------------------------------------------------

record_opener::record_opener(secret first, key_limits limits)
  : direction_key{std::move(first), Botan::Cipher_Dir::Decryption, limits} {
  tag_.reserve(record_tag_size);
}

result<std::span<uint8_t>>
record_opener::open(std::span<const uint8_t, record_header_size> header,
                    std::span<uint8_t> body) {
  if (body.size() < record_tag_size)
    return failure{
      ec::protocol_violation,
      fmt::format("a record of {} bytes has no room for its tag", body.size())};
  if (header[1] == static_cast<uint8_t>((epoch() + 1) & 0xff))
    ratchet();
  else if (header[1] != static_cast<uint8_t>(epoch() & 0xff))
    return failure{ec::tampered,
                   fmt::format("a record of epoch {} came in epoch {}: the "
                               "stream was changed on its way, or records of "
                               "it are missing",
                               header[1], epoch() & 0xff)};
  if (worn_out())
    return failure{ec::protocol_violation,
                   fmt::format("the peer has used one key for {} records and "
                               "has to rotate it",
                               records())};
  const auto payload = body.first(body.size() - record_tag_size);
  const auto tag = body.last(record_tag_size);
  auto& cipher = next(header, payload.size());
  cipher.process(payload);
  tag_.assign(tag.begin(), tag.end());
  try {
    cipher.finish(tag_);
  } catch (const Botan::Invalid_Authentication_Tag&) {
    Botan::secure_scrub_memory(body.data(), body.size());
    return failure{ec::tampered,
                   fmt::format("record {} of epoch {} was changed on its way",
                               records() - 1, epoch())};
  }
  return payload;
}

} // namespace starling::session
