#pragma once

#include "messages/peer_id.hpp"
#include "messages/wire/identity.capnp.h"
#include "runtime/identity/certificate.hpp"
#include "runtime/identity/revocation.hpp"
#include "runtime/result.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <fmt/format.h>
#include <kj/array.h>
#include <kj/exception.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <span>
#include <string_view>
#include <vector>

/// Between Cap'n Proto and the records of this folder. Included by its sources
/// only, so that no other code sees Cap'n Proto.
namespace starling::identity::wire_codec {

/// Returns the message in the standard framing.
[[nodiscard]] std::vector<uint8_t> to_bytes(capnp::MessageBuilder& message);

/// Errors of the readers below: malformed_input, naming the field.
[[nodiscard]] result<peer_id> read_id(capnp::Data::Reader from,
                                      std::string_view field);
[[nodiscard]] result<std::vector<uint8_t>>
read_signature(capnp::Data::Reader from);
[[nodiscard]] result<certificate_body>
read_body(wire::CertificateBody::Reader from);
[[nodiscard]] result<revocation>
read_revocation(wire::RevocationRecord::Reader from);

void write_body(const certificate_body& from,
                wire::CertificateBody::Builder to);
void write_revocation(const revocation& from,
                      wire::RevocationRecord::Builder to);

/// Returns a view for a `set` call; the bytes have to outlive it.
[[nodiscard]] capnp::Data::Reader view_of(std::span<const uint8_t> bytes);

[[nodiscard]] failure malformed(std::string_view what, std::string_view why);

/// Opens bytes from outside as one message with a root of type `Root`, and
/// hands that to `read`, which returns a `result`. Nothing is allocated for
/// input longer than `bytes_max`, pointers can't lead outside the input, nor
/// into the same part again and again, and nothing is thrown.
template <class Root, class Read>
auto read_message(std::span<const uint8_t> bytes, size_t bytes_max,
                  std::string_view what, Read read)
  -> decltype(read(std::declval<typename Root::Reader>())) {
  if (bytes.empty() || bytes.size() > bytes_max)
    return malformed(
      what, fmt::format("{} bytes, expected 8 to {}", bytes.size(), bytes_max));
  if (bytes.size() % sizeof(capnp::word) != 0)
    return malformed(what, "not a whole number of 8-byte words");
  try {
    // A copy, since the reader wants aligned words.
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), bytes.data(), bytes.size());
    auto limits = capnp::ReaderOptions{};
    // Each part is read once; the root pointer and tags need a little more.
    limits.traversalLimitInWords = words.size() + 64;
    limits.nestingLimit = 8;
    auto message = capnp::FlatArrayMessageReader{words, limits};
    if (message.getEnd() != words.end())
      return malformed(what, "bytes follow the message");
    return read(message.template getRoot<Root>());
  } catch (const kj::Exception& ex) {
    return malformed(what, ex.getDescription().cStr());
  } catch (const std::exception& ex) {
    return malformed(what, ex.what());
  }
}

} // namespace starling::identity::wire_codec
