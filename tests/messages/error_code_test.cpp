#include "messages/error_code.hpp"

#include "messages/error.hpp"

#include <caf/error.hpp>
#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace starling;

namespace {

constexpr auto codes_count = static_cast<uint8_t>(ec_last);

} // namespace

TEST_SUITE_BEGIN("messages/error_code");

TEST_CASE("numbers that were sent once never move") {
  // Written down when the first nodes spoke to each other.
  CHECK(static_cast<int>(ec::unknown_peer) == 1);
  CHECK(static_cast<int>(ec::limit_reached) == 2);
  CHECK(static_cast<int>(ec::authentication_failed) == 8);
  CHECK(static_cast<int>(ec::revoked) == 9);
  CHECK(static_cast<int>(ec::token_refused) == 10);
  CHECK(static_cast<int>(ec::permission_denied) == 13);
  CHECK(static_cast<int>(ec::quarantined) == 20);
  CHECK(static_cast<int>(ec::wrong_state) == 21);
}

TEST_CASE("every code has a name of its own") {
  auto names = std::set<std::string_view>{};
  for (uint8_t value = 1; value <= codes_count; ++value)
    names.insert(name_of(static_cast<ec>(value)));
  CHECK(names.size() == codes_count);
  CHECK(!names.contains(name_of(static_cast<ec>(codes_count + 1))));
  CHECK(name_of(ec::token_refused) == "token_refused");
}

TEST_CASE("a number from outside becomes a code only if there is one") {
  auto code = ec::revoked;
  CHECK(!from_integer(0, code));
  CHECK(!from_integer(codes_count + 1, code));
  CHECK(!from_integer(255, code));
  CHECK(code == ec::revoked);
  CHECK(from_integer(1, code));
  CHECK(code == ec::unknown_peer);
}

TEST_CASE("names are read back, others are not") {
  for (uint8_t value = 1; value <= codes_count; ++value) {
    auto code = ec::wrong_state;
    CHECK(from_string(to_string(static_cast<ec>(value)), code));
    CHECK(static_cast<uint8_t>(code) == value);
  }
  auto code = ec::wrong_state;
  CHECK(!from_string("starling::ec(?)", code));
  CHECK(!from_string("", code));
  CHECK(!from_string("Revoked", code));
}

TEST_CASE("an error of an actor says its code and text") {
  const auto reason = caf::make_error(ec::revoked, "node 0a");
  CHECK(reason == ec::revoked);
  CHECK(reason != ec::quarantined);
  CHECK(to_string(reason) == "revoked(\"node 0a\")");
}

TEST_SUITE_END();
