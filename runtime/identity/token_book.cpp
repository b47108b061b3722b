#include "runtime/identity/token_book.hpp"

#include "runtime/file_io.hpp"
#include "runtime/identity/canonical_bytes.hpp"
#include "runtime/identity/join_token.hpp"

#include <botan/hash.h>
#include <botan/mem_ops.h>
#include <botan/rng.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace starling::identity {

namespace {

constexpr std::string_view first_line = "starling-token-book 1";

/// Two ids, a number of at most ten digits, blanks and the end of the line.
constexpr size_t line_bytes_max = 2 * 64 + 10 + 3;

failure refused(std::string_view why) {
  return {ec::token_refused,
          fmt::format("the join token is {}; ask the operator of the cluster "
                      "for a new one",
                      why)};
}

std::array<uint8_t, 32> digest_of(std::span<const uint8_t> secret) {
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(secret);
  auto digest = std::array<uint8_t, 32>{};
  hash->final(digest);
  return digest;
}

/// Cuts off what stands before the next separator, or everything.
std::string_view take_until(char separator, std::string_view& text) {
  const auto end = std::min(text.find(separator), text.size());
  const auto head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text) {
  auto seconds = int64_t{0};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return time_from_seconds(seconds);
}

} // namespace

token_book::token_book(const options& opts) : opts_{opts} {
  // nop
}

result<std::string>
token_book::issue(const peer_id& sponsor, const peer_id& cluster,
                  clock::time_point now, std::chrono::seconds lifetime,
                  Botan::RandomNumberGenerator& rng) {
  if (lifetime < std::chrono::seconds{1} || lifetime > opts_.lifetime_max)
    return failure{ec::invalid_option,
                   fmt::format("a join token can't live {} s, only 1 to {} s",
                               lifetime.count(), opts_.lifetime_max.count())};
  purge(now);
  if (entries_.size() >= opts_.tokens_max)
    return failure{ec::limit_reached,
                   fmt::format("{} join tokens are remembered, the most is {}; "
                               "wait until some expire, or raise tokens_max",
                               entries_.size(), opts_.tokens_max)};
  auto token = join_token{};
  token.cluster = cluster;
  token.sponsor = sponsor;
  token.secret.resize(join_token::secret_size);
  rng.randomize(token.secret);
  token.expires = std::chrono::floor<std::chrono::seconds>(now) + lifetime;
  entries_.push_back({digest_of(token.secret), token.expires, std::nullopt});
  return to_string(token);
}

result<void> token_book::redeem(std::span<const uint8_t> secret,
                                const peer_id& joiner, clock::time_point now) {
  if (secret.size() != join_token::secret_size)
    return refused("unknown here");
  const auto wanted = digest_of(secret);
  auto* found = static_cast<entry*>(nullptr);
  // Looks at all entries in full, whether or not one matched before.
  for (auto& candidate : entries_)
    if (Botan::constant_time_compare(candidate.secret_hash, wanted))
      found = &candidate;
  if (!found)
    return refused("unknown here");
  if (found->used_by)
    return refused("used already");
  if (now >= found->expires)
    return refused("expired");
  found->used_by = joiner;
  return {};
}

size_t token_book::purge(clock::time_point now) {
  return std::erase_if(entries_, [&](const entry& x) {
    return now - opts_.kept_after_expiry >= x.expires;
  });
}

size_t token_book::size() const noexcept {
  return entries_.size();
}

size_t token_book::open_count(clock::time_point now) const {
  const auto is_open
    = [now](const entry& x) { return !x.used_by && now < x.expires; };
  return static_cast<size_t>(
    std::count_if(entries_.begin(), entries_.end(), is_open));
}

std::string token_book::encode() const {
  auto text = std::string{first_line} + '\n';
  for (const auto& x : entries_)
    text += fmt::format("{} {} {}\n", to_string(peer_id{x.secret_hash}),
                        x.expires.time_since_epoch().count(),
                        x.used_by ? to_string(*x.used_by) : "open");
  return text;
}

std::optional<token_book::entry> token_book::parse_line(std::string_view line) {
  const auto secret_hash = parse_peer_id(take_until(' ', line));
  const auto expires = parse_time(take_until(' ', line));
  if (!secret_hash || !expires)
    return std::nullopt;
  if (line == "open")
    return entry{secret_hash->bytes, *expires, std::nullopt};
  const auto used_by = parse_peer_id(line);
  if (!used_by)
    return std::nullopt;
  return entry{secret_hash->bytes, *expires, used_by};
}

result<token_book> token_book::decode(std::string_view text,
                                      const options& opts) {
  const auto malformed = [](size_t line) {
    return failure{ec::malformed_input,
                   fmt::format("line {} of the token book is malformed; it "
                               "was changed by something else than starling",
                               line)};
  };
  if (take_until('\n', text) != first_line)
    return malformed(1);
  auto book = token_book{opts};
  for (auto number = size_t{2}; !text.empty(); ++number) {
    if (book.entries_.size() >= opts.tokens_max)
      return failure{ec::limit_reached,
                     fmt::format("the token book has more than {} tokens; "
                                 "raise tokens_max",
                                 opts.tokens_max)};
    auto parsed = parse_line(take_until('\n', text));
    if (!parsed)
      return malformed(number);
    book.entries_.push_back(*parsed);
  }
  return book;
}

result<void> token_book::save(const std::filesystem::path& path) const {
  return write_file_atomically(path, encode(), private_file_mode);
}

result<token_book> token_book::load(const std::filesystem::path& path,
                                    const options& opts) {
  const auto bytes_max
    = first_line.size() + 1 + (opts.tokens_max + 1) * line_bytes_max;
  auto text = read_private_file(path, bytes_max);
  if (!text)
    return text.error();
  return decode(*text, opts);
}

} // namespace starling::identity
