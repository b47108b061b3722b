#include "deploy/node/node_state.hpp"

#include "runtime/file_io.hpp"
#include "runtime/identity/key_store.hpp"

#include <botan/hex.h>
#include <botan/rng.h>

#include <system_error>
#include <utility>

namespace starling::deploy {

namespace fs = std::filesystem;

namespace {

constexpr size_t passphrase_bytes = 32;
constexpr size_t small_file_max = 64 * 1024;

fs::path or_default(const std::string& given, const fs::path& fallback) {
  return given.empty() ? fallback : fs::path{given};
}

result<void> make_folder(const fs::path& folder) {
  auto ec_made = std::error_code{};
  fs::create_directories(folder, ec_made);
  if (ec_made)
    return failure{ec::file_error, folder.string() + ": " + ec_made.message()
                                     + "; set [node] state_dir"};
  fs::permissions(folder, fs::perms::owner_all, ec_made);
  return {};
}

result<identity::private_key> load_key(const node_paths& paths,
                                       Botan::RandomNumberGenerator& rng) {
  auto passphrase = load_passphrase(paths.passphrase, rng);
  if (!passphrase)
    return passphrase.error();
  if (fs::exists(paths.key))
    return identity::key_store::load(paths.key, *passphrase);
  auto key = identity::private_key::generate(rng);
  if (auto saved = identity::key_store::save(key, paths.key, *passphrase, rng);
      !saved)
    return saved.error();
  return key;
}

result<void> load_cluster(const node_paths& paths, node_state& state) {
  if (fs::exists(paths.cluster)) {
    auto bytes = read_file(paths.cluster, small_file_max);
    if (!bytes)
      return bytes.error();
    auto key = identity::public_key::parse(*bytes);
    if (!key)
      return failure{key.error().code,
                     paths.cluster.string() + ": " + key.error().text};
    state.cluster = std::move(*key);
  }
  if (fs::exists(paths.certificate)) {
    auto bytes = read_file(paths.certificate, small_file_max);
    if (!bytes)
      return bytes.error();
    auto own = identity::decode_membership(*bytes);
    if (!own)
      return failure{own.error().code,
                     paths.certificate.string() + ": " + own.error().text};
    state.own = std::move(*own);
  }
  return {};
}

result<void> load_lists(const node_paths& paths, node_state& state) {
  if (fs::exists(paths.tokens)) {
    auto tokens = identity::token_book::load(paths.tokens, {});
    if (!tokens)
      return tokens.error();
    state.tokens = std::move(*tokens);
  }
  if (state.cluster && fs::exists(paths.revocations)) {
    auto list
      = identity::revocation_list::load(paths.revocations, *state.cluster, {});
    if (!list)
      return list.error();
    state.revocations = std::move(*list);
  }
  return {};
}

} // namespace

node_paths::node_paths(const config::node_options& opts)
  : folder{opts.node.state_dir},
    key{or_default(opts.security.key_file, folder / "identity.pem")},
    passphrase{
      or_default(opts.security.passphrase_file, folder / "passphrase")},
    cluster{or_default(opts.security.cluster_key, folder / "cluster.pub")},
    certificate{
      or_default(opts.security.certificate, folder / "membership.bin")},
    tokens{folder / "tokens.txt"},
    revocations{folder / "revocations.bin"},
    audit{folder / "audit" / "audit.jsonl"} {
  // nop
}

result<std::string> load_passphrase(const fs::path& path,
                                    Botan::RandomNumberGenerator& rng) {
  if (!fs::exists(path)) {
    auto bytes = rng.random_vec(passphrase_bytes);
    auto text = Botan::hex_encode(bytes, false) + "\n";
    if (auto saved = write_file_atomically(path, text, private_file_mode);
        !saved)
      return saved.error();
  }
  auto text = read_private_file(path, small_file_max);
  if (!text)
    return text.error();
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
    text->pop_back();
  return *text;
}

result<node_state> load_node_state(const config::node_options& opts,
                                   Botan::RandomNumberGenerator& rng) {
  const auto paths = node_paths{opts};
  if (auto made = make_folder(paths.folder); !made)
    return made.error();
  if (auto made = make_folder(paths.audit.parent_path()); !made)
    return made.error();
  auto key = load_key(paths, rng);
  if (!key)
    return key.error();
  auto state = node_state{};
  state.key = std::make_shared<const identity::private_key>(std::move(*key));
  if (auto loaded = load_cluster(paths, state); !loaded)
    return loaded.error();
  if (auto loaded = load_lists(paths, state); !loaded)
    return loaded.error();
  return state;
}

result<void> save_membership(const node_paths& paths,
                             const identity::public_key& cluster,
                             const identity::membership& own) {
  if (auto saved = write_file_atomically(
        paths.cluster, std::span<const uint8_t>{cluster.bytes()}, 0644);
      !saved)
    return saved.error();
  const auto bytes = identity::encode(own);
  return write_file_atomically(paths.certificate,
                               std::span<const uint8_t>{bytes}, 0644);
}

} // namespace starling::deploy
