#include "deploy/starling/program.hpp"

#include "deploy/starling/commands.hpp"
#include "deploy/version.hpp"
#include "runtime/config/cluster_options.hpp"
#include "runtime/config/nearest_key.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace starling::cli {

namespace fs = std::filesystem;

exit_code exit_code_of(ec code) {
  switch (code) {
    case ec::unreachable:
    case ec::connection_closed:
      return not_reachable;
    case ec::permission_denied:
    case ec::authentication_failed:
    case ec::revoked:
    case ec::token_refused:
    case ec::quarantined:
    case ec::limit_reached:
      return refused;
    default:
      return failed;
  }
}

void program::show(const result<json>& content,
                   const std::function<std::string(const json&)>& text) {
  if (!content)
    return fail(content.error());
  try {
    const auto shown
      = as_json ? control::to_text(*content, 2) + "\n" : text(*content);
    std::fwrite(shown.data(), 1, shown.size(), stdout);
  } catch (const json::exception&) {
    fail({ec::malformed_input, "the answer is not understood here; is the "
                               "node of the same version? --json shows it"});
  }
}

void program::fail(const failure& reason) {
  code = exit_code_of(reason.code);
  if (as_json)
    fmt::print("{}\n", control::to_text(control::to_json(reason), 2));
  else
    fmt::print(stderr, "starling: {} ({})\n", reason.text,
               name_of(reason.code));
}

result<fs::path> program::cluster_folder() const {
  if (cluster.empty())
    return cluster::newest_cluster(fs::current_path());
  auto code_found = std::error_code{};
  if (fs::is_directory(cluster, code_found))
    return fs::path{cluster};
  auto opts = config::load_cluster_options(cluster);
  if (!opts)
    return opts.error();
  return fs::path{opts->directory};
}

result<control::control_client> program::client() const {
  if (!control.empty())
    return control::control_client{control};
  const auto* variable = std::getenv("STARLING_CONTROL");
  if (cluster.empty() && variable != nullptr && *variable != '\0')
    return control::control_client{variable};
  auto folder = cluster_folder();
  if (!folder)
    return failure{ec::unreachable, folder.error().text};
  auto record = cluster::load_record(*folder);
  if (!record)
    return record.error();
  for (const auto& node : record->nodes) {
    auto client = control::control_client{node.control};
    if (cluster::is_running(node.running) && client.is_alive())
      return client;
  }
  return failure{ec::unreachable,
                 fmt::format("{}: no node of cluster {} answers; start it with "
                             "`starling up FILE`",
                             folder->string(), record->name)};
}

fs::path program_path() {
  auto code = std::error_code{};
  return fs::read_symlink("/proc/self/exe", code);
}

namespace {

/// Returns the text for a word that is no command here.
std::string suggestion(const CLI::App& app, const std::string& word) {
  auto names = std::vector<std::string>{};
  for (const auto* sub : app.get_subcommands({}))
    names.push_back(sub->get_name());
  if (auto near = config::nearest_key(word, names))
    return fmt::format("; did you mean '{}'?", *near);
  return "";
}

/// Finds the first word of the command line that no command takes.
const CLI::App* deepest(const CLI::App& app) {
  const auto* found = &app;
  while (!found->get_subcommands().empty())
    found = found->get_subcommands().front();
  return found;
}

int refuse(const CLI::App& app, const CLI::ParseError& error,
           const program& shared) {
  auto text = std::string{error.what()};
  const auto* where = deepest(app);
  if (error.get_name() == "ExtrasError" || error.get_name() == "RequiredError")
    for (const auto& word : app.remaining(true))
      if (!word.starts_with('-')) {
        text = fmt::format("'{}' is not known here{}", word,
                           suggestion(*where, word));
        break;
      }
  if (shared.as_json)
    fmt::print("{}\n", control::to_text(
                         control::to_json({ec::invalid_option, text}), 2));
  else
    fmt::print(stderr, "starling: {}\nRun `starling {}--help` for more.\n",
               text, where == &app ? "" : where->get_name() + " ");
  return usage;
}

} // namespace

int run(int argc, char** argv) {
  auto app = CLI::App{"Starling: clusters of actors that catch misbehaving "
                      "agents.",
                      "starling"};
  auto shared = program{};
  add_commands(app, shared);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {
    // Help was asked for.
    return app.exit(wish);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error, shared);
  }
  return shared.code;
}

void add_commands(CLI::App& app, program& shared) {
  app.require_subcommand(1);
  // Global options may also follow the command.
  app.fallthrough();
  app.add_flag("--json", shared.as_json, "Write JSON, for scripts");
  app
    .add_option("--control", shared.control,
                "Control socket of the node to talk to; else the variable "
                "STARLING_CONTROL, else the newest cluster in ./cluster")
    ->type_name("SOCKET");
  app
    .add_option("--cluster", shared.cluster,
                "Folder or file of the cluster that is meant")
    ->type_name("PATH");
  app.footer("Exit codes: 0 done, 1 failed, 2 wrong command line, 3 not "
             "reachable, 4 refused.\nNODE is a name, an id, or the beginning "
             "of an id.");
  add_cluster_commands(app, shared);
  add_node_command(app, shared);
  add_query_commands(app, shared);
  add_actor_commands(app, shared);
  add_experiment_commands(app, shared);
  add_plugin_commands(app, shared);
  add_identity_commands(app, shared);
  add_trust_commands(app, shared);
  add_audit_commands(app, shared);
  add_bench_command(app, shared);
  add_other_commands(app, shared);
}

} // namespace starling::cli
