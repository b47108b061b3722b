#include "deploy/node/node.hpp"

#include "actors/link/tcp_transport.hpp"
#include "deploy/node/node_system.hpp"
#include "messages/message_types.hpp"
#include "runtime/basp/node_name.hpp"

#include <botan/auto_rng.h>
#include <caf/scoped_actor.hpp>
#include <doctest/doctest.h>

#include <future>

using namespace starling;
using namespace std::chrono_literals;

namespace {

using echo_actor = caf::typed_actor<caf::result<std::string>(std::string)>;

echo_actor::behavior_type echo(echo_actor::pointer) {
  return {[](const std::string& text) { return text; }};
}

/// A node in a system of its own, on loopback.
struct loopback_node {
  std::shared_ptr<Botan::RandomNumberGenerator> rng
    = std::make_shared<Botan::AutoSeeded_RNG>();
  std::shared_ptr<actor_catalog> catalog = std::make_shared<actor_catalog>();
  // Its actors use the node until the system is gone.
  std::unique_ptr<deploy::node> node;
  deploy::node_system_config config;
  caf::actor_system system{config};
  transport_actor transport;
  std::string address;

  loopback_node(std::shared_ptr<const identity::private_key> key,
                const peer_id& other)
    : config{basp::node_name(key->id(), 1), 2, 10'000'000} {
    auto added = catalog->add<echo_actor>(
      "echo", "answers with what it is told",
      [](node_context& context, const caf::settings&)
        -> caf::expected<echo_actor> { return context.system->spawn(echo); });
    REQUIRE_FALSE(added);
    auto parts = deploy::node_parts{};
    parts.options.node.listen.push_back(
      *config::parse_endpoint("tcp://127.0.0.1:0"));
    parts.options.security.allow.push_back(other);
    parts.options.spawn_rules.push_back({std::nullopt, {"echo"}, 10});
    parts.state.key = std::move(key);
    parts.rng = rng;
    parts.catalog = catalog;
    parts.persistent = false;
    parts.audit = system.spawn([]() -> audit_actor::behavior_type {
      return {
        [](const audit_event& event) { MESSAGE(caf::deep_to_string(event)); },
        [](const query_audit&) { return audit_position{}; },
      };
    });
    parts.wall_clock = [] { return std::chrono::system_clock::now(); };
    using impl = transport_actor::stateful_impl<link::tcp_transport_state>;
    transport = system.spawn<impl>(link::tcp_options{});
    parts.transports["tcp"] = transport;
    node = std::make_unique<deploy::node>(system, std::move(parts));
    auto listening = std::promise<caf::expected<std::vector<std::string>>>{};
    node->start([&listening](caf::expected<std::vector<std::string>> found) {
      listening.set_value(std::move(found));
    });
    auto found = listening.get_future().get();
    REQUIRE(found);
    address = found->front();
  }

  ~loopback_node() {
    node->stop();
    caf::anon_send_exit(transport, caf::exit_reason::user_shutdown);
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/node");

TEST_CASE("a node spawns an actor on another one and talks to it") {
  auto rng = Botan::AutoSeeded_RNG{};
  auto key_a = std::make_shared<identity::private_key>(
    identity::private_key::generate(rng));
  auto key_b = std::make_shared<identity::private_key>(
    identity::private_key::generate(rng));
  auto a = loopback_node{key_a, key_b->id()};
  auto b = loopback_node{key_b, key_a->id()};
  auto self = caf::scoped_actor{a.system};
  auto spawner = spawner_actor{};
  self
    ->request(a.node->context().mesh(), 10s,
              connect_address{b.address, {key_b->id()}})
    .receive(
      [&](const peer_services& peer) {
        CHECK(peer.id == key_b->id());
        for (const auto& service : peer.services)
          if (service.name == "spawner")
            spawner = caf::actor_cast<spawner_actor>(service.actor);
        REQUIRE(spawner);
      },
      [](const caf::error& reason) { FAIL(to_string(reason)); });
  auto remote = echo_actor{};
  self
    ->request(
      spawner, 10s,
      spawn_request{"echo", "", {}, a.system.message_types<echo_actor>()})
    .receive(
      [&](const caf::strong_actor_ptr& spawned) {
        remote = caf::actor_cast<echo_actor>(spawned);
      },
      [](const caf::error& reason) { FAIL(to_string(reason)); });
  REQUIRE(remote);
  CHECK(remote.node() == b.system.node());
  for (auto size : {1, 64, 65536, 3'000'000}) {
    const auto text = std::string(static_cast<size_t>(size), 'x');
    self->request(remote, 10s, text)
      .receive([&](const std::string& answer) { CHECK(answer == text); },
               [](const caf::error& reason) { FAIL(to_string(reason)); });
  }
  self->monitor(remote);
  caf::anon_send_exit(remote, caf::exit_reason::user_shutdown);
  self->receive(
    [&](const caf::down_msg& down) { CHECK(down.source == remote.address()); },
    caf::after(10s) >> [] { FAIL("no down message"); });
}

TEST_SUITE_END();
