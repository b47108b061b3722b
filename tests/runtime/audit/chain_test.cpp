#include "runtime/audit/chain.hpp"

#include "tests/runtime/audit/toy_notary.hpp"

#include <doctest/doctest.h>

using namespace starling::audit;
using starling::ec;

namespace {

event change(uint64_t time) {
  return {{time}, "zone.changed", "4fe2", {}};
}

} // namespace

TEST_SUITE_BEGIN("audit/chain");

// The lines were made with Python's json and hashlib, see record_test.cpp.
TEST_CASE("each entry carries the number and the hash of the one before") {
  auto links = chain{};
  const auto one = links.append({{4'096'000},
                                 "token.refused",
                                 "4fe2",
                                 {{"why", "expired"}, {"who", "Zoë \"z\"\n"}}});
  REQUIRE(one);
  const auto two = links.append(change(4'096'001));
  REQUIRE(two);
  CHECK(
    *two
    == R"({"detail":{},"hash":)"
       R"("c693ef886fa4f2d16b9a771f24170735cedff04f825f39aba501283926c98778",)"
       R"("kind":"zone.changed","prev":)"
       R"("f9cb2b37f7795050b97aa37ba3d12fd4c4c30ed7e89c6f96bbf4b50fcc009592",)"
       R"("seq":2,"subject":"4fe2","time":4096001})");
  CHECK(links.last().seq == 2);
  CHECK(to_text(links.last().hash)
        == "c693ef886fa4f2d16b9a771f24170735cedff04f825f39aba501283926c98778");
}

TEST_CASE("a chain goes on where another ended") {
  auto all = chain{};
  REQUIRE(all.append(change(1)));
  auto rest = chain{all.last()};
  CHECK(*all.append(change(2)) == *rest.append(change(2)));
}

TEST_CASE("kinds are short words, and those of the log are its own") {
  auto links = chain{};
  for (auto kind : {"", "Zone", "a b", "audit.anchor", "audit.x", "a\n"}) {
    const auto refused = links.append({{}, kind, "", {}});
    REQUIRE_MESSAGE(!refused, kind);
    CHECK(refused.error().code == ec::malformed_input);
  }
  CHECK(!links.append({{}, std::string(65, 'a'), "", {}}));
  CHECK(links.last() == position{});
  CHECK(links.append({{}, "auditor.x-1_y", "", {}}));
}

TEST_CASE("an anchor holds for its own place in its own chain only") {
  const auto owner = toy_notary('o');
  auto links = chain{};
  REQUIRE(links.append(change(1)));
  const auto line = links.anchor({2}, owner);
  const auto anchor = *parse_record(line);
  CHECK(anchor.seq == 2);
  CHECK(anchor.hash == hash_of(anchor));
  CHECK(verify_anchor(anchor, owner));
  CHECK(!verify_anchor(anchor, toy_notary('x')));
  auto moved = anchor;
  moved.seq = 3;
  CHECK(!verify_anchor(moved, owner));
  moved = anchor;
  moved.prev[0] ^= 1;
  CHECK(!verify_anchor(moved, owner));
  moved = anchor;
  moved.what.time.bits = 3;
  CHECK(!verify_anchor(moved, owner));
  moved = anchor;
  moved.what.detail["signature"] = "no base64!";
  CHECK(!verify_anchor(moved, owner));
  moved.what.detail.clear();
  CHECK(!verify_anchor(moved, owner));
}

TEST_SUITE_END();
