#include "deploy/starling/commands.hpp"

#if __has_include("deploy/bench/bench.hpp")
#include "deploy/bench/bench.hpp"
#include "messages/message_types.hpp"
#endif

#include <CLI/App.hpp>

#include <memory>
#include <string>

namespace starling::cli {

#if __has_include("deploy/bench/bench.hpp")

void add_bench_command(CLI::App& app, program& shared) {
  auto* bench = app.add_subcommand("bench", "Measure this machine's nodes "
                                            "beside raw TCP and plain CAF");
  auto opts = std::make_shared<deploy::bench_options>();
  auto cpu = std::make_shared<int>(-1);
  bench->add_flag("--quick", opts->quick, "Fewer and shorter rounds");
  bench->add_option("--only", opts->only, "Measure just what has this name");
  bench->add_option("--cpu", *cpu, "Run all processes on this processor")
    ->check(CLI::Range(0, 1023));
  bench->callback([&shared, opts, cpu] {
    opts->json = shared.as_json;
    if (*cpu >= 0)
      opts->cpu = static_cast<unsigned>(*cpu);
    init_message_types();
    shared.code = static_cast<exit_code>(deploy::run_bench(*opts));
  });
}

#else

void add_bench_command(CLI::App&, program&) {
  // This build has no benchmarks.
}

#endif

} // namespace starling::cli
