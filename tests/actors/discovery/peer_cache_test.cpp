#include "actors/discovery/peer_cache.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace starling;
using namespace starling::discovery;
using namespace std::chrono_literals;

namespace {

const auto start = time_point{std::chrono::hours{24 * 365 * 50}};

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

std::string at(int n) {
  return "tcp://192.0.2." + std::to_string(n) + ":4711";
}

std::string at(int n, uint8_t peer) {
  return at(n) + "#" + to_string(node(peer));
}

struct fixture {
  peer_cache cache{{.entries_max = 10, .per_peer_max = 3}};
  std::mt19937_64 random{1};

  static config::endpoint parse(const std::string& text) {
    return *config::parse_endpoint(text);
  }

  bool add(const std::string& text, time_point now = start) {
    auto outcome = cache.add(text, "gossip", now);
    REQUIRE_MESSAGE(outcome, outcome.error().text);
    return *outcome;
  }

  ec refusal(std::string_view text, std::string_view source = "gossip") {
    auto outcome = cache.add(text, source, start);
    REQUIRE(!outcome);
    return outcome.error().code;
  }

  void fail(const std::string& text, time_point now = start) {
    cache.failed(parse(text), now, random);
  }

  void succeed(const std::string& text, uint8_t peer, time_point now = start) {
    cache.succeeded(parse(text), node(peer), now);
  }

  std::vector<std::string> due(const criteria& wanted = {},
                               time_point now = start) {
    auto result = std::vector<std::string>{};
    for (const auto& x : cache.due(wanted, now))
      result.push_back(config::to_string(x.where));
    return result;
  }
};

} // namespace

TEST_SUITE_BEGIN("discovery/peer_cache");

TEST_CASE_FIXTURE(fixture, "an endpoint has one entry however often it comes") {
  CHECK(add(at(1)));
  CHECK_FALSE(add(at(1), start + 1s));
  CHECK(add("tcp://Example.ORG:1"));
  CHECK_FALSE(add("tcp://example.org:1"));
  CHECK(cache.size() == 2);
  CHECK(cache.find(parse(at(1)))->seen == start + 1s);
}

TEST_CASE_FIXTURE(fixture, "who has to answer is kept once it is known") {
  CHECK(add(at(1)));
  CHECK_FALSE(add(at(1, 7)));
  CHECK(due() == std::vector{at(1, 7)});
  CHECK_FALSE(add(at(1)));
  CHECK(cache.size() == 1);
  // Someone else claims the place: both are to be tried.
  CHECK(add(at(1, 8)));
  CHECK(cache.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a session tells who is there") {
  add(at(1));
  succeed(at(1), 7, start + 5s);
  const auto x = cache.find(parse(at(1, 7)));
  REQUIRE(x);
  CHECK(x->succeeded == start + 5s);
  CHECK(x->seen == start + 5s);
  // What nobody has announced is not entered.
  succeed(at(2), 7);
  CHECK(cache.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "what can't be dialled is refused") {
  CHECK(refusal("tcp://192.0.2.1:0") == ec::invalid_option);
  CHECK(refusal("tcp://192.0.2.1") == ec::invalid_option);
  CHECK(refusal("not an endpoint") == ec::invalid_option);
  CHECK(refusal("lora://") == ec::invalid_option);
  CHECK(refusal(std::string(600, 'x')) == ec::invalid_option);
  CHECK(refusal(at(1), "") == ec::invalid_option);
  CHECK(refusal(at(1), "a source") == ec::invalid_option);
  CHECK(cache.size() == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "after failures an endpoint rests, longer each time") {
  add(at(1));
  auto now = start;
  auto longest = std::vector<std::chrono::milliseconds>{
    1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 600s, 600s};
  for (auto rest : longest) {
    fail(at(1), now);
    const auto next = *cache.next_due();
    CHECK(next >= now + rest / 2);
    CHECK(next <= now + rest);
    CHECK(due({}, next - 1ms).empty());
    CHECK(due({}, next).size() == 1);
    now = next;
  }
  succeed(at(1), 7, now);
  CHECK(cache.find(parse(at(1, 7)))->failures == 0);
  CHECK(due({}, now).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "rests of several endpoints differ") {
  auto times = std::vector<time_point>{};
  for (auto n = 1; n <= 8; ++n) {
    add(at(n));
    for (auto i = 0; i < 5; ++i)
      fail(at(n));
    times.push_back(cache.find(parse(at(n)))->due);
  }
  std::ranges::sort(times);
  CHECK(std::ranges::adjacent_find(times) == times.end());
}

TEST_CASE_FIXTURE(fixture, "near and proven endpoints come first") {
  add(at(1));
  add(at(2));
  add(at(3));
  add("tcp://10.0.0.1:1");
  add("tcp://127.0.0.1:1");
  succeed(at(2), 2, start - 2s);
  succeed(at(3), 3, start - 1s);
  CHECK(due()
        == std::vector<std::string>{"tcp://127.0.0.1:1", "tcp://10.0.0.1:1",
                                    at(3, 3), at(2, 2), at(1)});
  CHECK(due({.count_max = 2}).size() == 2);
}

TEST_CASE_FIXTURE(fixture, "criteria pick by distance and by peer") {
  add(at(1, 7));
  add("tcp://10.0.0.1:1");
  add("tcp://127.0.0.1:1");
  CHECK(due({.farthest = reach::lan}).size() == 2);
  CHECK(due({.farthest = reach::local})
        == std::vector<std::string>{"tcp://127.0.0.1:1"});
  CHECK(due({.peer = node(7)}) == std::vector{at(1, 7)});
  CHECK(due({.peer = node(8)}).empty());
}

TEST_CASE_FIXTURE(fixture,
                  "a full cache drops what never worked, not what did") {
  for (auto n = 1; n <= 10; ++n) {
    add(at(n), start + n * 1s);
    if (n <= 8)
      succeed(at(n), static_cast<uint8_t>(n), start + n * 1s);
  }
  fail(at(10));
  // 10 has failed, so it goes first, then the older of the untried.
  CHECK(add(at(11), start + 20s));
  CHECK_FALSE(cache.find(parse(at(10))));
  CHECK(add(at(12), start + 21s));
  CHECK_FALSE(cache.find(parse(at(9))));
  for (auto n = 20; n < 200; ++n)
    (void)cache.add(at(n), "gossip", start + n * 1s);
  CHECK(cache.size() == 10);
  for (auto n = 1; n <= 8; ++n)
    CHECK(cache.find(parse(at(n, static_cast<uint8_t>(n)))));
}

TEST_CASE_FIXTURE(fixture, "a cache full of peers that work takes no rumours") {
  for (auto n = 1; n <= 10; ++n) {
    add(at(n));
    succeed(at(n), static_cast<uint8_t>(n));
  }
  CHECK(refusal(at(11)) == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture, "one peer can't fill the cache") {
  for (auto n = 1; n <= 3; ++n) {
    add(at(n, 7));
    succeed(at(n, 7), 7);
  }
  CHECK(refusal(at(4, 7)) == ec::limit_reached);
  CHECK(add(at(4, 8)));
}

TEST_CASE_FIXTURE(fixture, "what nobody speaks of any more is forgotten") {
  add(at(1));
  add(at(2));
  succeed(at(2), 7, start + 24h);
  CHECK(cache.expire(start + 24h * 7) == 0);
  CHECK(cache.expire(start + 24h * 7 + 1ms) == 1);
  CHECK(cache.expire(start + 24h * 8 + 1ms) == 1);
  CHECK_FALSE(cache.next_due());
}

TEST_CASE_FIXTURE(fixture, "the cache survives in a file") {
  add(at(1));
  add(at(2, 9));
  add("lora:///dev/ttyUSB0");
  add("tcp://[2001:db8::1]:4711");
  succeed(at(2, 9), 9, start + 1s);
  fail(at(1));
  const auto text = cache.encode();
  auto back = peer_cache::decode(text, {});
  REQUIRE_MESSAGE(back, back.error().text);
  CHECK(back->encode() == text);
  CHECK(back->size() == 4);
  const auto x = back->find(parse(at(2, 9)));
  REQUIRE(x);
  CHECK(x->succeeded == start + 1s);
  CHECK(x->reach == reach::internet);
  CHECK(back->find(parse(at(1)))->failures == 1);
  // A new start is a new chance.
  CHECK(back->due({}, start + 1s).size() == 4);
}

TEST_CASE_FIXTURE(fixture, "more lines than the cache may hold are refused") {
  for (auto n = 1; n <= 4; ++n)
    add(at(n));
  CHECK(peer_cache::decode(cache.encode(), {.entries_max = 3}).error().code
        == ec::limit_reached);
}

TEST_SUITE_END();
