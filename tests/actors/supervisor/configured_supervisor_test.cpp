#include "runtime/config/node_options.hpp"
#include "tests/actors/supervisor/supervisor_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::literals;

using caf::config_value;
using supervisor::read_tree_supervisor_options;

TEST_SUITE_BEGIN("actors/supervisor/configured_supervisor");

TEST_CASE("without options the documented defaults hold") {
  const auto opts = read_tree_supervisor_options({}, {});
  REQUIRE(opts);
  CHECK(opts->policy.how == supervision::strategy::one_for_one);
  CHECK(opts->policy.intensity == 5);
  CHECK(opts->policy.period == 10s);
  CHECK(opts->policy.backoff == 0s);
  CHECK(opts->restart_kind == supervision::restart::permanent);
  CHECK(opts->stop_timeout == 5s);
  CHECK(opts->children_max == 1'000);
}

TEST_CASE("the node file's supervision section gives the defaults") {
  auto file = config::node_options{};
  file.supervision.strategy = "rest-for-one";
  file.supervision.intensity = 9;
  file.supervision.period = 2s;
  auto node = node_context{};
  node.options = &file;
  const auto plain = read_tree_supervisor_options({}, node);
  REQUIRE(plain);
  CHECK(plain->policy.how == supervision::strategy::rest_for_one);
  CHECK(plain->policy.intensity == 9);
  CHECK(plain->policy.period == 2s);
  const auto own = read_tree_supervisor_options(
    {{"strategy", config_value{"one-for-all"}}}, node);
  REQUIRE(own);
  CHECK(own->policy.how == supervision::strategy::one_for_all);
  CHECK(own->policy.intensity == 9);
}

TEST_CASE("all options are read") {
  const auto opts
    = read_tree_supervisor_options({{"strategy", config_value{"one-for-all"}},
                                    {"intensity", config_value{7}},
                                    {"period", config_value{"1min"}},
                                    {"backoff", config_value{"100ms"}},
                                    {"backoff-max", config_value{"5s"}},
                                    {"jitter", config_value{0.25}},
                                    {"restart", config_value{"transient"}},
                                    {"stop-timeout", config_value{"3s"}},
                                    {"children-max", config_value{12}}},
                                   {});
  REQUIRE(opts);
  CHECK(opts->policy.how == supervision::strategy::one_for_all);
  CHECK(opts->policy.intensity == 7);
  CHECK(opts->policy.period == 1min);
  CHECK(opts->policy.backoff == 100ms);
  CHECK(opts->policy.backoff_max == 5s);
  CHECK(opts->policy.jitter == 0.25);
  CHECK(opts->restart_kind == supervision::restart::transient);
  CHECK(opts->stop_timeout == 3s);
  CHECK(opts->children_max == 12);
}

TEST_CASE("a wrong option is an error that names it") {
  init_message_types();
  const auto list = [](caf::settings item) {
    return config_value{config_value::list{config_value{std::move(item)}}};
  };
  const auto wrong = std::vector<caf::settings>{
    {{"strategy", config_value{"all-for-one"}}},
    {{"intensity", config_value{-1}}},
    {{"intensity", config_value{"many"}}},
    {{"period", config_value{"0s"}}},
    {{"jitter", config_value{1.5}}},
    {{"restart", config_value{"never"}}},
    {{"stop-timeout", config_value{"2h"}}},
    {{"children-max", config_value{0}}},
    {{"children", config_value{5}}},
    {{"children", list({{"name", config_value{"a"}}})}},
    {{"children", list({{"name", config_value{"a"}},
                        {"type", config_value{"b"}},
                        {"odd", config_value{1}}})}},
    {{"intensty", config_value{5}}},
  };
  for (const auto& input : wrong) {
    CAPTURE(input.begin()->first);
    const auto opts = read_tree_supervisor_options(input, {});
    REQUIRE(!opts);
    CHECK(opts.error() == ec::invalid_option);
  }
}

TEST_CASE_FIXTURE(supervisor_fixture, "the catalog has supervisors") {
  CHECK(catalog.contains("supervisor"));
  auto again = supervisor::add_tree_supervisor(catalog);
  CHECK(again == ec::duplicate_name);
  auto wrong
    = catalog.spawn("supervisor", node, {{"strategy", config_value{"odd"}}});
  REQUIRE(!wrong);
  CHECK(wrong.error() == ec::invalid_option);
}

TEST_SUITE_END();
