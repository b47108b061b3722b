#include "runtime/identity/join_token.hpp"

#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace starling;
using namespace starling::identity;

namespace {

// Made with Python's struct, hashlib and base64 of the token below.
const auto expected = std::string{
  "sjt1.EREREREREREREREREREREREREREREREREREREREREREiIiIiIiIiIiIiIiIiIiIiIiIiIi"
  "IiIiIiIiIiIiIiIgABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAAAAGtJ0gAuued"
  "3"};

join_token example() {
  auto token = join_token{};
  token.cluster.bytes.fill(0x11);
  token.sponsor.bytes.fill(0x22);
  token.secret.resize(32);
  std::iota(token.secret.begin(), token.secret.end(), uint8_t{0});
  token.expires = std::chrono::sys_seconds{std::chrono::seconds{1'800'000'000}};
  return token;
}

ec error_of(std::string_view text) {
  const auto parsed = parse_join_token(text);
  REQUIRE(!parsed);
  return parsed.error().code;
}

} // namespace

TEST_SUITE_BEGIN("runtime/identity/join_token");

TEST_CASE("the text is the one that Python makes of the same fields") {
  CHECK(to_string(example()) == expected);
  CHECK(*parse_join_token(expected) == example());
}

// Made the same way, with a sponsor of 00, ten times FB EF BE, FF.
TEST_CASE("both characters special to base64url are written and read") {
  auto token = example();
  token.sponsor.bytes.front() = 0;
  for (auto i = size_t{1}; i < 31; i += 3) {
    token.sponsor.bytes[i] = 0xfb;
    token.sponsor.bytes[i + 1] = 0xef;
    token.sponsor.bytes[i + 2] = 0xbe;
  }
  token.sponsor.bytes.back() = 0xff;
  const auto text = std::string{
    "sjt1.EREREREREREREREREREREREREREREREREREREREREREA-------------------------"
    "-"
    "--------------_"
    "wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAAAAGtJ0gB03w7P"};
  CHECK(to_string(token) == text);
  CHECK(*parse_join_token(text) == token);
}

TEST_CASE("blanks around a pasted token do not matter, inside they do") {
  CHECK(parse_join_token("  " + expected + "\r\n"));
  auto broken = expected;
  broken.insert(80, "\n");
  CHECK(error_of(broken) == ec::malformed_input);
}

TEST_CASE("one wrong character is noticed, wherever it stands") {
  for (auto at = size_t{0}; at < expected.size(); ++at) {
    auto changed = expected;
    changed[at] = changed[at] == 'z' ? 'y' : 'z';
    CHECK_MESSAGE(error_of(changed) == ec::malformed_input, at);
  }
}

TEST_CASE("a token that is too short or too long is malformed") {
  for (auto size = size_t{0}; size < expected.size(); ++size)
    CHECK(error_of(expected.substr(0, size)) == ec::malformed_input);
  CHECK(error_of(expected + "A") == ec::malformed_input);
  CHECK(error_of(expected + std::string(100'000, 'A')) == ec::malformed_input);
}

TEST_CASE("characters of other alphabets are malformed") {
  for (const auto c : std::string{"+/= \0\x80\xff", 7}) {
    auto changed = expected;
    changed[20] = c;
    CHECK(error_of(changed) == ec::malformed_input);
  }
}

TEST_CASE("an expiry that no clock reaches is malformed") {
  auto token = example();
  token.expires = std::chrono::sys_seconds{std::chrono::seconds{int64_t{-1}}};
  CHECK(error_of(to_string(token)) == ec::malformed_input);
}

TEST_CASE("an error never repeats the token") {
  auto changed = expected;
  changed[100] = '!';
  const auto text = parse_join_token(changed).error().text;
  CHECK(text.find("AAECAw") == std::string::npos);
  CHECK(text.find(changed.substr(90, 8)) == std::string::npos);
  CHECK(text.find('!') == std::string::npos);
}

TEST_CASE("random bytes after the prefix are never taken for a token") {
  auto rng = seeded_rng{9};
  for (auto round = 0; round < 1000; ++round) {
    auto noise = std::string(144, ' ');
    rng.randomize(reinterpret_cast<uint8_t*>(noise.data()), noise.size());
    CHECK(!parse_join_token("sjt1." + noise));
  }
}

TEST_SUITE_END();
