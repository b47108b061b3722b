#pragma once

#include "deploy/cluster/cluster_record.hpp"
#include "runtime/config/cluster_options.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>

namespace starling::cluster {

/// Certificates are valid that long, and are renewed when less than
/// `certificate_renewal` is left.
inline constexpr auto certificate_lifetime = std::chrono::hours{24 * 365};
inline constexpr auto certificate_renewal = std::chrono::hours{24 * 30};

/// Makes the folder of a cluster, or completes it: the cluster's identity, and
/// for each node a folder with its identity, a certificate of the cluster and
/// its node file. What is there stays: identities, valid certificates, ports
/// that were chosen. The first node may admit others by join token.
///
/// Nodes that name no address get a free port on loopback; nodes that name no
/// peers get the first two others. Errors: file_error, permission_denied,
/// invalid_option.
[[nodiscard]] result<cluster_record>
write_cluster_files(config::cluster_options opts,
                    std::chrono::system_clock::time_point now,
                    Botan::RandomNumberGenerator& rng);

/// Reads the cluster's identity, or makes one. Errors: file_error,
/// permission_denied, authentication_failed.
[[nodiscard]] result<identity::private_key>
load_cluster_key(const cluster_paths& paths, bool make_if_missing,
                 Botan::RandomNumberGenerator& rng);

/// Returns a TCP port on loopback that nobody uses now. Errors: unreachable.
[[nodiscard]] result<uint16_t> free_port();

} // namespace starling::cluster
