#include "actors/discovery/reach.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::discovery;

namespace {

reach of(std::string_view text) {
  auto x = config::parse_endpoint(text);
  REQUIRE_MESSAGE(x, text);
  return reach_of(*x);
}

} // namespace

TEST_SUITE_BEGIN("discovery/reach");

// Addresses at both ends of the ranges that the RFCs give.
TEST_CASE("an address says how far it reaches") {
  for (const auto* text :
       {"tcp://127.0.0.1:1", "tcp://127.255.255.255:1", "tcp://[::1]:1",
        "tcp://localhost:1", "tcp://a.localhost:1", "memory://n1",
        "tcp://[::ffff:127.0.0.1]:1"})
    CHECK_MESSAGE(of(text) == reach::local, text);
  for (const auto* text :
       {"tcp://10.0.0.0:1", "tcp://10.255.255.255:1", "tcp://172.16.0.0:1",
        "tcp://172.31.255.255:1", "tcp://192.168.0.1:1", "tcp://169.254.9.9:1",
        "tcp://100.64.0.0:1", "tcp://100.127.255.255:1", "tcp://[fe80::1]:1",
        "tcp://[febf::1]:1", "tcp://[fc00::1]:1", "tcp://[fdff::1]:1",
        "tcp://printer.local:1", "lora:///dev/ttyUSB0"})
    CHECK_MESSAGE(of(text) == reach::lan, text);
  for (const auto* text :
       {"tcp://126.255.255.255:1", "tcp://128.0.0.0:1", "tcp://11.0.0.0:1",
        "tcp://172.15.255.255:1", "tcp://172.32.0.0:1", "tcp://192.169.0.0:1",
        "tcp://100.128.0.0:1", "tcp://[fec0::1]:1", "tcp://[2001:db8::1]:1",
        "tcp://[fe00::1]:1", "tcp://example.org:1", "tcp://local:1"})
    CHECK_MESSAGE(of(text) == reach::internet, text);
  CHECK(of("relay://somewhere") == reach::mesh);
}

TEST_CASE("names are read back") {
  for (auto x : {reach::local, reach::lan, reach::mesh, reach::internet})
    CHECK(parse_reach(name_of(x)) == x);
  CHECK_FALSE(parse_reach("galaxy"));
}

TEST_SUITE_END();
