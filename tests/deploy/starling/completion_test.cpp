#include "deploy/starling/completion.hpp"

#include "deploy/starling/program.hpp"
#include "tests/support/scratch_folder.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

using namespace starling;

namespace {

std::string script_of(const char* shell) {
  auto app = CLI::App{};
  auto shared = cli::program{};
  cli::add_commands(app, shared);
  auto script = cli::completion_script(shell, cli::words_of(app));
  REQUIRE(script);
  return *script;
}

/// What bash would offer after these words.
std::string offered(const std::string& words) {
  auto folder = test::scratch_folder{};
  std::ofstream{folder / "script"}
    << script_of("bash") << "COMP_WORDS=(" << words
    << ")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_starling\n"
    << "printf '%s ' \"${COMPREPLY[@]}\"\n";
  const auto command = "bash " + (folder / "script").string() + " > "
                       + (folder / "out").string();
  REQUIRE(std::system(command.c_str()) == 0);
  auto text = std::stringstream{};
  text << std::ifstream{folder / "out"}.rdbuf();
  return text.str();
}

} // namespace

TEST_SUITE_BEGIN("deploy/starling/completion");

TEST_CASE("bash completes commands, commands below them, and options") {
  CHECK(offered("starling stat") == "status ");
  CHECK(offered("starling plugin n") == "new ");
  CHECK(offered("starling --json plugin l") == "list ");
  CHECK(offered("starling spawn --on") == "--on ");
  CHECK(offered("starling spawn echo --na") == "--name ");
  CHECK(offered("starling members --js") == "--json ");
}

TEST_CASE("the scripts of all shells name the commands") {
  for (const auto* shell : {"bash", "zsh", "fish"})
    for (const auto* command : {"experiment", "revoke", "--json"})
      CHECK(script_of(shell).find(std::string{command}.substr(
              shell == std::string{"fish"} && command[0] == '-' ? 2 : 0))
            != std::string::npos);
}

TEST_CASE("another shell is refused") {
  CHECK(cli::completion_script("csh", {}).error().code == ec::invalid_option);
}

TEST_SUITE_END();
