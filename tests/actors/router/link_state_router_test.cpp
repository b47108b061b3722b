#include "actors/router/link_state_router.hpp"

#include "tests/actors/link/tcp_fixture.hpp"
#include "tests/actors/router/router_flock.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

using path_t = std::vector<peer_id>;

/// A, B and C in a line.
struct line : router_flock {
  std::vector<caf::actor> to_end;

  explicit line(size_t count = 3) : router_flock{count} {
    join(0, 1);
    join(1, 2);
  }

  ~line() {
    for (auto& one : to_end)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    to_end.clear();
    system.run();
  }

  template <class Handle>
  Handle keep(Handle handle) {
    to_end.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  link_actor open(size_t from, size_t to) {
    auto made = system.ask<link_actor>(at(from).actor, open_relay{id(to)});
    REQUIRE(made);
    return keep(*made);
  }

  link_listener_actor listen(heard& to) {
    return keep(system.sys().spawn(heard::listen, &to));
  }

  /// Routing errors that left a node, oldest first.
  std::vector<ec> errors_of(size_t index) {
    auto result = std::vector<ec>{};
    for (const auto& bytes : at(index).sent)
      if (const auto x = wire::decode(bytes);
          x && x->type == packet_type::control && x->has(packet_flag::error))
        result.push_back(router::decode_routing_error(x->payload)->code);
    return result;
  }
};

struct ring : line {
  ring() : line{4} {
    join(0, 3);
    join(3, 2);
  }
};

packet packet_to(size_t destination, uint8_t ttl = 32) {
  auto x = packet{};
  x.id.bytes[0] = 1;
  x.destination = router_flock::id(destination);
  x.ttl = ttl;
  x.payload = {1, 2, 3};
  return x;
}

std::string pattern(size_t size) {
  auto result = std::string(size, ' ');
  for (size_t i = 0; i < size; ++i)
    result[i] = static_cast<char>((i * 131 + i / 251) & 0x7f);
  return result;
}

} // namespace

TEST_SUITE_BEGIN("actors/router/link_state_router");

TEST_CASE_FIXTURE(line, "a node finds the way through another one") {
  CHECK(path(0, 2) == path_t{id(1), id(2)});
  CHECK(path(0, 1) == path_t{id(1)});
  auto way = system.ask<route_info>(at(0).actor, find_route{id(2)});
  // Two links of 500 us.
  CHECK(way->latency_us == 1'000);
  auto all = system.ask<std::vector<route_info>>(at(0).actor, list_routes{});
  CHECK(all->size() == 2);
  CHECK(system.ask<route_info>(at(0).actor, find_route{id(9)}).error()
        == ec::unreachable);
}

TEST_CASE_FIXTURE(line,
                  "a packet without hops left is answered with an error") {
  begin(0, packet_to(2, 1));
  CHECK(errors_of(1) == std::vector{ec::ttl_exceeded});
  CHECK(errors_of(0).empty());
}

TEST_CASE_FIXTURE(line, "a packet with nowhere to go is answered") {
  // B loses C, and A has not heard of it yet.
  part(1, 2);
  begin(0, packet_to(2));
  CHECK(errors_of(1) == std::vector{ec::unreachable});
}

TEST_CASE_FIXTURE(line, "nodes that are cut off get and carry nothing") {
  system.tell(at(1).actor, avoid_peers{{id(2)}});
  begin(0, packet_to(2));
  CHECK(errors_of(1) == std::vector{ec::quarantined});
  system.tell(at(0).actor, avoid_peers{{id(1)}});
  CHECK(system.ask<route_info>(at(0).actor, find_route{id(2)}).error()
        == ec::unreachable);
  CHECK(system.ask<route_info>(at(0).actor, find_route{id(1)}).error()
        == ec::quarantined);
  system.tell(at(0).actor, avoid_peers{});
  CHECK(path(0, 2).size() == 2);
}

TEST_CASE_FIXTURE(ring, "a neighbour that is lost is routed around at once") {
  const auto before = path(0, 2);
  REQUIRE(before.size() == 2);
  const auto first = index_of(before[0]);
  // No gossip since, and no time has passed.
  part(0, first);
  CHECK(path(0, 2) == path_t{id(first == 1 ? 3 : 1), id(2)});
}

TEST_CASE_FIXTURE(line, "junk and packets of old are dropped in silence") {
  hand_over(0, id(1), {1, 2, 3});
  auto x = packet_to(2);
  begin(0, x);
  const auto count = at(0).sent.size();
  begin(0, x);
  CHECK(at(0).sent.size() == count);
}

TEST_CASE_FIXTURE(line, "a relayed link carries bytes both ways") {
  auto by_a = heard{};
  auto by_c = heard{};
  auto link = open(0, 2);
  system.tell(link, link_open{listen(by_a)});
  system.tell(link, link_bytes{bytes_of("hello")});
  system.advance(50ms);
  REQUIRE(at(2).mesh.links.size() == 1);
  const auto incoming = at(2).mesh.links[0];
  CHECK(incoming.address == "relay://" + to_string(id(0)));
  CHECK_FALSE(incoming.dialled);
  system.tell(incoming.link, link_open{listen(by_c)});
  CHECK(by_c.bytes == "hello");
  system.tell(incoming.link, link_bytes{bytes_of("good day")});
  system.advance(50ms);
  CHECK(by_a.bytes == "good day");
  system.tell(link, link_close{});
  system.advance(5s);
  CHECK(by_a.closed == caf::error{});
  CHECK(by_c.closed == caf::error{});
}

TEST_CASE_FIXTURE(ring, "a relayed link goes on when a node on its way dies") {
  auto by_c = heard{};
  auto by_a = heard{};
  const auto first = index_of(path(0, 2)[0]);
  auto link = open(0, 2);
  system.tell(link, link_open{listen(by_a)});
  system.tell(link, link_bytes{bytes_of("begin ")});
  system.advance(50ms);
  REQUIRE(at(2).mesh.links.size() == 1);
  system.tell(at(2).mesh.links[0].link, link_open{listen(by_c)});
  const auto text = pattern(1'000'000);
  system.tell(link, link_bytes{bytes_of(text)});
  // In the midst of it, with packets on their way.
  system.advance(4ms);
  CHECK(by_c.bytes.size() < text.size());
  kill(first);
  system.advance(2s);
  CHECK(by_c.bytes.size() == text.size() + 6);
  CHECK(by_c.bytes == "begin " + text);
  CHECK_FALSE(by_a.closed);
  CHECK_FALSE(by_c.closed);
}

TEST_CASE_FIXTURE(line, "a relayed link without a way ends after a while") {
  auto by_a = heard{};
  auto link = open(0, 2);
  system.tell(link, link_open{listen(by_a)});
  system.tell(link, link_bytes{bytes_of("hello")});
  system.advance(50ms);
  kill(1);
  gossip();
  system.advance(9s);
  CHECK_FALSE(by_a.closed);
  system.advance(2s);
  REQUIRE(by_a.closed);
  CHECK(*by_a.closed == ec::unreachable);
}

TEST_CASE_FIXTURE(line, "one node can't open links without bound") {
  for (auto i = 0; i < 8; ++i)
    open(0, 2);
  CHECK(system.ask<link_actor>(at(0).actor, open_relay{id(2)}).error()
        == ec::limit_reached);
  // Nor can one that does not keep to that.
  for (uint8_t i = 0; i < 20; ++i) {
    auto x = packet_to(2);
    x.id.bytes[1] = i;
    auto header = router::relay_header{};
    header.circuit.bytes[0] = i;
    x.payload = encode(header, std::vector<uint8_t>(40));
    begin(0, x);
  }
  CHECK(at(2).mesh.links.size() == 8);
}

TEST_CASE_FIXTURE(line, "nobody but members opens links to this node") {
  auto x = packet_to(2);
  x.source = id(77);
  x.payload = encode(router::relay_header{}, std::vector<uint8_t>(40));
  hand_over(2, id(1), wire::encode(x));
  system.advance(50ms);
  CHECK(at(2).mesh.links.empty());
}

TEST_SUITE_END();
