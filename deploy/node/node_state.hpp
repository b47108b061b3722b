#pragma once

#include "runtime/config/node_options.hpp"
#include "runtime/identity/certificate.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/revocation_list.hpp"
#include "runtime/identity/token_book.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace Botan {
class RandomNumberGenerator;
} // namespace Botan

namespace starling::deploy {

/// What a node keeps over restarts: its identity, its place in the cluster,
/// the tokens it gave out and the revocations it heard of.
struct node_state {
  std::shared_ptr<const identity::private_key> key;
  std::optional<identity::public_key> cluster;
  std::optional<identity::membership> own;
  identity::token_book tokens;
  identity::revocation_list revocations;
};

/// Where the parts of a node's state lie.
struct node_paths {
  explicit node_paths(const config::node_options& opts);

  std::filesystem::path folder;
  std::filesystem::path key;
  std::filesystem::path passphrase;
  std::filesystem::path cluster;
  std::filesystem::path certificate;
  std::filesystem::path tokens;
  std::filesystem::path revocations;
  std::filesystem::path audit;
};

/// Reads a node's state. A node without a key gets a new one, encrypted under
/// the passphrase file's content (made too when it is missing, mode 0600).
/// Errors: file_error, permission_denied, malformed_input.
result<node_state> load_node_state(const config::node_options& opts,
                                   Botan::RandomNumberGenerator& rng);

/// Keeps what a sponsor issued. Errors: file_error.
result<void> save_membership(const node_paths& paths,
                             const identity::public_key& cluster,
                             const identity::membership& own);

/// Returns the content of a passphrase file without the line's end; makes one
/// with fresh random content when there is none. Errors: file_error,
/// permission_denied.
result<std::string> load_passphrase(const std::filesystem::path& path,
                                    Botan::RandomNumberGenerator& rng);

} // namespace starling::deploy
