#include "runtime/identity/token_book.hpp"

#include "runtime/file_io.hpp"
#include "runtime/identity/join_token.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace starling;
using namespace starling::identity;
using namespace std::chrono_literals;

namespace {

const std::chrono::system_clock::time_point now
  = std::chrono::sys_seconds{1'800'000'000s};

peer_id id_of(uint8_t number) {
  auto id = peer_id{};
  id.bytes.fill(number);
  return id;
}

const auto sponsor = id_of(0x22);
const auto cluster = id_of(0x11);
const auto joiner = id_of(0x33);

struct fixture {
  seeded_rng rng{7};
  token_book book;

  join_token issue(std::chrono::seconds lifetime = 1h) {
    const auto text = book.issue(sponsor, cluster, now, lifetime, rng);
    REQUIRE(text);
    return *parse_join_token(*text);
  }
};

bool refused_as(const result<void>& outcome, std::string_view why) {
  REQUIRE(!outcome);
  return outcome.error().code == ec::token_refused
         && outcome.error().text.find(why) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("runtime/identity/token_book");

TEST_CASE_FIXTURE(fixture, "a token names cluster, sponsor and its end") {
  const auto token = issue(90min);
  CHECK(token.cluster == cluster);
  CHECK(token.sponsor == sponsor);
  CHECK(token.expires == now + 90min);
  CHECK(token.secret != issue().secret);
}

TEST_CASE_FIXTURE(fixture, "a token is good for one node, once") {
  const auto token = issue();
  CHECK(book.open_count(now) == 1);
  CHECK(book.redeem(token.secret, joiner, now));
  CHECK(book.open_count(now) == 0);
  CHECK(refused_as(book.redeem(token.secret, joiner, now), "used"));
  CHECK(refused_as(book.redeem(token.secret, id_of(0x44), now), "used"));
}

TEST_CASE_FIXTURE(fixture, "using one token leaves the others open") {
  const auto first = issue();
  const auto second = issue();
  const auto third = issue();
  CHECK(book.redeem(second.secret, joiner, now));
  CHECK(book.redeem(first.secret, id_of(0x44), now));
  CHECK(book.redeem(third.secret, id_of(0x55), now));
}

TEST_CASE_FIXTURE(fixture, "a token is good until before its end") {
  const auto first = issue(1h);
  const auto second = issue(1h);
  CHECK(book.redeem(first.secret, joiner, now + 1h - 1ns));
  CHECK(refused_as(book.redeem(second.secret, joiner, now + 1h), "expired"));
}

TEST_CASE_FIXTURE(fixture, "an unknown secret is refused, of any length") {
  auto secret = issue().secret;
  secret[31] ^= 1;
  CHECK(refused_as(book.redeem(secret, joiner, now), "unknown"));
  CHECK(refused_as(book.redeem({}, joiner, now), "unknown"));
  secret.resize(1000);
  CHECK(refused_as(book.redeem(secret, joiner, now), "unknown"));
}

TEST_CASE_FIXTURE(fixture, "expired tokens are forgotten a day later") {
  const auto token = issue(1h);
  CHECK(book.purge(now + 1h + 24h - 1s) == 0);
  CHECK(book.purge(now + 1h + 24h) == 1);
  CHECK(book.size() == 0);
  CHECK(refused_as(book.redeem(token.secret, joiner, now + 26h), "unknown"));
}

TEST_CASE_FIXTURE(fixture,
                  "a full book issues again when tokens are forgotten") {
  book = token_book{{.tokens_max = 2, .kept_after_expiry = 0s}};
  issue(1h);
  issue(2h);
  const auto refused = book.issue(sponsor, cluster, now, 1h, rng);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::limit_reached);
  CHECK(book.issue(sponsor, cluster, now + 1h, 1h, rng));
  CHECK(book.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a token lives at least 1 s, at most lifetime_max") {
  const auto code_of = [&](std::chrono::seconds lifetime) {
    return book.issue(sponsor, cluster, now, lifetime, rng).error().code;
  };
  CHECK(code_of(0s) == ec::invalid_option);
  CHECK(code_of(-5s) == ec::invalid_option);
  CHECK(code_of(30 * 24h + 1s) == ec::invalid_option);
  CHECK(book.issue(sponsor, cluster, now, 30 * 24h, rng));
  CHECK(book.issue(sponsor, cluster, now, 1s, rng));
}

// The secret is the first 32 bytes that `openssl enc -chacha20` gives for this
// generator's seed; the hash is Python's hashlib.sha256 of it.
TEST_CASE_FIXTURE(fixture, "the book's text holds only the hash of a secret") {
  const auto token = issue(1h);
  const auto hash = std::string{
    "03f6d06e118eab48c94bab234aeafc10042abe45815bec2c0afa291d99388290"};
  CHECK(book.encode()
        == "starling-token-book 1\n" + hash + " 1800003600 open\n");
  CHECK(book.redeem(token.secret, joiner, now));
  CHECK(book.encode()
        == "starling-token-book 1\n" + hash + " 1800003600 " + to_string(joiner)
             + "\n");
}

TEST_CASE_FIXTURE(fixture, "a book survives its text, used tokens stay used") {
  const auto open = issue();
  const auto used = issue();
  CHECK(book.redeem(used.secret, joiner, now));
  auto copy = token_book::decode(book.encode(), {});
  REQUIRE(copy);
  CHECK(copy->encode() == book.encode());
  CHECK(refused_as(copy->redeem(used.secret, joiner, now), "used"));
  CHECK(copy->redeem(open.secret, joiner, now));
  CHECK(token_book::decode("starling-token-book 1\n", {})->size() == 0);
}

TEST_CASE_FIXTURE(fixture, "a damaged text is malformed and names the line") {
  issue();
  issue();
  const auto text = book.encode();
  const auto second = text.find('\n') + 1;
  const auto error_of = [](const std::string& damaged) {
    const auto decoded = token_book::decode(damaged, {});
    REQUIRE(!decoded);
    CHECK(decoded.error().code == ec::malformed_input);
    return decoded.error().text;
  };
  CHECK(error_of("").find("line 1") != std::string::npos);
  CHECK(error_of("starling-token-book 2\n").find("line 1")
        != std::string::npos);
  CHECK(error_of(text + "x").find("line 4") != std::string::npos);
  CHECK(error_of(text + "\n").find("line 4") != std::string::npos);
  for (const auto at : {size_t{0}, size_t{63}, size_t{64}, size_t{65},
                        size_t{75}, size_t{77}}) {
    auto damaged = text;
    damaged[second + at] = 'x';
    CHECK_MESSAGE(error_of(damaged).find("line 2") != std::string::npos, at);
  }
  for (auto size = second + 1; size < text.size() - 1; ++size)
    if (size != text.rfind('\n', text.size() - 2) + 1
        && size != text.rfind('\n', text.size() - 2))
      error_of(text.substr(0, size));
}

TEST_CASE_FIXTURE(fixture, "a text with more tokens than allowed is refused") {
  issue();
  issue();
  CHECK(token_book::decode(book.encode(), {.tokens_max = 2}));
  const auto refused = token_book::decode(book.encode(), {.tokens_max = 1});
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture, "a book on disk is private and comes back") {
  const auto folder = test::scratch_folder{};
  const auto file = folder / "tokens";
  const auto token = issue();
  REQUIRE(book.save(file));
  auto loaded = token_book::load(file, {});
  REQUIRE(loaded);
  CHECK(loaded->redeem(token.secret, joiner, now));
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  CHECK(token_book::load(file, {}).error().code == ec::permission_denied);
  CHECK(token_book::load(folder / "none", {}).error().code == ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "a full book fits what load reads") {
  const auto folder = test::scratch_folder{};
  book = token_book{{.tokens_max = 3}};
  for (auto i = 0; i < 3; ++i)
    CHECK(book.redeem(issue().secret, joiner, now));
  REQUIRE(book.save(folder / "tokens"));
  CHECK(token_book::load(folder / "tokens", {.tokens_max = 3}));
}

TEST_SUITE_END();
