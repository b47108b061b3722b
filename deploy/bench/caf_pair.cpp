#include "deploy/bench/caf_pair.hpp"

#include "deploy/bench/bench_actors.hpp"
#include "deploy/bench/measured_pair.hpp"

#include <caf/actor_factory.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <unistd.h>

#include <charconv>
#include <utility>

namespace starling::deploy {

namespace {

constexpr auto who = "plain CAF";
constexpr auto host = "127.0.0.1";
constexpr auto patience = std::chrono::seconds{30};

/// The settings that were fastest for CAF too.
struct caf_config : caf::actor_system_config {
  explicit caf_config(const bench_plan& plan) {
    load<caf::io::middleman>();
    set("caf.scheduler.policy", "sharing");
    set("caf.scheduler.max-threads", plan.threads);
    set("caf.middleman.workers", 0);
    // `add_actor_type` wants a type ID for the handle, which never travels
    // here.
    add_actor_factory("bench", caf::make_actor_factory(bench_actor_behavior));
  }
};

void say_port(const caf::expected<uint16_t>& port,
              const child_process::say_fun& say) {
  if (port)
    say(std::to_string(*port) + '\n');
  else
    figure_sink{say}.fail(to_string(port.error()));
}

uint16_t port_of(const std::string& line) {
  auto port = uint16_t{0};
  std::from_chars(line.data(), line.data() + line.size(), port);
  return port;
}

caf::expected<std::vector<figure>> remote_spawns(caf::actor_system& system,
                                                 const caf::node_id& where,
                                                 const bench_plan& plan) {
  auto self = caf::scoped_actor{system};
  auto samples = std::vector<uint64_t>{};
  auto kept = std::vector<bench_actor>{};
  const auto warm_up = plan.remote_spawns / 10;
  auto spent = uint64_t{0};
  for (auto i = size_t{0}; i < warm_up + plan.remote_spawns; ++i) {
    const auto began = now_ns();
    auto spawned = system.middleman().remote_spawn<bench_actor>(
      where, "bench", caf::make_message());
    if (!spawned)
      return std::move(spawned.error());
    auto failed = caf::error{};
    self->request(*spawned, patience, std::string{"first"})
      .receive([](const std::string&) {},
               [&](caf::error& reason) { failed = std::move(reason); });
    if (failed)
      return failed;
    kept.push_back(std::move(*spawned));
    if (i >= warm_up) {
      samples.push_back(now_ns() - began);
      spent += samples.back();
    }
  }
  auto result = rate_figures("remote spawn and first reply", who, 0,
                             samples.size(), spent);
  for (auto& x : latency_figures("remote spawn and first reply", who, 0,
                                 std::move(samples)))
    result.push_back(std::move(x));
  return result;
}

void report(const caf::expected<std::vector<figure>>& found,
            const figure_sink& sink) {
  if (found)
    sink(*found);
  else
    sink.fail(to_string(found.error()));
}

} // namespace

result<std::vector<figure>> measure_caf_messages(const bench_plan& plan) {
  return measure_pair(
    [&](const auto& say) {
      auto config = caf_config{plan};
      auto system = caf::actor_system{config};
      auto server = system.spawn(bench_actor_behavior);
      say_port(system.middleman().publish(server, 0, host), say);
      ::pause();
    },
    [&](const std::string& line, const figure_sink& sink) {
      auto config = caf_config{plan};
      auto system = caf::actor_system{config};
      auto server
        = system.middleman().remote_actor<bench_actor>(host, port_of(line));
      if (server)
        report(measure_messages(system, *server, plan, who), sink);
      else
        sink.fail(to_string(server.error()));
    },
    plan.patience);
}

result<std::vector<figure>> measure_caf_spawns(const bench_plan& plan) {
  return measure_pair(
    [&](const auto& say) {
      auto config = caf_config{plan};
      auto system = caf::actor_system{config};
      say_port(system.middleman().open(0, host), say);
      ::pause();
    },
    [&](const std::string& line, const figure_sink& sink) {
      auto config = caf_config{plan};
      auto system = caf::actor_system{config};
      auto where = system.middleman().connect(host, port_of(line));
      if (where)
        report(remote_spawns(system, *where, plan), sink);
      else
        sink.fail(to_string(where.error()));
    },
    plan.patience);
}

} // namespace starling::deploy
