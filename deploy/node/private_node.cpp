#include "deploy/node/private_node.hpp"

#include "actors/bundled.hpp"
#include "deploy/control/ask.hpp"
#include "messages/message_types.hpp"
#include "runtime/basp/node_name.hpp"
#include "runtime/plugin/plugin_loader.hpp"

#include <botan/auto_rng.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

constexpr auto start_timeout = std::chrono::seconds{10};
constexpr auto stop_patience = std::chrono::seconds{2};
constexpr uint64_t packet_max = 10'000'000;

size_t threads() {
  return std::max<size_t>(2, std::thread::hardware_concurrency());
}

result<std::shared_ptr<actor_catalog>>
load_catalog(const std::vector<std::filesystem::path>& plugin_dirs) {
  auto result = std::make_shared<actor_catalog>();
  if (auto failed = add_bundled_actors(*result))
    return control::to_failure(failed);
  auto loader = plugin_loader{};
  for (const auto& folder : plugin_dirs) {
    const auto outcomes = loader.load_folder(folder, *result);
    if (!outcomes)
      return outcomes.error();
    for (const auto& outcome : *outcomes)
      if (!outcome.loaded)
        return outcome.loaded.error();
  }
  return result;
}

} // namespace

private_node::private_node(std::shared_ptr<actor_catalog> catalog)
  : rng_{std::make_shared<Botan::AutoSeeded_RNG>()},
    key_{std::make_shared<const identity::private_key>(
      identity::private_key::generate(*rng_))},
    catalog_{std::move(catalog)},
    config_{basp::node_name(key_->id(), 1), threads(), packet_max},
    system_{config_} {
  // nop
}

result<std::unique_ptr<private_node>>
private_node::start(const std::vector<std::filesystem::path>& plugin_dirs) {
  // Before there is a system: CAF takes message types, which plugins may bring,
  // at its start only.
  auto catalog = load_catalog(plugin_dirs);
  if (!catalog)
    return catalog.error();
  auto made
    = std::unique_ptr<private_node>{new private_node{std::move(*catalog)}};
  auto parts = node_parts{};
  parts.options.node.name = "local";
  parts.state.key = made->key_;
  parts.rng = made->rng_;
  parts.catalog = made->catalog_;
  parts.wall_clock = [] { return std::chrono::system_clock::now(); };
  parts.persistent = false;
  made->node_ = std::make_unique<node>(made->system_, std::move(parts));
  using addresses = caf::expected<std::vector<std::string>>;
  auto promise = std::make_shared<std::promise<addresses>>();
  made->node_->start(
    [promise](addresses found) { promise->set_value(std::move(found)); });
  auto started = promise->get_future();
  if (started.wait_for(start_timeout) != std::future_status::ready)
    return failure{ec::timed_out, "the node did not start in time"};
  if (auto found = started.get(); !found)
    return control::to_failure(found.error());
  return made;
}

private_node::~private_node() {
  if (node_)
    node_->stop();
  // Actors end in their own time; those that an experiment left behind must not
  // keep the process for ever.
  const auto end = std::chrono::steady_clock::now() + stop_patience;
  while (system_.registry().running() > 0
         && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  system_.await_actors_before_shutdown(false);
}

} // namespace starling::deploy
