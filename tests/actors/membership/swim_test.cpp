#include "actors/membership/swim.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace starling;
using namespace starling::membership;
using namespace std::chrono_literals;

namespace {

using kind = swim_message::kind;

const auto start = swim::clock::time_point{} + 1h;

/// Many nodes on one thread in virtual time. Messages take a millisecond, if
/// nothing stops them.
struct cluster {
  struct flight {
    size_t from;
    size_t to;
    swim_message message;
  };

  /// A signed record with a new incarnation on its way by gossip.
  struct news {
    size_t about;
    uint64_t incarnation;
  };

  struct event {
    swim::clock::time_point at;
    size_t seen_by;
    swim::change what;
  };

  std::map<size_t, swim> nodes;
  std::multimap<swim::clock::time_point, flight> air;
  std::multimap<swim::clock::time_point, news> records;
  std::vector<event> events;
  std::set<size_t> crashed;
  /// Pairs that can't hear each other.
  std::set<std::pair<size_t, size_t>> deaf;
  std::mt19937_64 random;
  double loss = 0.0;
  swim::clock::time_point now = start;
  std::map<kind, size_t> sent;

  explicit cluster(size_t count, uint64_t seed = 1,
                   const swim::options& opts = {})
    : random{seed} {
    for (size_t i = 0; i < count; ++i)
      nodes.emplace(i,
                    swim{test_node(i), 1, opts, std::mt19937_64{seed + i},
                         start + std::chrono::milliseconds{random() % 1'000}});
    for (auto& [i, x] : nodes)
      for (size_t j = 0; j < count; ++j)
        take(i, x.add(test_node(j), 1));
    events.clear();
  }

  static size_t index_of(const peer_id& id) {
    return size_t{id.bytes[0]} << 8 | id.bytes[1];
  }

  void take(size_t from, const swim::step& out) {
    for (const auto& what : out.changes)
      events.push_back({now, from, what});
    if (out.own_incarnation)
      records.emplace(now + 2s, news{from, *out.own_incarnation});
    for (const auto& x : out.messages) {
      ++sent[x.message.what];
      const auto lost = static_cast<double>(random() % 1'000'000) < 1e6 * loss;
      if (!lost)
        air.emplace(now + 1ms, flight{from, index_of(x.to), x.message});
    }
  }

  [[nodiscard]] bool can_hear(size_t a, size_t b) const {
    return !crashed.contains(a) && !crashed.contains(b)
           && !deaf.contains({std::min(a, b), std::max(a, b)});
  }

  void spread(const news& x) {
    for (auto& [i, node] : nodes)
      if (can_hear(i, x.about))
        take(i, node.add(test_node(x.about), x.incarnation));
  }

  void deliver(const flight& x) {
    if (!crashed.contains(x.to)
        && !deaf.contains({std::min(x.from, x.to), std::max(x.from, x.to)}))
      take(x.to, nodes.at(x.to).receive(test_node(x.from), x.message, now));
  }

  void run(std::chrono::nanoseconds duration) {
    const auto end = now + duration;
    for (;;) {
      auto next = air.empty() ? end : std::min(end, air.begin()->first);
      if (!records.empty())
        next = std::min(next, records.begin()->first);
      for (const auto& [i, x] : nodes)
        if (!crashed.contains(i))
          next = std::min(next, x.next_deadline());
      now = std::max(now, next);
      if (now >= end)
        return;
      while (!air.empty() && air.begin()->first <= now) {
        const auto x = air.begin()->second;
        air.erase(air.begin());
        deliver(x);
      }
      while (!records.empty() && records.begin()->first <= now) {
        const auto x = records.begin()->second;
        records.erase(records.begin());
        spread(x);
      }
      for (auto& [i, x] : nodes)
        if (!crashed.contains(i) && x.next_deadline() <= now)
          take(i, x.tick(now));
    }
  }

  [[nodiscard]] size_t count_who_see(size_t subject, liveness state) const {
    return static_cast<size_t>(
      std::ranges::count_if(nodes, [&](const auto& item) {
        return item.second.state_of(test_node(subject)) == state;
      }));
  }
};

/// One node, 0, whose neighbours are played by the test.
struct lone_node {
  swim model{test_node(0), 5, {}, std::mt19937_64{1}, start};

  explicit lone_node(size_t members) {
    for (size_t i = 1; i <= members; ++i)
      (void)model.add(test_node(i), 1);
  }

  swim::step hear(size_t from, std::vector<rumour> rumours,
                  swim::clock::time_point at = start) {
    return model.receive(test_node(from),
                         {kind::ack, 999, {}, std::move(rumours)}, at);
  }
};

} // namespace

TEST_SUITE_BEGIN("membership/swim");

TEST_CASE("in a healthy cluster nobody is suspected") {
  auto x = cluster{20};
  x.run(60s);
  CHECK(x.events.empty());
  // One ping a node and period, as section 3.2 promises, whatever the size.
  CHECK(x.sent[kind::ping] == doctest::Approx(20 * 60).epsilon(0.02));
  CHECK(x.sent[kind::ping_request] == 0);
}

TEST_CASE("a crashed node is found dead by everyone") {
  auto x = cluster{20};
  x.run(10s);
  x.crashed.insert(7);
  x.run(60s);
  CHECK(x.count_who_see(7, liveness::dead) == 19);
  for (const auto& event : x.events)
    CHECK(event.what.id == test_node(7));
}

// Section 3.1: with n nodes that begin their periods together some node probes
// a failed one after e / (e - 1) = 1.58 periods on average. Here they begin at
// different moments, so the first one to do so comes as the first event of a
// Poisson process, one a period: after 1 period. A probe takes another to fail.
TEST_CASE("the first suspicion comes when the paper expects it") {
  auto sum = 0.0;
  constexpr auto runs = 40;
  for (uint64_t seed = 1; seed <= runs; ++seed) {
    auto x = cluster{20, seed};
    x.run(5s + std::chrono::milliseconds{x.random() % 1'000});
    const auto crash = x.now;
    x.crashed.insert(3);
    x.run(8s);
    REQUIRE_FALSE(x.events.empty());
    CHECK(x.events[0].what.state == liveness::suspect);
    sum += std::chrono::duration<double>(x.events[0].at - crash).count();
  }
  CAPTURE(sum / runs);
  CHECK(sum / runs > 1.6);
  CHECK(sum / runs < 2.4);
}

TEST_CASE("every member is probed at least once in 2n - 1 periods") {
  auto node = lone_node{10};
  auto last = std::map<peer_id, int>{};
  auto now = start;
  for (auto period = 0; period < 200; ++period, now += 1s) {
    const auto out = node.model.tick(now);
    REQUIRE(out.messages.size() == 1);
    const auto& [to, message] = out.messages[0];
    if (last.contains(to))
      CHECK(period - last[to] <= 19);
    last[to] = period;
    (void)node.model.receive(to, {kind::ack, message.sequence, {}, {}}, now);
  }
  CHECK(last.size() == 10);
}

TEST_CASE("lost messages alone do not kill") {
  auto x = cluster{20, 3};
  x.loss = 0.05;
  x.run(5min);
  for (const auto& event : x.events)
    CHECK(event.what.state != liveness::dead);
}

TEST_CASE("a broken link between two nodes kills neither") {
  auto x = cluster{10};
  x.deaf.insert({2, 5});
  x.run(3min);
  CHECK(x.events.empty());
  CHECK(x.sent[kind::ping_request] > 0);
}

TEST_CASE("two halves of a cluster find each other again") {
  auto x = cluster{8};
  for (size_t a = 0; a < 4; ++a)
    for (size_t b = 4; b < 8; ++b)
      x.deaf.insert({a, b});
  x.run(3min);
  CHECK(x.count_who_see(0, liveness::dead) == 4);
  CHECK(x.count_who_see(6, liveness::dead) == 4);
  x.deaf.clear();
  x.run(3min);
  for (size_t i = 0; i < 8; ++i)
    CHECK(x.count_who_see(i, liveness::alive) == 7);
}

TEST_CASE("runs from the same seed are the same") {
  auto a = cluster{15, 42};
  auto b = cluster{15, 42};
  for (auto* x : {&a, &b}) {
    x->loss = 0.1;
    x->run(20s);
    x->crashed.insert(1);
    x->run(40s);
  }
  REQUIRE(a.events.size() == b.events.size());
  for (size_t i = 0; i < a.events.size(); ++i) {
    CHECK(a.events[i].at == b.events[i].at);
    CHECK(a.events[i].what == b.events[i].what);
  }
}

TEST_CASE("liars can't kill a node that answers") {
  auto x = cluster{10};
  // Nodes 1 to 4 say all the time that node 9 is dead.
  for (auto second = 0; second < 120; ++second) {
    x.run(1s);
    for (size_t liar = 1; liar <= 4; ++liar)
      for (size_t i : {0, 5, 6, 7, 8})
        x.take(i, x.nodes.at(i).receive(
                    test_node(liar),
                    {kind::ack, 0, {}, {{test_node(9), 1, liveness::dead}}},
                    x.now));
  }
  for (const auto& event : x.events)
    CHECK(event.what.state != liveness::dead);
}

// Too many to be probed before the shortest wait is over.
TEST_CASE("liars who accuse everyone at once kill nobody either") {
  auto node = lone_node{0};
  node.model
    = swim{test_node(0), 1, {.probes_max = 2}, std::mt19937_64{1}, start};
  for (size_t i = 1; i <= 60; ++i)
    (void)node.model.add(test_node(i), 1);
  auto changes = std::vector<swim::change>{};
  const auto take = [&](const swim::step& out) {
    changes.insert(changes.end(), out.changes.begin(), out.changes.end());
  };
  for (size_t liar = 1; liar <= 4; ++liar)
    for (size_t i = 5; i <= 60; ++i)
      take(node.hear(liar, {{test_node(i), 1, liveness::dead}}));
  CHECK(changes.size() == 56);
  for (auto now = start; now < start + 2min; now += 1s) {
    const auto out = node.model.tick(now);
    take(out);
    for (const auto& x : out.messages)
      take(node.model.receive(x.to, {kind::ack, x.message.sequence, {}, {}},
                              now + 1ms));
  }
  for (const auto& x : changes)
    CHECK(x.state != liveness::dead);
  for (size_t i = 1; i <= 60; ++i)
    CHECK(node.model.state_of(test_node(i)) == liveness::alive);
}

TEST_CASE("hearsay makes suspect and gets the suspect pinged") {
  auto node = lone_node{5};
  const auto out = node.hear(1, {{test_node(2), 1, liveness::dead}});
  REQUIRE(out.changes.size() == 1);
  CHECK(out.changes[0] == swim::change{test_node(2), liveness::suspect, 1});
  auto pinged = std::set<peer_id>{};
  for (const auto& x : node.model.tick(start).messages)
    pinged.insert(x.to);
  CHECK(pinged.contains(test_node(2)));
}

TEST_CASE("hearsay about an older incarnation is stale") {
  auto node = lone_node{5};
  (void)node.model.add(test_node(2), 4);
  CHECK(node.hear(1, {{test_node(2), 3, liveness::dead}}).changes.empty());
  CHECK(node.model.state_of(test_node(2)) == liveness::alive);
}

TEST_CASE("only the node itself raises its incarnation") {
  auto node = lone_node{5};
  CHECK(node.hear(1, {{test_node(2), 1'000, liveness::alive}}).changes.empty());
  // If it were believed, this would be stale.
  CHECK_FALSE(
    node.hear(1, {{test_node(2), 1, liveness::suspect}}).changes.empty());
  // From its own mouth, and by its signed record.
  CHECK(node.hear(2, {{test_node(2), 2, liveness::alive}}).changes
        == std::vector{swim::change{test_node(2), liveness::alive, 2}});
  (void)node.hear(1, {{test_node(2), 2, liveness::suspect}});
  CHECK(node.model.add(test_node(2), 3).changes
        == std::vector{swim::change{test_node(2), liveness::alive, 3}});
}

TEST_CASE("a node denies its death with a higher incarnation") {
  auto node = lone_node{5};
  auto out = node.hear(1, {{test_node(0), 5, liveness::suspect}});
  CHECK(out.own_incarnation == 6);
  CHECK(node.model.incarnation() == 6);
  // The next message says so.
  out = node.model.receive(test_node(3), {kind::ping, 1, {}, {}}, start);
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].message.rumours
        == std::vector<rumour>{{test_node(0), 6, liveness::alive}});
}

TEST_CASE("accusations can't make a node sign without end") {
  auto node = lone_node{5};
  CHECK(node.hear(1, {{test_node(0), 5, liveness::dead}}).own_incarnation == 6);
  CHECK_FALSE(
    node.hear(1, {{test_node(0), 6, liveness::dead}}).own_incarnation);
  CHECK_FALSE(
    node.hear(1, {{test_node(0), UINT64_MAX, liveness::dead}}, start + 1s)
      .own_incarnation);
  CHECK(node.hear(1, {{test_node(0), 6, liveness::dead}}, start + 1s)
          .own_incarnation
        == 7);
}

TEST_CASE("a suspect is told, so that it can deny") {
  auto node = lone_node{5};
  (void)node.hear(1, {{test_node(2), 1, liveness::suspect}});
  for (const auto& x : node.model.tick(start).messages)
    if (x.to == test_node(2))
      CHECK(x.message.rumours
            == std::vector<rumour>{{test_node(2), 1, liveness::suspect}});
}

TEST_CASE("a ping for another node is passed on, and so is its answer") {
  auto node = lone_node{3};
  auto out = node.model.receive(
    test_node(1), {kind::ping_request, 77, test_node(2), {}}, start);
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].to == test_node(2));
  const auto sequence = out.messages[0].message.sequence;
  // Someone else's answer does not count.
  CHECK(node.model.receive(test_node(3), {kind::ack, sequence, {}, {}}, start)
          .messages.empty());
  out = node.model.receive(test_node(2), {kind::ack, sequence, {}, {}}, start);
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].to == test_node(1));
  CHECK(out.messages[0].message.what == kind::ack);
  CHECK(out.messages[0].message.sequence == 77);
}

TEST_CASE("strangers can't make this node knock, and requests are bounded") {
  auto node = lone_node{3};
  CHECK(
    node.model
      .receive(test_node(99), {kind::ping_request, 1, test_node(2), {}}, start)
      .messages.empty());
  CHECK(
    node.model
      .receive(test_node(1), {kind::ping_request, 1, test_node(99), {}}, start)
      .messages.empty());
  auto passed = size_t{0};
  for (uint64_t i = 0; i < 1'000; ++i)
    passed += node.model
                .receive(test_node(1),
                         {kind::ping_request, i, test_node(2), {}}, start)
                .messages.size();
  CHECK(passed == swim::options{}.requests_max);
}

TEST_CASE("an ack counts only from those who were asked") {
  auto node = lone_node{1};
  const auto out = node.model.tick(start);
  REQUIRE(out.messages.size() == 1);
  const auto sequence = out.messages[0].message.sequence;
  (void)node.model.receive(test_node(55), {kind::ack, sequence, {}, {}}, start);
  (void)node.model.tick(start + 300ms);
  CHECK(node.model.tick(start + 1s).changes
        == std::vector{swim::change{test_node(1), liveness::suspect, 1}});
}

TEST_CASE("a node that was held up gives others their time first") {
  auto node = lone_node{5};
  (void)node.model.tick(start);
  const auto late = node.model.tick(start + 30s);
  CHECK(late.changes.empty());
  CHECK(late.messages.size() == 3);
  CHECK(node.model.next_deadline() == start + 30s + 700ms);
}

TEST_CASE("members are bounded; who is removed is not watched") {
  auto node = lone_node{0};
  node.model
    = swim{test_node(0), 1, {.members_max = 2}, std::mt19937_64{1}, start};
  for (size_t i = 1; i <= 5; ++i)
    (void)node.model.add(test_node(i), 1);
  CHECK(node.model.size() == 2);
  (void)node.model.tick(start);
  node.model.remove(test_node(1));
  node.model.remove(test_node(2));
  node.model.remove(test_node(3));
  CHECK(node.model.size() == 0);
  CHECK_FALSE(node.model.state_of(test_node(1)));
  CHECK(node.model.tick(start + 1s).messages.empty());
}

TEST_CASE("a node does not watch itself") {
  auto node = lone_node{0};
  CHECK(node.model.add(test_node(0), 9).changes.empty());
  CHECK(node.model.size() == 0);
}

TEST_SUITE_END();
