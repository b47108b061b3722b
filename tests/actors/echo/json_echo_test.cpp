#include "actors/echo/json_echo.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace std::chrono_literals;

namespace {

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  actor_catalog catalog;
  node_context node;

  fixture() {
    node.system = &system;
    node.name = "here";
    REQUIRE_FALSE(echo::add_json_echo(catalog));
  }

  std::string ask(const caf::strong_actor_ptr& actor, std::string text) {
    auto answer = std::string{};
    self
      ->request(caf::actor_cast<json_actor>(actor), 10s,
                json_request{std::move(text)})
      .receive([&](std::string& said) { answer = std::move(said); },
               [](const caf::error& reason) { FAIL(to_string(reason)); });
    return answer;
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/echo/json_echo");

TEST_CASE_FIXTURE(fixture, "an echo says what it heard, and where it is") {
  auto actor = catalog.spawn("echo", node, {});
  REQUIRE(actor);
  CHECK(ask(*actor, R"({"say": 1})")
        == R"({"asked":1,"heard":{"say":1},"node":"here"})");
  CHECK(ask(*actor, "no json")
        == R"({"asked":2,"heard":"no json","node":"here"})");
  CHECK(ask(*actor, "\xff").find("\"asked\":3") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "its text stands in every answer") {
  auto options = caf::settings{};
  options["text"] = "polly";
  auto actor = catalog.spawn("echo", node, options);
  REQUIRE(actor);
  CHECK(ask(*actor, "1")
        == R"({"asked":1,"heard":1,"node":"here","text":"polly"})");
}

TEST_CASE_FIXTURE(fixture, "options that it doesn't know are refused") {
  auto options = caf::settings{};
  options["texd"] = "polly";
  CHECK(catalog.spawn("echo", node, options).error() == ec::invalid_option);
  options.clear();
  options["text"] = std::string(echo::text_bytes_max + 1, 'x');
  CHECK(catalog.spawn("echo", node, options).error() == ec::invalid_option);
}

TEST_SUITE_END();
