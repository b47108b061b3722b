#include "deploy/cluster/cluster_files.hpp"
#include "deploy/control/node_names.hpp"
#include "deploy/node/node_state.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/text_table.hpp"
#include "runtime/identity/key_store.hpp"
#include "runtime/identity/revocation.hpp"

#include <CLI/App.hpp>
#include <botan/auto_rng.h>
#include <botan/hex.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace starling::cli {

namespace fs = std::filesystem;

namespace {

struct key_arguments {
  std::string file;
  std::string passphrase_file;
};

struct revoke_arguments {
  std::string node;
  std::string reason = "revoked by the operator";
};

std::string identity_text(const json& x) {
  auto table = text_table{{"NAME", "ID", "KEY FILE"}};
  for (const auto& entry : x.at("identities"))
    table.add({entry.at("name"), entry.at("id"), entry.at("file")});
  return table.text();
}

json identity_entry(const std::string& name, const peer_id& id,
                    const fs::path& file) {
  return {{"name", name}, {"id", to_string(id)}, {"file", file.string()}};
}

/// Shows one key file, or the cluster's and those of its nodes.
void show_identities(program& shared, const std::string& file) {
  auto list = json::array();
  auto add = [&](const std::string& name, const fs::path& path) {
    auto id = identity::key_store::peek_id(path);
    if (id)
      list.push_back(identity_entry(name, *id, path));
    return id;
  };
  if (!file.empty()) {
    if (auto id = add("", file); !id)
      return shared.fail(id.error());
  } else {
    auto folder = shared.cluster_folder();
    if (!folder)
      return shared.fail(folder.error());
    auto record = cluster::load_record(*folder);
    if (!record)
      return shared.fail(record.error());
    if (auto id = add("(cluster)", cluster::cluster_paths{*folder}.key); !id)
      return shared.fail(id.error());
    for (const auto& node : record->nodes)
      if (auto opts = config::load_node_options(node.file))
        list.push_back(
          identity_entry(node.name, node.id, deploy::node_paths{*opts}.key));
  }
  shared.show(result<json>{json{{"identities", std::move(list)}}},
              identity_text);
}

void make_identity(program& shared, const key_arguments& input) {
  const auto path = fs::path{input.file};
  auto code = std::error_code{};
  if (fs::exists(path, code))
    return shared.fail({ec::duplicate_name,
                        path.string()
                          + ": is there already, and a lost identity can't be "
                            "had back; remove it yourself if you mean it"});
  auto rng = Botan::AutoSeeded_RNG{};
  const auto secret = input.passphrase_file.empty()
                        ? path.string() + ".passphrase"
                        : input.passphrase_file;
  auto passphrase = deploy::load_passphrase(secret, rng);
  if (!passphrase)
    return shared.fail(passphrase.error());
  auto key = identity::private_key::generate(rng);
  if (auto saved = identity::key_store::save(key, path, *passphrase, rng);
      !saved)
    return shared.fail(saved.error());
  auto list = json::array({identity_entry("", key.id(), path)});
  shared.show(result<json>{json{{"identities", std::move(list)},
                                {"passphrase_file", secret}}},
              identity_text);
}

void issue_token(program& shared, int64_t lifetime) {
  auto client = shared.client();
  if (!client)
    return shared.fail(client.error());
  shared.show(
    client->post("/v1/tokens", json{{"lifetime", lifetime}}),
    [](const json& x) { return x.at("token").get<std::string>() + "\n"; });
}

/// Signs the record here, where the cluster's key is, and tells all nodes that
/// run here; from them it spreads.
result<json> revoke_node(const fs::path& folder,
                         const revoke_arguments& input) {
  auto record = cluster::load_record(folder);
  if (!record)
    return record.error();
  auto known = std::vector<control::named_node>{};
  for (const auto& node : record->nodes)
    known.push_back({node.id, node.name});
  auto subject = control::find_node(input.node, known);
  if (!subject)
    return subject.error();
  auto rng = Botan::AutoSeeded_RNG{};
  auto key
    = cluster::load_cluster_key(cluster::cluster_paths{folder}, false, rng);
  if (!key)
    return key.error();
  auto revocation = identity::revoke(
    *key, *subject, std::chrono::system_clock::now(), input.reason, rng);
  if (!revocation)
    return revocation.error();
  const auto body
    = json{{"record", Botan::hex_encode(identity::encode(*revocation), false)}};
  auto nodes = json::array();
  for (const auto& node : record->nodes) {
    if (node.id == *subject)
      continue;
    auto told
      = control::control_client{node.control}.post("/v1/revocations", body);
    nodes.push_back(
      {{"name", node.name}, {"state", told ? "told" : told.error().text}});
  }
  return result<json>{
    json{{"subject", to_string(*subject)}, {"nodes", std::move(nodes)}}};
}

void run_revoke(program& shared, const revoke_arguments& input) {
  auto folder = shared.cluster_folder();
  if (!folder)
    return shared.fail(folder.error());
  auto answer = revoke_node(*folder, input);
  if (answer)
    for (const auto& node : (*answer).at("nodes"))
      if (node.at("state") != "told")
        shared.code = failed;
  shared.show(answer, [](const json& x) {
    auto table = text_table{{"NODE", "STATE"}};
    for (const auto& node : x.at("nodes"))
      table.add({node.at("name"), node.at("state")});
    return fmt::format("revoked {}\n{}",
                       x.at("subject").get<std::string>().substr(0, 12),
                       table.text());
  });
}

} // namespace

void add_identity_commands(CLI::App& app, program& shared) {
  auto* identity = app.add_subcommand("identity", "Show and make identities");
  identity->require_subcommand(1);
  auto* show = identity->add_subcommand("show", "Show the id of a key file, or "
                                                "those of a cluster");
  auto shown = std::make_shared<std::string>();
  show->add_option("FILE", *shown, "The key file; else the newest cluster's");
  show->callback([&shared, shown] { show_identities(shared, *shown); });
  auto* made = identity->add_subcommand("new", "Make an identity in an "
                                               "encrypted key file");
  auto input = std::make_shared<key_arguments>();
  made->add_option("FILE", input->file, "The new key file")->required();
  made->add_option("--passphrase-file", input->passphrase_file,
                   "Holds the passphrase; made if missing, else "
                   "FILE.passphrase");
  made->callback([&shared, input] { make_identity(shared, *input); });

  auto* token = app.add_subcommand("token", "Invite nodes into the cluster");
  token->require_subcommand(1);
  auto* issued = token->add_subcommand("new", "Make a join token, good for one "
                                              "node");
  auto lifetime = std::make_shared<int64_t>(3600);
  issued->add_option("--lifetime", *lifetime, "Seconds until it expires")
    ->check(CLI::Range(1, 30 * 86'400))
    ->capture_default_str();
  issued->callback([&shared, lifetime] { issue_token(shared, *lifetime); });

  auto* revoke = app.add_subcommand("revoke", "Put a node out of the cluster, "
                                              "for good");
  auto revoking = std::make_shared<revoke_arguments>();
  revoke->add_option("NODE", revoking->node, "The node")->required();
  revoke->add_option("--reason", revoking->reason, "Why, for the audit log");
  revoke->callback([&shared, revoking] { run_revoke(shared, *revoking); });
}

} // namespace starling::cli
