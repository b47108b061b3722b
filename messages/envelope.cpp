#include "messages/envelope.hpp"

#include <capnp/any.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace starling {

namespace {

constexpr size_t word_size = sizeof(capnp::word);

/// As `capnp compile` and the schema files spell it.
std::string id_text(uint64_t schema) {
  char text[24];
  std::snprintf(text, sizeof(text), "@0x%016" PRIx64, schema);
  return text;
}

} // namespace

caf::expected<envelope> envelope::copy_of(uint64_t schema,
                                          std::span<const std::byte> bytes) {
  if (auto err = check_size(bytes.size()))
    return err;
  auto result = envelope{};
  result.schema_ = schema;
  auto words = result.allocate(bytes.size());
  if (!bytes.empty())
    std::memcpy(words, bytes.data(), bytes.size());
  return result;
}

caf::expected<envelope> envelope::pack(uint64_t schema,
                                       capnp::MessageBuilder& message) {
  // The deep copy brings a message of several segments into one, and drops
  // what was built and then replaced.
  auto root = message.getRoot<capnp::AnyPointer>().asReader();
  const auto words = static_cast<size_t>(root.targetSize().wordCount) + 1;
  if (auto err = check_size(words * word_size))
    return err;
  auto result = envelope{};
  result.schema_ = schema;
  auto copy = capnp::FlatMessageBuilder{
    kj::arrayPtr(result.allocate(words * word_size), words)};
  copy.getRoot<capnp::AnyPointer>().set(root);
  return result;
}

caf::error envelope::check_size(size_t bytes) {
  if (bytes > bytes_max)
    return caf::make_error(
      ec::limit_reached, "a message of " + std::to_string(bytes)
                           + " bytes doesn't fit an envelope; at most "
                           + std::to_string(bytes_max) + ": send it in parts");
  if (bytes % word_size != 0)
    return caf::make_error(ec::malformed_input,
                           "a message of " + std::to_string(bytes)
                             + " bytes is no whole number of 8-byte words");
  return {};
}

caf::error envelope::malformed(const kj::Exception& reason) {
  return caf::make_error(ec::malformed_input,
                         std::string{"the content of an envelope is not what "
                                     "its type says: "}
                           + reason.getDescription().cStr());
}

caf::error envelope::check_schema(uint64_t wanted) const {
  if (words_count_ == 0)
    return caf::make_error(ec::malformed_input,
                           "an envelope without content where "
                             + id_text(wanted) + " was expected");
  if (schema_ != wanted)
    return caf::make_error(ec::malformed_input,
                           "an envelope with a message of type "
                             + id_text(schema_) + " where " + id_text(wanted)
                             + " was expected; look the ids up in the schemas "
                               "of both plugins");
  return {};
}

capnp::ReaderOptions envelope::limits() const {
  // A few words more, for roots and lists without elements.
  return {.traversalLimitInWords = passes_max * (words_count_ + 8),
          .nestingLimit = nesting_max};
}

capnp::word* envelope::allocate(size_t bytes) {
  words_count_ = bytes / word_size;
  // Not make_shared: clang finds no way to construct a word in it.
  auto words = std::make_unique<capnp::word[]>(words_count_);
  auto* result = words.get();
  words_ = std::move(words);
  return result;
}

} // namespace starling
