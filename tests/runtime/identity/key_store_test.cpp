#include "runtime/identity/key_store.hpp"

#include "runtime/file_io.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/scratch_folder.hpp"

#include <botan/base64.h>
#include <botan/hex.h>
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>

using namespace starling;
using namespace starling::identity;

namespace {

/// The cheapest cost, to be quick.
constexpr auto cheap = key_store::options{.log2_cost = 13};

constexpr auto passphrase = "correct horse";

constexpr std::string_view block_begin
  = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

struct fixture {
  seeded_rng rng{1};
  private_key key = private_key::generate(rng);
  test::scratch_folder folder;
  std::filesystem::path file = folder / "identity.pem";

  fixture() {
    REQUIRE(key_store::save(key, file, passphrase, rng, cheap));
  }

  std::string text() const {
    return *read_text_file(file, 100'000);
  }

  void overwrite(std::string_view text) const {
    REQUIRE(write_file_atomically(file, text, 0600));
  }

  ec load_error() const {
    const auto loaded = key_store::load(file, passphrase);
    REQUIRE(!loaded);
    return loaded.error().code;
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/identity/key_store");

TEST_CASE_FIXTURE(fixture, "an identity that was saved signs after loading") {
  const auto loaded = key_store::load(file, passphrase);
  REQUIRE(loaded);
  CHECK(loaded->id() == key.id());
  const auto signature = loaded->sign("test", {}, rng);
  CHECK(key.public_part().verify("test", {}, signature));
}

TEST_CASE_FIXTURE(fixture, "the wrong passphrase is refused, and said so") {
  for (const auto* wrong : {"correct horsf", "correct hors", "Correct horse"}) {
    const auto refused = key_store::load(file, wrong);
    REQUIRE(!refused);
    CHECK(refused.error().code == ec::authentication_failed);
    CHECK(refused.error().text.find("wrong passphrase") != std::string::npos);
    CHECK(refused.error().text.find(file.string()) != std::string::npos);
  }
  CHECK(!key_store::load(file, ""));
}

TEST_CASE_FIXTURE(fixture, "the file is private, and refused if it is not") {
  struct stat info = {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0600);
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  CHECK(load_error() == ec::permission_denied);
  CHECK(key_store::peek_id(file).error().code == ec::permission_denied);
  REQUIRE(::chmod(file.c_str(), 0604) == 0);
  CHECK(load_error() == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "the id is known without the passphrase") {
  CHECK(*key_store::peek_id(file) == key.id());
}

// Object identifiers in DER: PBES2 1.2.840.113549.1.5.13 (RFC 8018), scrypt
// 1.3.6.1.4.1.11591.4.11 (RFC 7914 section 7), AES-256/GCM
// 2.16.840.1.101.3.4.1.46 (RFC 5084), then N = 2^13 as an integer.
TEST_CASE_FIXTURE(fixture,
                  "both keys are encrypted PKCS#8, by scrypt and GCM") {
  auto content = text();
  CHECK(content.find("BEGIN PRIVATE KEY") == std::string::npos);
  auto blocks = 0;
  for (auto at = content.find(block_begin); at != std::string::npos;
       at = content.find(block_begin, at + 1)) {
    ++blocks;
    const auto from = at + block_begin.size();
    const auto base64
      = content.substr(from, content.find("-----", from) - from);
    const auto hex = Botan::hex_encode(Botan::base64_decode(base64), false);
    CHECK(hex.find("06092a864886f70d01050d") != std::string::npos);
    CHECK(hex.find("06092b06010401da47040b") != std::string::npos);
    CHECK(hex.find("060960864801650304012e") != std::string::npos);
    CHECK(hex.find("02022000") != std::string::npos);
  }
  CHECK(blocks == 2);
}

TEST_CASE_FIXTURE(fixture, "saving twice gives different bytes") {
  const auto first = text();
  REQUIRE(key_store::save(key, file, passphrase, rng, cheap));
  CHECK(text() != first);
}

TEST_CASE_FIXTURE(fixture, "a changed character is noticed") {
  const auto intact = text();
  const auto second = intact.rfind("-----BEGIN");
  for (const auto position :
       {size_t{0}, size_t{30}, size_t{200}, second + 3, second + 60,
        second + 150, intact.size() - 40, intact.size() - 3}) {
    auto changed = intact;
    changed[position] = changed[position] == 'A' ? 'B' : 'A';
    overwrite(changed);
    CHECK_MESSAGE(!key_store::load(file, passphrase), position);
  }
}

TEST_CASE_FIXTURE(fixture, "keys of two identities do not make a third") {
  const auto first = text();
  const auto other = private_key::generate(rng);
  REQUIRE(key_store::save(other, file, passphrase, rng, cheap));
  const auto second = text();
  overwrite(first.substr(0, first.rfind("-----BEGIN"))
            + second.substr(second.rfind("-----BEGIN")));
  CHECK(load_error() == ec::authentication_failed);
}

TEST_CASE_FIXTURE(fixture, "what is not a key file is malformed") {
  const auto intact = text();
  const auto second = intact.rfind("-----BEGIN");
  for (const auto& content :
       {std::string{}, std::string{"starling-identity 1 "},
        std::string{"starling-identity 2 "} + intact.substr(20),
        intact.substr(0, 84), intact.substr(0, second), intact + "x",
        intact + intact.substr(second), intact.substr(85)}) {
    overwrite(content);
    CHECK(load_error() == ec::malformed_input);
  }
}

TEST_CASE_FIXTURE(fixture, "a file without end is not read") {
  overwrite(text() + std::string(20'000, 'x'));
  CHECK(load_error() == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture, "an absent file is a file error") {
  std::filesystem::remove(file);
  CHECK(load_error() == ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "a useless passphrase or cost is refused") {
  const auto code_of = [&](std::string_view pass, unsigned cost) {
    const auto saved
      = key_store::save(key, file, pass, rng, {.log2_cost = cost});
    REQUIRE(!saved);
    return saved.error().code;
  };
  CHECK(code_of("", 13) == ec::invalid_option);
  CHECK(code_of(std::string(1025, 'x'), 13) == ec::invalid_option);
  CHECK(code_of(passphrase, 12) == ec::invalid_option);
  CHECK(code_of(passphrase, 17) == ec::invalid_option);
  CHECK(key_store::load(file, passphrase));
}

TEST_SUITE_END();
