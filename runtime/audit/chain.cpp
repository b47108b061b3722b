#include "runtime/audit/chain.hpp"

#include <botan/base64.h>
#include <botan/exceptn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace starling::audit {

namespace {

constexpr size_t kind_max = 64;

bool is_kind(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.'
           || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kind_max
         && std::ranges::all_of(text, fits);
}

/// What an anchor signs: all of its own entry but the signature, and through
/// the entry's `prev` all entries before it.
std::string signed_text(record x) {
  x.what.detail.erase("signature");
  return text_without_hash(x);
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::vector<uint8_t> decoded(const std::string& text) {
  try {
    const auto bytes = Botan::base64_decode(text, false);
    return {bytes.begin(), bytes.end()};
  } catch (const Botan::Exception&) {
    return {};
  }
}

} // namespace

result<std::string> chain::append(const event& what) {
  if (!is_kind(what.kind) || what.kind.starts_with("audit."))
    return failure{
      ec::malformed_input,
      fmt::format("'{}' can't be the kind of an audit entry: take 1 "
                  "to {} of a-z, 0-9, '.', '_', '-', and not "
                  "\"audit.\"",
                  bounded({{}, {}, what.kind, {}}).subject, kind_max)};
  return append_record(bounded(what));
}

std::string chain::append_own(std::string_view kind, clock::timestamp time,
                              std::map<std::string, std::string> detail) {
  return append_record({time, std::string{kind}, {}, std::move(detail)});
}

std::string chain::anchor(clock::timestamp time, const notary& signer) {
  assert(signer.sign);
  auto what = event{time, std::string{kind::anchor}, to_string(signer.id), {}};
  const auto text = signed_text({last_.seq + 1, what, last_.hash, {}});
  what.detail["signature"] = Botan::base64_encode(signer.sign(bytes_of(text)));
  return append_record(std::move(what));
}

std::string chain::append_record(event what) {
  auto entry = record{last_.seq + 1, std::move(what), last_.hash, {}};
  entry.hash = hash_of(entry);
  last_ = entry.place();
  return to_line(entry);
}

bool verify_anchor(const record& x, const notary& signer) {
  const auto signature = x.what.detail.find("signature");
  if (x.what.kind != kind::anchor || x.what.subject != to_string(signer.id)
      || signature == x.what.detail.end())
    return false;
  return signer.verify(bytes_of(signed_text(x)), decoded(signature->second));
}

} // namespace starling::audit
