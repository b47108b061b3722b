#include "deploy/starling/commands.hpp"
#include "deploy/starling/completion.hpp"
#include "deploy/version.hpp"

#include <CLI/App.hpp>
#include <botan/version.h>
#include <caf/config.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

namespace starling::cli {

namespace {

std::string caf_version() {
  return fmt::format("{}.{}.{}", CAF_MAJOR_VERSION, CAF_MINOR_VERSION,
                     CAF_PATCH_VERSION);
}

void complete(const CLI::App& app, program& shared, const std::string& shell) {
  auto script = completion_script(shell, words_of(app));
  if (!script) {
    shared.fail(script.error());
    shared.code = usage;
    return;
  }
  std::fwrite(script->data(), 1, script->size(), stdout);
}

} // namespace

void add_other_commands(CLI::App& app, program& shared) {
  app
    .add_subcommand("version", "Show the versions of this program and of what "
                               "it is built on")
    ->callback([&shared] {
      const auto content = json{{"starling", deploy::version},
                                {"caf", caf_version()},
                                {"botan", Botan::short_version_string()}};
      shared.show(result<json>{content}, [](const json& x) {
        return fmt::format("starling {} (CAF {}, Botan {})\n",
                           x.at("starling").get<std::string>(),
                           x.at("caf").get<std::string>(),
                           x.at("botan").get<std::string>());
      });
    });
  auto* completion = app.add_subcommand("completion", "Write a script that "
                                                      "completes commands");
  auto shell = std::make_shared<std::string>();
  completion->add_option("SHELL", *shell, "bash, zsh or fish")->required();
  completion->callback(
    [&app, &shared, shell] { complete(app, shared, *shell); });
}

} // namespace starling::cli
