#include "actors/resources/resource_monitor.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/send.hpp>

#include <map>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::resources;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

struct audited {
  std::string kind;
  std::string subject;
  std::map<std::string, std::string> details;
};

struct fixture {
  deterministic_system test;
  metrics::registry metrics;
  node_context node;
  resource_state state{{.cpu = 0.5, .memory = 1'000, .storage = 5'000}};
  usage used;
  int samples = 0;
  int trims = 0;
  std::vector<audited> events;
  resource_monitor_actor uut;

  fixture() {
    node.system = &test.sys();
    node.metrics = &metrics;
    node.audit = [this](std::string kind, std::string subject,
                        std::map<std::string, std::string> details) {
      events.push_back({std::move(kind), std::move(subject), details});
    };
    auto opts = resource_monitor_options{};
    opts.node = &node;
    opts.state = &state;
    opts.governor
      = {.cpu = 0.5, .processors = 2, .memory = 1'000, .storage = 5'000};
    opts.sample = [this] {
      ++samples;
      return used;
    };
    opts.trim = [this] { ++trims; };
    using impl = resource_monitor_actor::stateful_impl<resource_monitor_state>;
    uut = test.sys().spawn<impl>(std::move(opts));
    test.run();
  }

  ~fixture() {
    caf::anon_send_exit(uut, caf::exit_reason::kill);
    uut = nullptr;
    test.run();
  }

  bool shows(const std::string& line) {
    return metrics.text().find(line + "\n") != std::string::npos;
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/resources/resource_monitor");

TEST_CASE_FIXTURE(fixture, "what is used is measured once a second") {
  CHECK(samples == 1);
  test.advance(10s);
  CHECK(samples == 11);
  test.tell(uut, caf::tick_atom_v);
  CHECK(samples == 12);
}

TEST_CASE_FIXTURE(fixture, "figures and limits are among the metrics") {
  used = {500ms, 700, 4'000};
  test.advance(1s);
  CHECK(shows("starling_memory_bytes 700"));
  CHECK(shows("starling_memory_limit_bytes 1000"));
  CHECK(shows("starling_storage_bytes 4000"));
  CHECK(shows("starling_storage_limit_bytes 5000"));
  CHECK(shows("starling_cpu_share 0.25"));
  CHECK(shows("starling_cpu_share_limit 0.5"));
}

TEST_CASE_FIXTURE(fixture, "a limit that is crossed is audited once") {
  used.memory = 900;
  test.advance(30s);
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == "limit.exceeded");
  CHECK(events[0].subject == "memory");
  CHECK(events[0].details["used"] == "900");
  CHECK(events[0].details["limit"] == "1000");
  CHECK_FALSE(state.admit());
  used.memory = 100;
  test.advance(30s);
  REQUIRE(events.size() == 2);
  CHECK(events[1].kind == "limit.kept");
  CHECK(state.admit());
}

TEST_CASE_FIXTURE(fixture, "each limit has its own effect") {
  used.storage = 5'001;
  test.advance(1s);
  CHECK(events.at(0).subject == "storage");
  CHECK(state.admit());
  CHECK_FALSE(state.claim_storage(1, "a file"));
  for (auto i = 0; i < 20; ++i) {
    used.cpu_time += 1'900ms;
    test.advance(1s);
  }
  REQUIRE(events.size() == 2);
  CHECK(events[1].subject == "cpu");
  CHECK_FALSE(state.admit());
  CHECK(state.credit() == credit_policy::delayed);
}

TEST_CASE_FIXTURE(fixture, "memory beyond the limit is given back, not often") {
  used.memory = 900;
  test.advance(5s);
  CHECK(trims == 0);
  used.memory = 1'001;
  test.advance(5s);
  CHECK(trims == 1);
  CHECK(state.credit() == credit_policy::withheld);
  test.advance(10s);
  CHECK(trims == 2);
}

TEST_SUITE_END();
