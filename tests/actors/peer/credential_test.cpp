#include "actors/peer/credential.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace starling;
using namespace starling::peer;

namespace {

using bytes = std::vector<uint8_t>;

ec refusal(const bytes& input) {
  auto decoded = decode_credential(input);
  REQUIRE(!decoded);
  CHECK(!decoded.error().text.empty());
  return decoded.error().code;
}

} // namespace

TEST_SUITE_BEGIN("actors/peer/credential");

TEST_CASE("the bytes are those of the documented layout") {
  CHECK(encode(no_credential{}) == bytes{0});
  CHECK(encode(member_credential{{0xaa, 0xbb}, {0xcc}})
        == bytes{1, 2, 0, 0, 0, 0xaa, 0xbb, 0xcc});
  CHECK(encode(token_credential{"AZ"}) == bytes{2, 'A', 'Z'});
}

TEST_CASE("every kind is read as it was written") {
  for (const auto& x :
       {credential{no_credential{}}, credential{member_credential{}},
        credential{member_credential{bytes(300, 1), bytes(7'000, 2)}},
        credential{token_credential{"sjt1.abc"}},
        credential{token_credential{}}}) {
    auto decoded = decode_credential(encode(x));
    REQUIRE(decoded);
    CHECK(*decoded == x);
  }
}

TEST_CASE("who shows no byte shows nothing") {
  auto decoded = decode_credential({});
  REQUIRE(decoded);
  CHECK(*decoded == credential{no_credential{}});
}

TEST_CASE("bytes behind nothing and unknown kinds are refused") {
  CHECK(refusal({0, 0}) == ec::malformed_input);
  CHECK(refusal({3}) == ec::malformed_input);
  CHECK(refusal({255, 1, 2}) == ec::malformed_input);
}

TEST_CASE("a certificate cut short or with a false length is refused") {
  const auto whole = encode(member_credential{bytes(40, 1), {}});
  for (size_t size = 1; size < whole.size(); ++size)
    CHECK(refusal({whole.begin(), whole.begin() + static_cast<long>(size)})
          == ec::malformed_input);
  // A length of 4 GiB - 1 takes no memory.
  CHECK(refusal({1, 0xff, 0xff, 0xff, 0xff, 1, 2, 3}) == ec::malformed_input);
}

TEST_SUITE_END();
