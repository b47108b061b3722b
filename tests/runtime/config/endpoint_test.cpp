#include "runtime/config/endpoint.hpp"

#include <doctest/doctest.h>

using namespace starling::config;

namespace {

const auto id_text = std::string(64, 'a');

} // namespace

TEST_SUITE_BEGIN("config/endpoint");

TEST_CASE("an endpoint has a scheme, a host, a port and perhaps a peer") {
  const auto x = parse_endpoint("tcp://10.0.0.1:7000#" + id_text);
  REQUIRE(x);
  CHECK(x->scheme == "tcp");
  CHECK(x->host == "10.0.0.1");
  CHECK(x->port == 7000);
  CHECK(to_string(*x->peer) == id_text);
}

TEST_CASE("IPv6 addresses stand in brackets") {
  const auto x = parse_endpoint("tcp://[::1]:0");
  REQUIRE(x);
  CHECK(x->host == "::1");
  CHECK(x->port == 0);
  CHECK(!parse_endpoint("tcp://::1:7000"));
}

TEST_CASE("links without ports keep the rest as it is") {
  const auto x = parse_endpoint("lora:///dev/ttyUSB0");
  REQUIRE(x);
  CHECK(x->host == "/dev/ttyUSB0");
  CHECK(!x->port);
}

TEST_CASE("an endpoint is written as it was read") {
  for (const auto& text :
       {std::string{"tcp://host.example:65535"},
        std::string{"ws://[fe80::1]:80"}, std::string{"memory://alpha"},
        "udp://a:1#" + id_text}) {
    const auto x = parse_endpoint(text);
    REQUIRE_MESSAGE(x, text);
    CHECK(to_string(*x) == text);
  }
}

TEST_CASE("what is no endpoint is refused with its reason") {
  const auto reason = [](const std::string& text) {
    const auto x = parse_endpoint(text);
    return x ? std::string{"accepted"} : x.error().text;
  };
  CHECK(reason("10.0.0.1:7000")
        == "endpoint '10.0.0.1:7000' must start with a link's name, such as "
           "tcp://");
  CHECK(reason("tcp://host")
        == "endpoint 'tcp://host' has no port, write HOST:PORT");
  CHECK(reason("tcp://host:65536")
        == "endpoint 'tcp://host:65536' has no port between 0 and 65535");
  CHECK(reason("tcp://host:7x")
        == "endpoint 'tcp://host:7x' has no port between 0 and 65535");
  CHECK(reason("tcp://:1") == "endpoint 'tcp://:1' names no host");
  CHECK(reason("tcp://h:1#ab")
        == "endpoint 'tcp://h:1#ab' must have a peer id of 64 hexadecimal "
           "digits after '#'");
  CHECK(reason("tcp://h\n:1")
        == "endpoint '(unprintable)' holds blanks, control or non-ASCII "
           "characters");
  CHECK(reason("tcp://" + std::string(600, 'h')).find("longer than 512")
        != std::string::npos);
  CHECK(reason("TCP://h:1") != "accepted");
}

TEST_SUITE_END();
