#include "deploy/node/configured_actors.hpp"

#include "tests/actors/supervisor/supervisor_fixture.hpp"

#include <caf/event_based_actor.hpp>

#include <optional>

using namespace starling;
using namespace starling::test;

namespace {

struct fixture : supervisor_fixture {
  config::node_options opts;
  std::optional<deploy::configured_actors> uut;
  /// What the start ended with; nothing until it has.
  std::optional<caf::error> outcome;

  ~fixture() {
    if (uut)
      uut->stop();
    // Slow ones take their time.
    test.advance(std::chrono::seconds{20});
  }

  config::actor_entry& add(const std::string& name,
                           const std::string& type = "worker") {
    auto& entry = opts.actors.emplace_back();
    entry.name = name;
    entry.type = type;
    entry.options["name"] = name;
    entry.place.text = "node.toml:" + std::to_string(10 * opts.actors.size());
    return entry;
  }

  void start() {
    uut.emplace(opts, catalog, node);
    uut->spawn_groups();
    to_end.push_back(test.sys().spawn([this](caf::event_based_actor* self) {
      uut->start(self, [this](caf::error failed) { outcome = failed; });
      return caf::behavior{[](caf::get_atom) {}};
    }));
    test.run();
    REQUIRE(outcome);
  }

  std::string problem() {
    start();
    REQUIRE(*outcome);
    REQUIRE(outcome->context().match_elements<std::string>());
    return outcome->context().get_as<std::string>(0);
  }

  std::vector<child_status> children(size_t group) {
    auto found = test.ask<std::vector<child_status>>(uut->groups().at(group),
                                                     list_children{});
    REQUIRE(found);
    return *found;
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/node/configured_actors");

TEST_CASE_FIXTURE(fixture, "the actors of a node file start in file order") {
  add("a");
  add("b");
  add("c").options["slow"] = true;
  start();
  CHECK_FALSE(*outcome);
  CHECK(log == std::vector<std::string>{"+a", "+b", "+c"});
  REQUIRE(uut->groups().size() == 1);
  CHECK(children(0).size() == 3);
  CHECK(children(0)[1].type == "worker");
}

TEST_CASE_FIXTURE(fixture, "a file without actors has no groups") {
  start();
  CHECK_FALSE(*outcome);
  CHECK(uut->groups().empty());
}

TEST_CASE_FIXTURE(fixture, "actors are grouped by their strategy") {
  add("a").strategy = "one-for-all";
  add("b");
  add("c").strategy = "one-for-all";
  start();
  REQUIRE_FALSE(*outcome);
  REQUIRE(uut->groups().size() == 2);
  CHECK(children(0).size() == 2);
  CHECK(children(1).size() == 1);
  log.clear();
  test.tell(caf::actor_cast<caf::actor>(children(0)[0].actor),
            caf::reset_atom_v);
  test.run();
  // The one that stands apart is left alone.
  CHECK(log == std::vector<std::string>{"-a", "-c", "+a", "+c"});
  CHECK(children(0)[0].restarts == 1);
}

TEST_CASE_FIXTURE(fixture, "restart in the options is the supervisor's") {
  add("a").options["restart"] = std::string{"temporary"};
  start();
  REQUIRE_FALSE(*outcome);
  test.tell(caf::actor_cast<caf::actor>(children(0)[0].actor),
            caf::reset_atom_v);
  test.run();
  CHECK(children(0).empty());
}

TEST_CASE_FIXTURE(fixture, "an unknown type is shown with place and remedy") {
  add("a");
  add("b", "wroker");
  add("c");
  const auto text = problem();
  CHECK(*outcome == ec::unknown_name);
  CHECK(text.starts_with("node.toml:20: actor 'b' of type 'wroker'"));
  CHECK(text.find("it knows: supervisor, worker") != std::string::npos);
  CHECK(text.find("plugin_dirs") != std::string::npos);
  CHECK(log == std::vector<std::string>{"+a"});
}

TEST_CASE_FIXTURE(fixture, "a bad option is shown with place and remedy") {
  add("a").options["odd"] = 1.5;
  const auto text = problem();
  CHECK(*outcome == ec::invalid_option);
  CHECK(text.starts_with("node.toml:10: actor 'a'"));
  CHECK(text.find("odd") != std::string::npos);
  CHECK(text.find("starling types") != std::string::npos);
}

TEST_CASE("options keep their kinds") {
  const auto made
    = deploy::to_settings({{"on", true},
                           {"count", int64_t{3}},
                           {"share", 0.5},
                           {"text", std::string{"x"}},
                           {"list", std::vector<std::string>{"a", "b"}}});
  CHECK(caf::get_as<bool>(made.find("on")->second) == true);
  CHECK(caf::get_as<int64_t>(made.find("count")->second) == 3);
  CHECK(caf::get_as<double>(made.find("share")->second) == 0.5);
  CHECK(caf::get_as<std::string>(made.find("text")->second) == "x");
  CHECK(caf::get_as<std::vector<std::string>>(made.find("list")->second)
        == std::vector<std::string>{"a", "b"});
}

TEST_SUITE_END();
