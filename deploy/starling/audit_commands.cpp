#include "deploy/cluster/cluster_record.hpp"
#include "deploy/node/node_state.hpp"
#include "deploy/starling/commands.hpp"
#include "deploy/starling/text_table.hpp"
#include "runtime/audit/log_files.hpp"
#include "runtime/audit/notary.hpp"
#include "runtime/identity/key_store.hpp"

#include <CLI/App.hpp>
#include <botan/auto_rng.h>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

namespace starling::cli {

namespace fs = std::filesystem;

namespace {

struct verify_arguments {
  std::string log;
  std::string key;
  std::string passphrase_file;
};

/// Reads who must have signed: the identity of the node that wrote the log.
result<identity::public_key> owner_of(const fs::path& key,
                                      const fs::path& passphrase_file) {
  auto code = std::error_code{};
  if (!fs::exists(passphrase_file, code))
    return failure{ec::file_error,
                   passphrase_file.string()
                     + ": there is no passphrase here; name the node's key "
                       "with --key and --passphrase-file"};
  auto rng = Botan::AutoSeeded_RNG{};
  auto passphrase = deploy::load_passphrase(passphrase_file, rng);
  if (!passphrase)
    return passphrase.error();
  auto loaded = identity::key_store::load(key, *passphrase);
  if (!loaded)
    return loaded.error();
  return loaded->public_part();
}

result<json> verify(const std::string& name, const fs::path& log,
                    const fs::path& key, const fs::path& passphrase_file) {
  auto owner = owner_of(key, passphrase_file);
  if (!owner)
    return owner.error();
  auto found = audit::inspect_log(log, audit::notary_for(*owner));
  if (!found)
    return found.error();
  auto entry = json{{"node", name},
                    {"log", log.string()},
                    {"intact", found->intact()},
                    {"entries", found->entries},
                    {"anchors", found->anchors},
                    {"first", found->first},
                    {"unsigned_tail", found->unsigned_tail}};
  if (found->problem)
    entry["problem"] = {{"flaw", audit::name_of(found->problem->what)},
                        {"file", found->problem->file},
                        {"line", found->problem->line},
                        {"text", found->problem->text}};
  return result<json>{std::move(entry)};
}

result<json> verify_cluster(const fs::path& folder) {
  auto record = cluster::load_record(folder);
  if (!record)
    return record.error();
  auto logs = json::array();
  for (const auto& node : record->nodes) {
    auto opts = config::load_node_options(node.file);
    if (!opts)
      return opts.error();
    const auto paths = deploy::node_paths{*opts};
    auto entry = verify(node.name, paths.audit, paths.key, paths.passphrase);
    if (!entry)
      return entry.error();
    logs.push_back(std::move(*entry));
  }
  return result<json>{std::move(logs)};
}

/// A log lies at STATE/audit/audit.jsonl, the key at STATE/identity.pem.
result<json> verify_log(const verify_arguments& input) {
  const auto state = fs::path{input.log}.parent_path().parent_path();
  const auto key
    = input.key.empty() ? state / "identity.pem" : fs::path{input.key};
  const auto passphrase = input.passphrase_file.empty()
                            ? key.parent_path() / "passphrase"
                            : fs::path{input.passphrase_file};
  auto entry = verify("", input.log, key, passphrase);
  if (!entry)
    return entry.error();
  return result<json>{json::array({std::move(*entry)})};
}

std::string verify_text(const json& x) {
  auto table
    = text_table{{"NODE", "ENTRIES", "SIGNED BY", "UNSIGNED", "VERDICT"}};
  for (const auto& log : x.at("logs")) {
    auto verdict = std::string{"intact"};
    if (log.contains("problem")) {
      const auto& problem = log.at("problem");
      verdict = fmt::format("{}: {} ({} line {})",
                            problem.at("flaw").get<std::string>(),
                            problem.at("text").get<std::string>(),
                            problem.at("file").get<std::string>(),
                            problem.at("line").get<uint64_t>());
    }
    table.add(
      {log.at("node"), std::to_string(log.at("entries").get<uint64_t>()),
       fmt::format("{} anchors", log.at("anchors").get<uint64_t>()),
       std::to_string(log.at("unsigned_tail").get<uint64_t>()), verdict});
  }
  return table.text();
}

void run_verify(program& shared, const verify_arguments& input) {
  auto logs = [&]() -> result<json> {
    if (!input.log.empty())
      return verify_log(input);
    auto folder = shared.cluster_folder();
    if (!folder)
      return folder.error();
    return verify_cluster(*folder);
  }();
  if (!logs)
    return shared.fail(logs.error());
  for (const auto& log : *logs)
    if (!log.at("intact").get<bool>())
      shared.code = failed;
  shared.show(result<json>{json{{"logs", *logs}}}, verify_text);
}

} // namespace

void add_audit_commands(CLI::App& app, program& shared) {
  auto* audit = app.add_subcommand("audit", "Check audit logs");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand(
    "verify", "Check that no entry was changed, dropped or moved; the log may "
              "be written to meanwhile");
  auto input = std::make_shared<verify_arguments>();
  verify->add_option("FILE", input->log,
                     "The log; else those of all nodes of the newest cluster");
  verify->add_option("--key", input->key,
                     "The node's key file; else the one beside the log");
  verify->add_option("--passphrase-file", input->passphrase_file,
                     "The passphrase of the key file; else the one beside it");
  verify->callback([&shared, input] { run_verify(shared, *input); });
}

} // namespace starling::cli
