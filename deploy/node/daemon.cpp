#include "deploy/node/daemon.hpp"

#include "actors/audit/file_recorder.hpp"
#include "actors/bundled.hpp"
#include "actors/link/tcp_transport.hpp"
#include "deploy/control/ask.hpp"
#include "deploy/control/control_server.hpp"
#include "deploy/control/node_service.hpp"
#include "deploy/node/node.hpp"
#include "deploy/node/node_log.hpp"
#include "deploy/node/node_system.hpp"
#include "deploy/node/process_memory.hpp"
#include "deploy/node/stop_signal.hpp"
#include "deploy/version.hpp"
#include "messages/message_types.hpp"
#include "runtime/basp/node_name.hpp"
#include "runtime/plugin/plugin_loader.hpp"
#include "runtime/resources/cgroup.hpp"
#include "runtime/resources/process_sampler.hpp"

#include <botan/auto_rng.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

using wall = std::chrono::system_clock;

/// How long actors may take to end.
constexpr auto stop_timeout = std::chrono::seconds{2};

/// Sockets, files and pipes: as many as the kernel lets this user have.
void raise_descriptor_limit() {
  auto limit = rlimit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

audit::audit_log::options audit_options(const config::node_options& opts,
                                        resources::resource_state& limits) {
  auto found = audit::audit_log::options{};
  found.resources = &limits;
  found.path = node_paths{opts}.audit;
  found.segment_max = opts.audit.segment_max.bytes;
  found.storage_max = opts.audit.storage_max.bytes;
  found.anchor_entries = opts.audit.anchor_entries;
  found.anchor_interval = opts.audit.anchor_interval;
  found.when_synced = opts.audit.fsync == "never"   ? audit::sync::never
                      : opts.audit.fsync == "entry" ? audit::sync::entry
                                                    : audit::sync::anchor;
  found.policy = opts.audit.when_full == "refuse" ? audit::when_full::refuse
                                                  : audit::when_full::retire;
  return found;
}

/// What a daemon is made of, in the order in which it is made.
class daemon {
public:
  explicit daemon(config::node_options opts)
    : opts_{std::move(opts)},
      log_{opts_.node.name, log_level_from(opts_.node.log_level)} {
    // nop
  }

  ~daemon();

  result<void> start(stop_signal& stop);

  /// Ends everything but the actor system. Returns false when there are actors
  /// that don't end.
  bool stop();

  void tell_ready(std::optional<int> fd);

  /// Says why it could not start, for the case that it can't end either.
  void note_failure(failure reason) {
    failed_ = std::move(reason);
  }

  node_log& log() {
    return log_;
  }

private:
  void end_spawned();
  result<void> load_catalog();
  result<void> open_state();
  void confine_process();
  result<void> start_node();
  result<void> start_control(stop_signal& stop);

  config::node_options opts_;
  bool is_ready_ = false;
  /// Why it could not start.
  std::optional<failure> failed_;
  node_log log_;
  std::shared_ptr<Botan::RandomNumberGenerator> rng_
    = std::make_shared<Botan::AutoSeeded_RNG>();
  wall::time_point started_ = wall::now();
  plugin_loader plugins_;
  std::vector<plugin_outcome> plugin_outcomes_;
  std::shared_ptr<actor_catalog> catalog_ = std::make_shared<actor_catalog>();
  node_state state_;
  std::shared_ptr<resources::resource_state> resources_;
  std::shared_ptr<audit::audit_log> audit_log_;
  // Its actors use the node until the system is gone.
  std::unique_ptr<node> node_;
  std::unique_ptr<node_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  audit_actor recorder_;
  transport_actor tcp_;
  std::vector<std::string> addresses_;
  std::unique_ptr<control::node_service> service_;
  std::unique_ptr<control::control_server> control_;
};

result<void> daemon::load_catalog() {
  // Plugins may bring message types, which CAF takes before a system exists.
  init_message_types();
  if (auto failed = add_bundled_actors(*catalog_))
    return control::to_failure(failed);
  for (const auto& folder : opts_.node.plugin_dirs) {
    auto outcomes = plugins_.load_folder(folder, *catalog_);
    if (!outcomes) {
      log_.error(outcomes.error().text);
      continue;
    }
    for (auto& outcome : *outcomes) {
      if (outcome.loaded)
        log_.info(fmt::format("plugin {} {} brings {}", outcome.loaded->name,
                              outcome.loaded->version,
                              fmt::join(outcome.loaded->actor_types, ", ")));
      else
        log_.error(outcome.loaded.error().text);
      plugin_outcomes_.push_back(std::move(outcome));
    }
  }
  return {};
}

result<void> daemon::open_state() {
  auto state = load_node_state(opts_, *rng_);
  if (!state)
    return state.error();
  state_ = std::move(*state);
  const auto now
    = std::chrono::time_point_cast<std::chrono::microseconds>(wall::now());
  resources_
    = std::make_shared<resources::resource_state>(resource_limits(opts_));
  resources_->set({.storage = resources::bytes_below(opts_.node.state_dir)});
  auto log = audit::audit_log::open(audit_options(opts_, *resources_),
                                    audit::notary_for(*state_.key, *rng_),
                                    clock::hybrid_clock{}.now(now));
  if (!log)
    return log.error();
  audit_log_ = std::move(*log);
  return {};
}

/// Where the kernel can hold this process to its limits, it does.
void daemon::confine_process() {
  const auto& limits = opts_.limits;
  auto group = resources::confine(
    {limits.cpu, std::thread::hardware_concurrency(), limits.memory.bytes},
    resources::own_cgroup());
  if (group)
    log_.info(
      fmt::format("cpu.max and memory.high are set in {}", group->string()));
  else if (group.error().code == ec::file_error)
    log_.warning(group.error().text);
  else
    log_.debug(group.error().text);
}

result<void> daemon::start_node() {
  confine_process();
  auto start = uint32_t{0};
  rng_->randomize(reinterpret_cast<uint8_t*>(&start), sizeof(start));
  config_ = std::make_unique<node_system_config>(
    basp::node_name(state_.key->id(), start),
    threads_for(opts_.limits.cpu, std::thread::hardware_concurrency()),
    opts_.limits.max_packet_size.bytes);
  system_ = std::make_unique<caf::actor_system>(*config_);
  using recorder = audit_actor::stateful_impl<audit::file_recorder_state>;
  recorder_ = system_->spawn<recorder, caf::detached>(
    audit::file_recorder_options{audit_log_, [] { return wall::now(); }});
  using tcp = transport_actor::stateful_impl<link::tcp_transport_state>;
  auto tcp_opts = link::tcp_options{};
  tcp_opts.dial_timeout = opts_.node.connection_timeout;
  tcp_ = system_->spawn<tcp>(tcp_opts);
  auto parts = node_parts{};
  parts.options = opts_;
  parts.state = std::move(state_);
  parts.rng = rng_;
  parts.catalog = catalog_;
  parts.transports["tcp"] = tcp_;
  parts.audit = recorder_;
  parts.wall_clock = [] { return wall::now(); };
  parts.resources = resources_;
  parts.sample = resources::process_sampler{opts_.node.state_dir};
  parts.trim_memory = return_freed_memory;
  parts.processors = std::thread::hardware_concurrency();
  node_ = std::make_unique<node>(*system_, std::move(parts));
  auto listening
    = std::make_shared<std::promise<caf::expected<std::vector<std::string>>>>();
  node_->start([listening](caf::expected<std::vector<std::string>> found) {
    listening->set_value(std::move(found));
  });
  auto future = listening->get_future();
  if (future.wait_for(opts_.node.connection_timeout)
      != std::future_status::ready)
    return failure{ec::timed_out, "the node did not begin to listen in time"};
  auto found = future.get();
  if (!found)
    return control::to_failure(found.error());
  addresses_ = std::move(*found);
  return {};
}

result<void> daemon::start_control(stop_signal& stop) {
  auto parts = control::node_service_parts{};
  parts.node = node_.get();
  parts.system = system_.get();
  parts.catalog = catalog_;
  parts.plugins = plugin_outcomes_;
  parts.addresses = addresses_;
  parts.started = started_;
  parts.stop = [&stop] { stop.request(); };
  service_ = std::make_unique<control::node_service>(std::move(parts));
  auto server = control::server_parts{};
  server.socket = opts_.node.control_socket;
  auto* service = service_.get();
  server.answer = [service](const control::request& asked) {
    return service->answer(asked);
  };
  server.run = [service](const control::request& asked,
                         const control::progress_sink& tell) {
    return service->run(asked, tell);
  };
  server.metrics = [service] { return service->metrics(); };
  server.ready = [service] { return service->ready(); };
  server.alive = [service] { return service->alive(); };
  auto started = control::control_server::start(std::move(server));
  if (!started)
    return started.error();
  control_ = std::move(*started);
  return {};
}

result<void> daemon::start(stop_signal& stop) {
  if (auto done = load_catalog(); !done)
    return done;
  if (auto done = open_state(); !done)
    return done;
  if (auto done = start_node(); !done)
    return done;
  return start_control(stop);
}

void daemon::tell_ready(std::optional<int> fd) {
  is_ready_ = true;
  fmt::print("node {} ({}) is ready at {}; control socket {}\n",
             opts_.node.name, short_name(node_->id()),
             addresses_.empty()
               ? "no address"
               : fmt::format("{}", fmt::join(addresses_, ", ")),
             opts_.node.control_socket);
  std::fflush(stdout);
  if (!fd)
    return;
  const auto line = control::to_text({{"name", opts_.node.name},
                                      {"id", to_string(node_->id())},
                                      {"addresses", addresses_},
                                      {"control", opts_.node.control_socket}})
                    + "\n";
  [[maybe_unused]] const auto written = ::write(*fd, line.data(), line.size());
  ::close(*fd);
}

/// Ends what peers and operators spawned here. CAF's registry holds those that
/// are known elsewhere, and would wait for them.
void daemon::end_spawned() {
  auto spawned = control::ask<std::vector<spawned_actor>>(
    *system_, node_->context().spawner(), stop_timeout, list_spawned{});
  if (!spawned)
    return;
  // Those of the node file end with their supervisors.
  const auto configured = [this](const spawned_actor& entry) {
    return std::ranges::any_of(opts_.actors, [&entry](const auto& one) {
      return one.name == entry.name;
    });
  };
  for (const auto& entry : *spawned)
    if (configured(entry))
      continue;
    else if (auto actor = system_->registry().get(entry.id))
      caf::anon_send_exit(caf::actor_cast<caf::actor>(actor),
                          caf::exit_reason::user_shutdown);
}

bool daemon::stop() {
  // No new questions; then the actors; then what they stand on.
  control_.reset();
  service_.reset();
  if (node_) {
    // So that the others need not suspect a failure first.
    [[maybe_unused]] auto told = control::ask<void>(
      *system_, node_->context().membership(), stop_timeout, leave_cluster{});
    end_spawned();
    node_->stop();
  }
  if (!system_)
    return true;
  if (tcp_)
    caf::anon_send_exit(tcp_, caf::exit_reason::user_shutdown);
  if (recorder_) {
    // It signs what is open.
    caf::anon_send_exit(recorder_, caf::exit_reason::user_shutdown);
    caf::scoped_actor {
      *system_
    } -> wait_for(recorder_);
  }
  tcp_ = nullptr;
  recorder_ = nullptr;
  const auto end = std::chrono::steady_clock::now() + stop_timeout;
  while (system_->registry().running() > 0) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

daemon::~daemon() {
  if (stop())
    return;
  // A plugin's actor that ignores its end must not keep the process. All that
  // has to be on disk is there.
  log_.warning(
    fmt::format("{} actors did not end", system_->registry().running()));
  // Nobody else will say why.
  if (failed_)
    log_.error(failed_->text);
  std::fflush(nullptr);
  ::_exit(is_ready_ ? 0 : 1);
}

} // namespace

result<void> run_daemon(const daemon_options& opts) {
  auto loaded = config::load_node_options(opts.node_file);
  if (!loaded)
    return loaded.error();
  raise_descriptor_limit();
  auto stop = stop_signal::make();
  if (!stop)
    return stop.error();
  auto running = daemon{std::move(*loaded)};
  if (auto started = running.start(**stop); !started) {
    running.note_failure(started.error());
    return started;
  }
  running.log().info(fmt::format("starling {} is ready", version));
  running.tell_ready(opts.ready_fd);
  running.log().info(fmt::format("{}: stopping", (*stop)->wait()));
  return {};
}

} // namespace starling::deploy
