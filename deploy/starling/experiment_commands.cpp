#include "deploy/starling/commands.hpp"

#include <CLI/App.hpp>

namespace starling::cli {

void add_experiment_commands(CLI::App&, program&) {
}

} // namespace starling::cli
