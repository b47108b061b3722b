#include "actors/peer/frame_compressor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::peer;

namespace {

using bytes = std::vector<uint8_t>;

bytes noise(size_t size, uint32_t seed = 1) {
  auto generator = std::mt19937{seed};
  auto result = bytes(size);
  std::generate(result.begin(), result.end(),
                [&] { return static_cast<uint8_t>(generator() >> 24); });
  return result;
}

bytes text(size_t size) {
  auto result = bytes{};
  for (auto i = 0; result.size() < size; ++i)
    for (char c : "node " + std::to_string(i) + " reports 0.125; ")
      result.push_back(static_cast<uint8_t>(c));
  result.resize(size);
  return result;
}

bytes copy(std::span<const uint8_t> x) {
  return {x.begin(), x.end()};
}

struct fixture {
  frame_compressor compressor;
  frame_expander expander{1'000'000};

  failure refused(const bytes& input) {
    auto found = expander.expand(input);
    REQUIRE_FALSE(found);
    return found.error();
  }
};

} // namespace

TEST_SUITE_BEGIN("peer/frame_compressor");

TEST_CASE_FIXTURE(fixture, "what shrinks comes back as it was") {
  for (size_t size : {256U, 1'000U, 16'376U, 900'000U}) {
    const auto before = text(size);
    const auto small = compressor.compress(before);
    REQUIRE(small);
    CHECK(small->size() < size * 2 / 3);
    auto after = expander.expand(copy(*small));
    REQUIRE(after);
    CHECK(copy(*after) == before);
  }
}

// "abc" and LZ4's rule that a block ends in literals: one token of three.
TEST_CASE_FIXTURE(fixture, "the layout is that of the LZ4 block format") {
  auto found = expander.expand(bytes{3, 0, 0, 0, 0x30, 'a', 'b', 'c'});
  REQUIRE(found);
  CHECK(copy(*found) == bytes{'a', 'b', 'c'});
}

TEST_CASE_FIXTURE(fixture, "small payloads are left alone") {
  CHECK_FALSE(compressor.compress(bytes(255, 'x')));
  CHECK(compressor.compress(bytes(256, 'x')));
}

TEST_CASE_FIXTURE(fixture, "each payload stands alone") {
  // A second one that is the same shrinks no further.
  const auto secret = noise(200);
  auto message = text(1'000);
  message.insert(message.end(), secret.begin(), secret.end());
  const auto first = compressor.compress(message)->size();
  CHECK(compressor.compress(message)->size() == first);
  CHECK(frame_compressor{}.compress(message)->size() == first);
}

TEST_CASE_FIXTURE(fixture, "what does not shrink is tried ever less often") {
  auto tried = 0;
  for (auto i = 0; i < 10'000; ++i) {
    // Only a payload that is tried could shrink, so ask with one that would.
    auto probe = compressor;
    if (probe.compress(text(1'000)))
      ++tried;
    CHECK_FALSE(compressor.compress(noise(1'000, static_cast<uint32_t>(i))));
  }
  CHECK(tried > 8);
  CHECK(tried < 25);
}

TEST_CASE_FIXTURE(fixture, "what shrinks again is found after a pause") {
  for (auto i = 0; i < 5'000; ++i)
    CHECK_FALSE(compressor.compress(noise(1'000)));
  auto passed = 0;
  while (!compressor.compress(text(1'000)))
    REQUIRE(++passed <= 1'024);
  CHECK(compressor.compress(text(1'000)));
}

TEST_CASE_FIXTURE(fixture, "a bomb takes no memory") {
  // 4 GiB in eight bytes; 900 kB in eight bytes, within the limit.
  CHECK(refused({0xff, 0xff, 0xff, 0xff, 0x1f, 0, 1, 0}).code
        == ec::limit_reached);
  CHECK(refused({0xa0, 0xbb, 0x0d, 0x00, 0x1f, 0, 1, 0}).code
        == ec::malformed_input);
  // An honest one that is too large once restored.
  auto narrow = frame_expander{999};
  const auto small = copy(*compressor.compress(bytes(1'000, 'x')));
  auto found = narrow.expand(small);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ec::limit_reached);
  CHECK(found.error().text.find("1000") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "what was cut or changed is refused or differs") {
  const auto before = text(4'000);
  const auto small = copy(*compressor.compress(before));
  for (size_t size = 0; size < small.size(); ++size)
    CHECK(refused(
            bytes(small.begin(), small.begin() + static_cast<ptrdiff_t>(size)))
            .code
          == ec::malformed_input);
  auto longer = small;
  longer.push_back(0);
  CHECK(refused(longer).code == ec::malformed_input);
  for (auto wrong : {1, 255}) {
    auto changed = small;
    changed[0] = static_cast<uint8_t>(changed[0] + wrong);
    CHECK(refused(changed).code == ec::malformed_input);
  }
}

TEST_CASE_FIXTURE(fixture, "noise does no harm") {
  for (uint32_t seed = 0; seed < 5'000; ++seed) {
    auto input = noise(seed % 300, seed);
    if (input.size() > 3)
      input[2] = input[3] = 0;
    if (auto found = expander.expand(input))
      CHECK(found->size() <= 1'000'000);
  }
}

TEST_SUITE_END();
