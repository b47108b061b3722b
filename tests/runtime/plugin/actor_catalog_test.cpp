#include "runtime/plugin/actor_catalog.hpp"

#include "messages/envelope.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace starling;

namespace {

envelope_actor::behavior_type echo() {
  return {[](const envelope& message) { return message; }};
}

caf::expected<envelope_actor> spawn_echo(node_context& node,
                                         const caf::settings& options) {
  if (!options.empty())
    return caf::make_error(ec::invalid_option, options.begin()->first);
  return node.system->spawn(echo);
}

caf::expected<caf::actor> spawn_untyped(node_context& node,
                                        const caf::settings&) {
  return node.system->spawn(
    [] { return caf::behavior{[](int32_t value) { return value; }}; });
}

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system;
  node_context node;
  actor_catalog catalog;

  fixture() : system{config} {
    node.system = &system;
    CHECK_FALSE(
      catalog.add<envelope_actor>("echo", "says it again", spawn_echo));
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/plugin/actor_catalog");

TEST_CASE_FIXTURE(fixture, "an actor is spawned by the name of its type") {
  auto handle
    = catalog.spawn("echo", node, {}, system.message_types<envelope_actor>());
  REQUIRE(handle);
  auto self = caf::scoped_actor{system};
  self
    ->request(caf::actor_cast<envelope_actor>(*handle), caf::infinite,
              *envelope::copy_of(7, {}))
    .receive([](const envelope& answer) { CHECK(answer.schema() == 7); },
             [](const caf::error& reason) { FAIL(to_string(reason)); });
}

TEST_CASE_FIXTURE(fixture, "an unknown type is an error that lists the known") {
  CHECK_FALSE(catalog.add<caf::actor>("drum", "", spawn_untyped));
  auto handle = catalog.spawn("ecko", node, {});
  REQUIRE_FALSE(handle);
  CHECK(handle.error() == ec::unknown_name);
  const auto text = to_string(handle.error());
  CHECK(text.find("ecko") != std::string::npos);
  CHECK(text.find("drum, echo") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "errors of the factory are passed on") {
  auto options = caf::settings{};
  options["volume"] = int64_t{11};
  CHECK(catalog.spawn("echo", node, options).error() == ec::invalid_option);
}

TEST_CASE_FIXTURE(fixture,
                  "another interface than the wanted one is an error") {
  const auto wanted = system.message_types<spawner_actor>();
  auto handle = catalog.spawn("echo", node, {}, wanted);
  REQUIRE_FALSE(handle);
  CHECK(handle.error() == ec::incompatible_plugin);
}

TEST_CASE_FIXTURE(fixture, "an actor without an interface fits any") {
  CHECK_FALSE(catalog.add<caf::actor>("untyped", "", spawn_untyped));
  CHECK(
    catalog.spawn("untyped", node, {}, system.message_types<spawner_actor>()));
}

TEST_CASE_FIXTURE(fixture, "a name is given once") {
  CHECK(catalog.add<caf::actor>("echo", "", spawn_untyped)
        == ec::duplicate_name);
  CHECK(catalog.names() == std::vector<std::string>{"echo"});
}

TEST_CASE_FIXTURE(fixture,
                  "the list tells what a type is and where it's from") {
  catalog.origin("/plugins/drum.so");
  CHECK_FALSE(catalog.add<caf::actor>("drum", "a drum", spawn_untyped));
  const auto types = catalog.list(system);
  REQUIRE(types.size() == 2);
  CHECK(types[0].name == "drum");
  CHECK(types[0].description == "a drum");
  CHECK(types[0].origin == "/plugins/drum.so");
  CHECK(types[0].interface.empty());
  CHECK(types[1].name == "echo");
  CHECK(types[1].origin == "bundled");
  CHECK(types[1].interface.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "all types of one origin go together") {
  catalog.origin("/plugins/drum.so");
  CHECK_FALSE(catalog.add<caf::actor>("drum", "", spawn_untyped));
  CHECK_FALSE(catalog.add<caf::actor>("snare", "", spawn_untyped));
  catalog.remove_origin("/plugins/drum.so");
  CHECK(catalog.names() == std::vector<std::string>{"echo"});
  CHECK(catalog.contains("echo"));
  CHECK_FALSE(catalog.contains("drum"));
}

TEST_SUITE_END();
