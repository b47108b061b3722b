#include "runtime/identity/join_token.hpp"

#include "runtime/identity/canonical_bytes.hpp"

#include <botan/base64.h>
#include <botan/hash.h>
#include <botan/mem_ops.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <exception>

namespace starling::identity {

namespace {

constexpr std::string_view prefix = "sjt1.";
constexpr size_t checksum_size = 4;
constexpr size_t content_size = 2 * peer_id::size + join_token::secret_size + 8;
constexpr size_t encoded_size = (content_size + checksum_size) / 3 * 4;

// Whole groups of three bytes: no padding, and one text only for each token.
static_assert((content_size + checksum_size) % 3 == 0);

using secret_bytes = Botan::secure_vector<uint8_t>;

secret_bytes checksum_of(std::span<const uint8_t> content) {
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(content);
  auto sum = hash->final();
  sum.resize(checksum_size);
  return sum;
}

/// RFC 4648 section 5: the alphabet that survives in addresses and shells.
std::string to_base64url(std::span<const uint8_t> bytes) {
  auto text = Botan::base64_encode(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
         || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

secret_bytes from_base64url(std::string_view text) {
  auto standard = std::string{text};
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  return Botan::base64_decode(standard, false);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

failure malformed(std::string_view why) {
  return {ec::malformed_input,
          fmt::format("not a join token: {}; paste it whole, as \"starling "
                      "up\" printed it",
                      why)};
}

join_token from_content(std::span<const uint8_t> content, int64_t expires) {
  auto token = join_token{};
  const auto cluster = content.first(peer_id::size);
  const auto sponsor = content.subspan(peer_id::size, peer_id::size);
  const auto secret
    = content.subspan(2 * peer_id::size, join_token::secret_size);
  std::copy(cluster.begin(), cluster.end(), token.cluster.bytes.begin());
  std::copy(sponsor.begin(), sponsor.end(), token.sponsor.bytes.begin());
  token.secret.assign(secret.begin(), secret.end());
  token.expires = std::chrono::sys_seconds{std::chrono::seconds{expires}};
  return token;
}

} // namespace

std::string to_string(const join_token& x) {
  assert(x.secret.size() == join_token::secret_size);
  auto content = secret_bytes{};
  const auto append = [&](std::span<const uint8_t> bytes) {
    content.insert(content.end(), bytes.begin(), bytes.end());
  };
  append(x.cluster.bytes);
  append(x.sponsor.bytes);
  append(x.secret);
  append(canonical_bytes{}.time(x.expires).get());
  append(checksum_of(content));
  return std::string{prefix} + to_base64url(content);
}

result<join_token> parse_join_token(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with(prefix))
    return malformed(fmt::format("it does not start with \"{}\"", prefix));
  text.remove_prefix(prefix.size());
  if (text.size() != encoded_size)
    return malformed(fmt::format("{} characters follow \"{}\", expected {}",
                                 text.size(), prefix, encoded_size));
  if (!std::all_of(text.begin(), text.end(), is_base64url))
    return malformed("it has a character that is not base64url");
  try {
    const auto bytes = from_base64url(text);
    if (bytes.size() != content_size + checksum_size)
      return malformed("it has the wrong length");
    const auto content = std::span{bytes}.first(content_size);
    const auto sum = checksum_of(content);
    if (!std::equal(sum.begin(), sum.end(), bytes.begin() + content_size))
      return malformed("its checksum is wrong, a character was changed");
    auto seconds = uint64_t{0};
    for (const auto byte : content.last(8))
      seconds = seconds << 8 | byte;
    if (seconds > static_cast<uint64_t>(record_seconds_max))
      return malformed("its expiry is beyond the year 2242");
    return from_content(content, static_cast<int64_t>(seconds));
  } catch (const std::exception&) {
    // The text of the exception may repeat characters of the secret.
    return malformed("it is not base64url");
  }
}

} // namespace starling::identity
