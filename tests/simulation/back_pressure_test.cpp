// One actor that stands still, and what that costs the others.

#include "actors/link/memory_network.hpp"
#include "tests/simulation/cluster_actors.hpp"

#include <caf/response_promise.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// Bytes that may be on their way to one actor, and those that wait for it, see
/// `flow_limits` and `session_broker::limits`.
constexpr uint64_t window = 4u << 20;
constexpr uint64_t parked = 8u << 20;

constexpr size_t message_size = 100'000;

/// Takes numbered texts, but stands still at first: it awaits an answer that
/// comes when its gate opens.
struct sleeper {
  std::vector<uint64_t> numbers;

  static caf::behavior start(caf::event_based_actor* self, sleeper* out,
                             const caf::actor& gate) {
    self->request(gate, caf::infinite, caf::get_atom_v).await([](caf::ok_atom) {
    });
    return {
      [=](uint64_t number, const std::string&) {
        out->numbers.push_back(number);
        return number;
      },
    };
  }
};

/// Answers once it is told that it is open.
caf::behavior gate(caf::event_based_actor* self) {
  auto waiting = std::make_shared<caf::response_promise>();
  return {
    [=](caf::get_atom) -> caf::result<caf::ok_atom> {
      *waiting = self->make_response_promise();
      return caf::delegated<caf::ok_atom>{};
    },
    [=](caf::ok_atom) { waiting->deliver(caf::ok_atom_v); },
  };
}

/// Node 0 floods a sleeper on node 1.
struct fixture {
  sleeper content;
  caf::actor remote;
  caf::actor local;
  caf::actor local_gate;
  std::unique_ptr<simulated_cluster> cluster;

  explicit fixture(size_t nodes = 2) {
    cluster = std::make_unique<simulated_cluster>(
      nodes, 1,
      [this](actor_catalog& catalog) {
        add_test_actors(catalog);
        REQUIRE(!catalog.add<caf::actor>(
          "sleeper", "stands still",
          [this](node_context& node,
                 const caf::settings&) -> caf::expected<caf::actor> {
            local_gate = node.system->spawn(gate);
            local = node.system->spawn(sleeper::start, &content, local_gate);
            return local;
          }));
      },
      be_quiet);
    auto peer = dial(*cluster, 0, 1);
    REQUIRE(peer);
    auto spawned = cluster->ask<caf::strong_actor_ptr>(
      0, service_of<spawner_actor>(*peer, "spawner"),
      spawn_request{"sleeper", "", {}, {}});
    REQUIRE_MESSAGE(spawned, to_string(spawned.error()));
    remote = caf::actor_cast<caf::actor>(*spawned);
  }

  ~fixture() {
    for (auto* each : {&local, &local_gate}) {
      caf::anon_send_exit(*each, caf::exit_reason::kill);
      *each = nullptr;
    }
    remote = nullptr;
    cluster->advance(1s);
  }

  uint64_t bytes_sent() {
    return peers_of(*cluster, 0).at(0).bytes_out;
  }

  void wake() {
    caf::anon_send(local_gate, caf::ok_atom_v);
    cluster->advance(10s);
  }
};

/// What others get done in ten seconds on links of 2 MB/s, while node 0 floods
/// an actor on node 1 that stands still, or does not.
struct work_done {
  uint64_t questions = 0; // from node 0 to node 1, one after the other
  uint64_t from_afar = 0; // the same from node 2
  uint64_t bulk = 0;      // 10 kB each, from node 0 to node 1, four at a time
};

/// Asks again as soon as it has its answer.
caf::behavior keep_asking(caf::event_based_actor* self, const echo_actor& whom,
                          size_t size, uint64_t* done) {
  return {[=](caf::ok_atom) {
    self->request(whom, caf::infinite, std::string(size, 'x'))
      .then([=](const std::string&) {
        ++*done;
        self->send(self, caf::ok_atom_v);
      });
  }};
}

work_done work_beside(bool flood) {
  auto result = work_done{};
  auto test = fixture{3};
  auto& cluster = *test.cluster;
  for (const auto* from : {"n0", "n2"})
    cluster.network().set_path(from, "n1", {1ms, 2'000'000});
  auto workers = std::vector<caf::actor>{};
  const auto add = [&](size_t from, size_t size, uint64_t* done) {
    const auto echo = spawn_on<echo_actor>(cluster, from, 1, "echo");
    workers.push_back(
      cluster.system(from).sys().spawn(keep_asking, echo, size, done));
    caf::anon_send(workers.back(), caf::ok_atom_v);
  };
  add(0, 100, &result.questions);
  add(2, 100, &result.from_afar);
  for (auto i = 0; i < 4; ++i)
    add(0, 10'000, &result.bulk);
  auto self = caf::scoped_actor{cluster.system(0).sys()};
  auto next = uint64_t{0};
  const auto pass = [&](int seconds) {
    for (auto i = 0; i < 100 * seconds; ++i) {
      // Five times what the link carries.
      if (flood)
        self->send(test.remote, next++, std::string(message_size, 'x'));
      cluster.advance(10ms);
    }
  };
  // Until its window is full, a flood is traffic like any other.
  pass(6);
  result = {};
  pass(10);
  const auto counted = result;
  for (const auto& worker : workers)
    caf::anon_send_exit(worker, caf::exit_reason::kill);
  cluster.advance(1s);
  return counted;
}

} // namespace

TEST_SUITE_BEGIN("simulation/back_pressure");

TEST_CASE("a stalled actor costs others less than 5 % of their work") {
  const auto alone = work_beside(false);
  const auto beside = work_beside(true);
  // The link is busy with them.
  CHECK(alone.bulk * 10'000 > 10 * 2'000'000 * 8 / 10);
  CHECK(alone.questions > 400);
  CHECK(alone.from_afar > 2'000);
  const auto check = [](uint64_t with, uint64_t without) {
    CHECK_MESSAGE(static_cast<double>(with)
                    >= 0.95 * static_cast<double>(without),
                  with << " of " << without);
  };
  check(beside.questions, alone.questions);
  check(beside.from_afar, alone.from_afar);
  check(beside.bulk, alone.bulk);
}

TEST_CASE_FIXTURE(fixture, "a flood of an actor that stands still is bounded") {
  auto self = caf::scoped_actor{cluster->system(0).sys()};
  const auto before = bytes_sent();
  for (uint64_t i = 0; i < 1'000; ++i) {
    self->send(remote, i, std::string(message_size, 'x'));
    cluster->advance(1ms);
  }
  // 100 MB were sent, a window's worth went over the wire and is all that node
  // 1 has to keep.
  const auto sent = bytes_sent() - before;
  CHECK(sent < window + 2 * message_size);
  CHECK(sent > window - 2 * message_size);
  // Other traffic flows as if nothing were there: 2 ms are the links' delay.
  auto echo = spawn_on<echo_actor>(*cluster, 0, 1, "echo");
  for (auto i = 0; i < 20; ++i) {
    const auto start = cluster->now();
    CHECK(cluster->ask<std::string>(0, echo, std::string(1'000, 'y')));
    CHECK(cluster->now() - start <= 10ms);
  }
  // Once it goes on, it gets the first of what was sent, in order: all that
  // found room here or there.
  wake();
  REQUIRE(content.numbers.size() >= (window + parked) / message_size - 2);
  for (uint64_t i = 0; i < content.numbers.size(); ++i)
    CHECK(content.numbers[i] == i);
  // What found none is told of, in few words. Those since the last doubling
  // come with the next one, or the session's end.
  auto told = uint64_t{0};
  auto words = size_t{0};
  for (const auto& event : cluster->events(0))
    if (event.kind == "messages.dropped") {
      told += std::stoull(event.details.at("count"));
      ++words;
    }
  const auto dropped = 1'000 - content.numbers.size();
  CHECK(told <= dropped);
  CHECK(2 * told > dropped);
  CHECK(words <= 11);
}

TEST_CASE_FIXTURE(fixture,
                  "requests beyond the bound are told, the others wait") {
  auto answered = size_t{0};
  auto refused = size_t{0};
  auto asker = cluster->system(0).sys().spawn(
    [&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](uint64_t number) {
        self
          ->request(remote, caf::infinite, number,
                    std::string(message_size, 'x'))
          .then([&](uint64_t) { ++answered; },
                [&](const caf::error& reason) {
                  CHECK(reason == ec::limit_reached);
                  ++refused;
                });
      }};
    });
  for (uint64_t i = 0; i < 300; ++i) {
    caf::anon_send(asker, i);
    cluster->advance(1ms);
  }
  CHECK(answered == 0);
  CHECK(refused > 300 - (window + parked) / message_size - 3);
  CHECK(refused < 300 - (window + parked) / message_size + 3);
  wake();
  CHECK(answered == 300 - refused);
  // And from then on nobody is refused.
  const auto before = refused;
  for (uint64_t i = 0; i < 300; ++i) {
    caf::anon_send(asker, i);
    cluster->advance(1ms);
  }
  cluster->advance(1s);
  CHECK(refused == before);
  CHECK(answered == 600 - before);
  caf::anon_send_exit(asker, caf::exit_reason::kill);
}

TEST_SUITE_END();
