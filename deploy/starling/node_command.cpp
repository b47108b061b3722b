#include "deploy/node/daemon.hpp"
#include "deploy/starling/commands.hpp"

#include <CLI/App.hpp>

#include <memory>
#include <string>

namespace starling::cli {

void add_node_command(CLI::App& app, program& shared) {
  auto* node = app.add_subcommand("node", "Run one node until SIGTERM or "
                                          "SIGINT");
  auto file = std::make_shared<std::string>();
  auto ready_fd = std::make_shared<int>(-1);
  node->add_option("FILE", *file, "The node file")->required();
  node
    ->add_option("--ready-fd", *ready_fd,
                 "Descriptor that gets one line of JSON when the node is ready")
    ->check(CLI::Range(1, 1 << 20));
  node->callback([&shared, file, ready_fd] {
    auto opts = deploy::daemon_options{*file, std::nullopt};
    if (*ready_fd > 0)
      opts.ready_fd = *ready_fd;
    if (auto ended = deploy::run_daemon(opts); !ended)
      shared.fail(ended.error());
  });
}

} // namespace starling::cli
