#include "runtime/identity/key_store.hpp"

#include "runtime/file_io.hpp"

#include <botan/pk_keys.h>
#include <botan/pkcs8.h>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <span>
#include <string>
#include <utility>

namespace starling::identity::key_store {

namespace {

constexpr std::string_view first_word = "starling-identity 1 ";
constexpr std::string_view block_begin
  = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n";
constexpr std::string_view block_end = "-----END ENCRYPTED PRIVATE KEY-----\n";

/// Botan takes scrypt's cost as a number of iterations, which it maps to
/// N = 2^13 up to 50,000, 2^14 up to 100,000, 2^15 up to 150,000, else 2^16.
constexpr unsigned log2_cost_min = 13;
constexpr auto iterations = std::array<size_t, 4>{1, 50'001, 100'001, 150'001};

/// The three parts of a key file; views into its text.
struct file_parts {
  peer_id id;
  std::string_view ed25519;
  std::string_view ml_dsa;
};

failure malformed(const std::filesystem::path& path, std::string_view why) {
  return {ec::malformed_input,
          fmt::format("{} is not a starling identity: {}", path.string(), why)};
}

/// Cuts off one block, or returns nothing.
std::string_view take_block(std::string_view& text) {
  const auto end = text.find(block_end);
  if (!text.starts_with(block_begin) || end == std::string_view::npos)
    return {};
  const auto block = text.substr(0, end + block_end.size());
  text.remove_prefix(block.size());
  return block;
}

result<file_parts> split(std::string_view text,
                         const std::filesystem::path& path) {
  if (!text.starts_with(first_word))
    return malformed(path, "its first line is not that of a key file");
  text.remove_prefix(first_word.size());
  const auto id = parse_peer_id(text.substr(0, 2 * peer_id::size));
  if (!id)
    return malformed(path, "its first line does not name a node");
  text.remove_prefix(2 * peer_id::size);
  if (!text.starts_with('\n'))
    return malformed(path, "its first line is too long");
  text.remove_prefix(1);
  const auto ed25519 = take_block(text);
  const auto ml_dsa = take_block(text);
  if (ed25519.empty() || ml_dsa.empty() || !text.empty())
    return malformed(path, "it does not hold exactly two encrypted keys");
  return file_parts{*id, ed25519, ml_dsa};
}

result<std::string> encrypt(const Botan::Private_Key& key,
                            std::string_view passphrase, unsigned log2_cost,
                            Botan::RandomNumberGenerator& rng) {
  try {
    return Botan::PKCS8::PEM_encode_encrypted_pbkdf_iter(
      key, rng, passphrase, iterations[log2_cost - log2_cost_min],
      "AES-256/GCM", "Scrypt");
  } catch (const std::exception& ex) {
    return failure{ec::wrong_state, fmt::format("cannot encrypt the {} key: {}",
                                                key.algo_name(), ex.what())};
  }
}

result<std::unique_ptr<Botan::Private_Key>>
decrypt(std::string_view block, std::string_view passphrase,
        const std::filesystem::path& path) {
  try {
    const auto bytes
      = std::span{reinterpret_cast<const uint8_t*>(block.data()), block.size()};
    return Botan::PKCS8::load_key(bytes, passphrase);
  } catch (const std::exception& ex) {
    // Botan wraps the failed tag of a wrong passphrase in the same type as all
    // else, and what is not authentic may look like anything.
    return failure{ec::authentication_failed,
                   fmt::format("cannot decrypt {}: wrong passphrase, or the "
                               "file was altered ({})",
                               path.string(), ex.what())};
  }
}

result<void> check_options(std::string_view passphrase, const options& opts) {
  if (passphrase.empty() || passphrase.size() > passphrase_max)
    return failure{ec::invalid_option,
                   fmt::format("the passphrase of an identity has 1 to {} "
                               "bytes, not {}",
                               passphrase_max, passphrase.size())};
  if (opts.log2_cost < log2_cost_min
      || opts.log2_cost - log2_cost_min >= iterations.size())
    return failure{ec::invalid_option,
                   fmt::format("log2_cost of the key store is 13 to 16, not {}",
                               opts.log2_cost)};
  return {};
}

} // namespace

result<void> save(const private_key& key, const std::filesystem::path& path,
                  std::string_view passphrase,
                  Botan::RandomNumberGenerator& rng, const options& opts) {
  if (auto ok = check_options(passphrase, opts); !ok)
    return ok;
  auto ed25519 = encrypt(key.ed25519(), passphrase, opts.log2_cost, rng);
  if (!ed25519)
    return ed25519.error();
  auto ml_dsa = encrypt(key.ml_dsa(), passphrase, opts.log2_cost, rng);
  if (!ml_dsa)
    return ml_dsa.error();
  const auto text = fmt::format("{}{}\n{}{}", first_word, to_string(key.id()),
                                *ed25519, *ml_dsa);
  return write_file_atomically(path, text, private_file_mode);
}

result<private_key> load(const std::filesystem::path& path,
                         std::string_view passphrase) {
  auto text = read_private_file(path, file_bytes_max);
  if (!text)
    return text.error();
  const auto parts = split(*text, path);
  if (!parts)
    return parts.error();
  auto ed25519 = decrypt(parts->ed25519, passphrase, path);
  if (!ed25519)
    return ed25519.error();
  auto ml_dsa = decrypt(parts->ml_dsa, passphrase, path);
  if (!ml_dsa)
    return ml_dsa.error();
  auto key = private_key::from_parts(std::move(*ed25519), std::move(*ml_dsa));
  if (!key)
    return malformed(path, key.error().text);
  if (key->id() != parts->id)
    return failure{ec::authentication_failed,
                   fmt::format("{} names node {} but holds the keys of {}: the "
                               "file was altered",
                               path.string(), short_name(parts->id),
                               short_name(key->id()))};
  return key;
}

result<peer_id> peek_id(const std::filesystem::path& path) {
  auto text = read_private_file(path, file_bytes_max);
  if (!text)
    return text.error();
  const auto parts = split(*text, path);
  if (!parts)
    return parts.error();
  return parts->id;
}

} // namespace starling::identity::key_store
