#pragma once

#include "messages/peer_id.hpp"
#include "messages/wire/packet.capnp.h"
#include "runtime/result.hpp"

#include <capnp/message.h>
#include <kj/exception.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starling::wire {

/// Cap'n Proto messages of one segment without any framing: what lies in a
/// packet's payload or a signed record. Nothing that KJ throws gets out.

/// Bytes at an address that is a multiple of eight: themselves, or a copy.
class aligned_words {
public:
  /// Copies only if it has to. @pre the size is a multiple of eight.
  explicit aligned_words(std::span<const uint8_t> bytes);

  aligned_words(const aligned_words&) = delete;
  aligned_words& operator=(const aligned_words&) = delete;

  [[nodiscard]] kj::ArrayPtr<const capnp::word> get() const noexcept {
    return words_;
  }

private:
  /// Room for the head of a packet, so that the usual case takes no memory.
  static constexpr size_t small_max = 32;

  uint64_t small_[small_max];
  std::vector<uint64_t> large_;
  kj::ArrayPtr<const capnp::word> words_;
};

/// How far a reader may follow pointers in a message of that many bytes, eight
/// deep: over four times its size, for a check and a few looks at each object.
/// So a message of which many pointers lead to one place can't look large.
[[nodiscard]] capnp::ReaderOptions reader_options_for(size_t bytes);

/// Calls `use(Schema::Reader)`, which returns a `result`. `what` names the
/// message in errors. Errors: limit_reached if there are more than `bytes_max`
/// bytes, malformed_input, and those of `use`.
template <class Schema, class Use>
auto read_flat(std::string_view what, std::span<const uint8_t> bytes,
               size_t bytes_max, bool must_be_canonical, Use&& use)
  -> decltype(use(std::declval<typename Schema::Reader>())) {
  if (bytes.size() > bytes_max)
    return failure{ec::limit_reached,
                   std::string{what} + " has " + std::to_string(bytes.size())
                     + " bytes, at most " + std::to_string(bytes_max)
                     + " are taken"};
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
    return failure{ec::malformed_input,
                   std::string{what} + " is not a whole number of words"};
  try {
    const auto words = aligned_words{bytes};
    const kj::ArrayPtr<const capnp::word> segments[] = {words.get()};
    auto reader = capnp::SegmentArrayMessageReader{
      kj::arrayPtr(segments, 1), reader_options_for(bytes.size())};
    if (must_be_canonical && !reader.isCanonical())
      return failure{ec::malformed_input,
                     std::string{what} + " is not in canonical form"};
    return use(reader.template getRoot<Schema>());
  } catch (const kj::Exception& error) {
    return failure{ec::malformed_input, std::string{what} + " is malformed: "
                                          + error.getDescription().cStr()};
  } catch (const std::exception& error) {
    return failure{ec::malformed_input,
                   std::string{what} + " can't be read: " + error.what()};
  }
}

/// Returns the canonical encoding: one segment, objects in order, no trailing
/// zeros. Equal contents give equal bytes.
template <class Schema>
std::vector<uint8_t> canonical_bytes(const typename Schema::Reader& x) {
  const auto words = capnp::canonicalize(x);
  const auto bytes = words.asBytes();
  return {bytes.begin(), bytes.end()};
}

/// Copies an id to the wire and back.
void write_id(NodeId::Builder to, const peer_id& id);
[[nodiscard]] peer_id read_id(NodeId::Reader from);

/// Returns the number in eight bytes, little-endian, and the other way.
[[nodiscard]] uint64_t load_u64(const uint8_t* from);
void store_u64(uint8_t* to, uint64_t value);

/// Returns the text if it is at most `bytes_max` bytes long.
/// Errors: limit_reached.
[[nodiscard]] result<std::string>
read_text(std::string_view what, capnp::Text::Reader from, size_t bytes_max);

} // namespace starling::wire
