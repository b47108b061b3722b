#include "actors/spawner/catalog_spawner.hpp"

#include "messages/mesh.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <string>

using namespace starling;
using namespace starling::test;

namespace {

using echo_actor = caf::typed_actor<caf::result<std::string>(std::string)>;

peer_id id_of(uint8_t number) {
  auto id = peer_id{};
  id.bytes.fill(number);
  return id;
}

struct fixture {
  deterministic_system test;
  actor_catalog catalog;
  node_context node;
  spawner::catalog_spawner_options opts;
  spawner_actor uut;
  std::vector<caf::actor> to_end;

  fixture() {
    node.system = &test.sys();
    node.self = id_of(1);
    REQUIRE(!catalog.add<echo_actor>(
      "echo", "answers with what it is told; option: depth",
      [this](node_context&,
             const caf::settings& options) -> caf::expected<echo_actor> {
        for (const auto& [key, value] : options)
          if (key != "depth")
            return caf::make_error(ec::invalid_option, key);
        auto made = test.sys().spawn([]() -> echo_actor::behavior_type {
          return {[](const std::string& text) { return text; }};
        });
        to_end.push_back(caf::actor_cast<caf::actor>(made));
        return made;
      }));
    opts.node = &node;
    opts.catalog = &catalog;
    opts.actors_max = 3;
    using impl = spawner_actor::stateful_impl<spawner::catalog_spawner_state>;
    uut = test.sys().spawn<impl>(opts);
  }

  ~fixture() {
    caf::anon_send_exit(uut, caf::exit_reason::kill);
    uut = nullptr;
    for (auto& each : to_end)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    to_end.clear();
    test.run();
  }

  caf::expected<caf::strong_actor_ptr> spawn(const std::string& type,
                                             const std::string& name = {},
                                             caf::settings options = {}) {
    return test.ask<caf::strong_actor_ptr>(
      uut, spawn_request{type, name, std::move(options), {}});
  }

  std::vector<spawned_actor> list() {
    auto found = test.ask<std::vector<spawned_actor>>(uut, list_spawned{});
    REQUIRE(found);
    return *found;
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/spawner/catalog_spawner");

TEST_CASE_FIXTURE(fixture, "what is in the catalog is spawned and listed") {
  auto made = spawn("echo", "my echo");
  REQUIRE(made);
  CHECK(test.ask<std::string>(caf::actor_cast<echo_actor>(*made),
                              std::string{"hello"})
        == std::string{"hello"});
  const auto alive = list();
  REQUIRE(alive.size() == 1);
  CHECK(alive[0].type == "echo");
  CHECK(alive[0].name == "my echo");
  CHECK(alive[0].id == (*made)->id());
  CHECK(alive[0].owner == node.self);
  auto types = test.ask<std::vector<actor_type_info>>(uut, list_actor_types{});
  REQUIRE(types);
  REQUIRE(types->size() == 1);
  CHECK(types->at(0).name == "echo");
}

TEST_CASE_FIXTURE(fixture,
                  "what is not there, or is asked wrongly, is refused") {
  auto unknown = spawn("ecko");
  REQUIRE(!unknown);
  CHECK(unknown.error() == ec::unknown_name);
  auto options = caf::settings{};
  put(options, "dept", 3);
  auto wrong = spawn("echo", "", options);
  REQUIRE(!wrong);
  CHECK(wrong.error() == ec::invalid_option);
  auto other = test.ask<caf::strong_actor_ptr>(
    uut,
    spawn_request{"echo", "", {}, test.sys().message_types<spawner_actor>()});
  REQUIRE(!other);
  CHECK(other.error() == ec::incompatible_plugin);
  CHECK(list().empty());
}

TEST_CASE_FIXTURE(fixture, "a name is taken while its actor lives") {
  auto first = spawn("echo", "x");
  REQUIRE(first);
  auto second = spawn("echo", "x");
  REQUIRE(!second);
  CHECK(second.error() == ec::duplicate_name);
  CHECK(test.ask<caf::strong_actor_ptr>(uut, find_spawned{"x"}) == *first);
  test.tell(caf::actor_cast<caf::actor>(*first),
            caf::exit_msg{{}, caf::exit_reason::user_shutdown});
  auto gone = test.ask<caf::strong_actor_ptr>(uut, find_spawned{"x"});
  REQUIRE(!gone);
  CHECK(gone.error() == ec::unknown_name);
  CHECK(spawn("echo", "x"));
}

TEST_CASE_FIXTURE(fixture, "the end of an actor without a name keeps others'") {
  auto nameless = spawn("echo");
  auto named = spawn("echo", "x");
  REQUIRE(nameless);
  test.tell(caf::actor_cast<caf::actor>(*nameless),
            caf::exit_msg{{}, caf::exit_reason::kill});
  CHECK(list().size() == 1);
  CHECK(test.ask<caf::strong_actor_ptr>(uut, find_spawned{"x"}));
}

TEST_CASE_FIXTURE(fixture, "an actor is ended by its name") {
  REQUIRE(spawn("echo", "x"));
  CHECK(test.ask<void>(uut, stop_spawned{"x"}));
  CHECK(list().empty());
  auto again = test.ask<void>(uut, stop_spawned{"x"});
  REQUIRE(!again);
  CHECK(again.error() == ec::unknown_name);
}

TEST_CASE_FIXTURE(fixture,
                  "the bound on living actors holds for the node too") {
  for (auto i = 0; i < 3; ++i)
    REQUIRE(spawn("echo"));
  auto refused = spawn("echo");
  REQUIRE(!refused);
  CHECK(refused.error() == ec::limit_reached);
}

TEST_SUITE_END();
