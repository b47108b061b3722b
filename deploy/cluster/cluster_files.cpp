#include "deploy/cluster/cluster_files.hpp"

#include "deploy/node/node_state.hpp"
#include "runtime/file_io.hpp"
#include "runtime/identity/certificate.hpp"
#include "runtime/identity/key_store.hpp"

#include <botan/rng.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace starling::cluster {

namespace fs = std::filesystem;

namespace {

using clock = std::chrono::system_clock;

/// Set back in certificates, for clocks that differ.
constexpr auto clock_tolerance = std::chrono::minutes{5};
/// Peers that a node is told to dial.
constexpr size_t bootstrap_max = 2;

result<void> make_private_folder(const fs::path& folder) {
  auto code = std::error_code{};
  fs::create_directories(folder, code);
  if (!code)
    fs::permissions(folder, fs::perms::owner_all, code);
  if (code)
    return failure{ec::file_error,
                   folder.string() + ": " + code.message()
                     + "; set [cluster] directory to a folder of yours"};
  return {};
}

bool needs_port(const config::endpoint& x) {
  return x.scheme == "tcp" && x.port == 0;
}

/// Settles on what the node listens to, so that others can be told: what an
/// earlier run chose, where the cluster file leaves it open.
result<void> choose_addresses(config::node_options& opts,
                              const fs::path& node_file) {
  auto& listen = opts.node.listen;
  if (!listen.empty() && std::ranges::none_of(listen, needs_port))
    return {};
  auto code = std::error_code{};
  if (fs::exists(node_file, code))
    if (auto before = config::load_node_options(node_file);
        before && !before->node.listen.empty()
        && std::ranges::none_of(before->node.listen, needs_port)) {
      listen = before->node.listen;
      return {};
    }
  if (listen.empty())
    listen.push_back({"tcp", "127.0.0.1", uint16_t{0}, std::nullopt});
  for (auto& address : listen) {
    if (!needs_port(address))
      continue;
    auto port = free_port();
    if (!port)
      return port.error();
    address.port = *port;
  }
  return {};
}

/// Is there a certificate of this cluster with some time left?
bool is_certified(const deploy::node_state& state,
                  const identity::public_key& cluster, clock::time_point now) {
  if (!state.cluster || !state.own || !(*state.cluster == cluster))
    return false;
  auto valid = identity::check(*state.own, cluster, state.key->id(),
                               now + certificate_renewal,
                               [](const peer_id&) { return false; });
  return static_cast<bool>(valid);
}

result<void> certify(const config::node_options& opts,
                     const deploy::node_state& state,
                     const identity::private_key& cluster, bool may_sponsor,
                     clock::time_point now, Botan::RandomNumberGenerator& rng) {
  if (is_certified(state, cluster.public_part(), now))
    return {};
  auto body = identity::certificate_body{};
  body.subject = state.key->id();
  rng.randomize(reinterpret_cast<uint8_t*>(&body.serial), sizeof(body.serial));
  body.not_before = now - clock_tolerance;
  body.not_after = now + certificate_lifetime;
  body.may_sponsor = may_sponsor;
  body.name = opts.node.name;
  auto issued = identity::issue(cluster, std::move(body), rng);
  if (!issued)
    return issued.error();
  return deploy::save_membership(deploy::node_paths{opts},
                                 cluster.public_part(), *issued);
}

/// Marks the nodes that any of them has heard to be revoked.
void mark_revoked(std::vector<node_record>& nodes,
                  const std::vector<identity::revocation_list>& lists) {
  for (auto& node : nodes)
    node.revoked
      = std::ranges::any_of(lists, [&](const identity::revocation_list& list) {
          return list.contains(node.id);
        });
}

void choose_bootstrap(std::vector<config::cluster_node>& nodes,
                      const std::vector<node_record>& records) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    auto& bootstrap = nodes[i].options.node.bootstrap;
    if (!bootstrap.empty())
      continue;
    for (size_t j = 0; j < nodes.size() && bootstrap.size() < bootstrap_max;
         ++j) {
      const auto& listen = nodes[j].options.node.listen;
      if (i == j || listen.empty() || records[j].revoked)
        continue;
      auto address = listen.front();
      if (address.host == "0.0.0.0" || address.host == "::")
        address.host = nodes[j].host.empty() ? "127.0.0.1" : nodes[j].host;
      address.peer = records[j].id;
      bootstrap.push_back(std::move(address));
    }
  }
}

} // namespace

result<identity::private_key>
load_cluster_key(const cluster_paths& paths, bool make_if_missing,
                 Botan::RandomNumberGenerator& rng) {
  auto code = std::error_code{};
  const auto exists = fs::exists(paths.key, code);
  if (!exists && !make_if_missing)
    return failure{ec::file_error,
                   paths.key.string()
                     + ": there is no cluster key here; name the cluster's "
                       "folder with --cluster"};
  auto passphrase = deploy::load_passphrase(paths.passphrase, rng);
  if (!passphrase)
    return passphrase.error();
  if (exists)
    return identity::key_store::load(paths.key, *passphrase);
  auto key = identity::private_key::generate(rng);
  if (auto saved = identity::key_store::save(key, paths.key, *passphrase, rng);
      !saved)
    return saved.error();
  return key;
}

result<uint16_t> free_port() {
  const auto fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto size = socklen_t{sizeof(address)};
  const auto found
    = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0
      && ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (fd >= 0)
    ::close(fd);
  if (!found)
    return failure{ec::unreachable, "no TCP port on loopback is free"};
  return ntohs(address.sin_port);
}

result<cluster_record> write_cluster_files(config::cluster_options opts,
                                           clock::time_point now,
                                           Botan::RandomNumberGenerator& rng) {
  const auto paths = cluster_paths{opts.directory};
  if (auto made = make_private_folder(paths.folder); !made)
    return made.error();
  auto cluster = load_cluster_key(paths, true, rng);
  if (!cluster)
    return cluster.error();
  const auto& shared = cluster->public_part().bytes();
  if (auto saved = write_file_atomically(
        paths.public_key, std::span<const uint8_t>{shared}, 0644);
      !saved)
    return saved.error();
  auto record = cluster_record{opts.name, paths.folder, {}};
  auto revocations = std::vector<identity::revocation_list>{};
  for (auto& node : opts.nodes) {
    const auto folder = fs::path{node.options.node.state_dir};
    auto entry = node_record{};
    entry.name = node.options.node.name;
    entry.host = node.host;
    entry.file = folder / "node.toml";
    entry.log = folder / "node.log";
    entry.control = node.options.node.control_socket;
    if (auto chosen = choose_addresses(node.options, entry.file); !chosen)
      return chosen.error();
    auto state = deploy::load_node_state(node.options, rng);
    if (!state)
      return state.error();
    entry.id = state->key->id();
    revocations.push_back(std::move(state->revocations));
    if (auto done = certify(node.options, *state, *cluster,
                            record.nodes.empty(), now, rng);
        !done)
      return done.error();
    for (const auto& address : node.options.node.listen)
      entry.addresses.push_back(to_string(address));
    record.nodes.push_back(std::move(entry));
  }
  mark_revoked(record.nodes, revocations);
  choose_bootstrap(opts.nodes, record.nodes);
  for (size_t i = 0; i < opts.nodes.size(); ++i)
    if (auto saved = write_file_atomically(record.nodes[i].file,
                                           to_toml(opts.nodes[i].options),
                                           private_file_mode);
        !saved)
      return saved.error();
  return record;
}

} // namespace starling::cluster
