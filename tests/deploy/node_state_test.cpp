#include "deploy/node/node_state.hpp"

#include "runtime/identity/revocation.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>

using namespace starling;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

struct fixture {
  test::scratch_folder folder;
  identity::seeded_rng rng{1};
  config::node_options opts = [this] {
    auto result = config::node_options{};
    result.node.state_dir = (folder / "state").string();
    return result;
  }();
  deploy::node_paths paths{opts};

  deploy::node_state load() {
    auto state = deploy::load_node_state(opts, rng);
    REQUIRE_MESSAGE(state, state.error().text);
    return std::move(*state);
  }

  failure refusal() {
    auto state = deploy::load_node_state(opts, rng);
    REQUIRE(!state);
    return state.error();
  }

  static std::string read(const fs::path& path) {
    auto in = std::ifstream{path};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  static void write(const fs::path& path, const std::string& text) {
    std::ofstream{path} << text;
  }

  static mode_t mode_of(const fs::path& path) {
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 0777;
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/node_state");

TEST_CASE_FIXTURE(fixture, "a new node makes itself an identity and keeps it") {
  const auto first = load();
  const auto second = load();
  CHECK(first.key->id() == second.key->id());
  CHECK(!second.cluster);
  CHECK(!second.own);
  CHECK(second.tokens.size() == 0);
  CHECK(second.revocations.all().empty());
}

TEST_CASE_FIXTURE(fixture, "nobody else can read what is secret") {
  load();
  CHECK(mode_of(paths.folder) == 0700);
  CHECK(mode_of(paths.key) == 0600);
  CHECK(mode_of(paths.passphrase) == 0600);
  // The key rests encrypted.
  CHECK(read(paths.key).find("ENCRYPTED") != std::string::npos);
  // 32 random bytes in hexadecimal digits, and the line's end.
  CHECK(read(paths.passphrase).size() == 65);
}

TEST_CASE_FIXTURE(fixture, "a passphrase that others can read is refused") {
  load();
  fs::permissions(paths.passphrase, fs::perms{0644});
  const auto why = refusal();
  CHECK(why.code == ec::permission_denied);
  CHECK(why.text.find(paths.passphrase.string()) != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a wrong passphrase does not make a new identity") {
  const auto before = load().key->id();
  const auto right = read(paths.passphrase);
  write(paths.passphrase, "wrong\n");
  const auto why = refusal();
  CHECK(why.text.find(paths.key.string()) != std::string::npos);
  write(paths.passphrase, right);
  CHECK(load().key->id() == before);
}

TEST_CASE_FIXTURE(fixture, "the end of the line is no part of a passphrase") {
  fs::create_directories(paths.folder);
  for (const auto* text : {"secret", "secret\n", "secret\r\n"}) {
    write(paths.passphrase, text);
    fs::permissions(paths.passphrase, fs::perms{0600});
    auto found = deploy::load_passphrase(paths.passphrase, rng);
    REQUIRE(found);
    CHECK(*found == "secret");
  }
}

TEST_CASE_FIXTURE(fixture, "a membership that was saved is there again") {
  const auto cluster = identity::private_key::generate(rng);
  auto body = identity::certificate_body{};
  body.subject = load().key->id();
  body.not_before = std::chrono::sys_seconds{1'800'000'000s};
  body.not_after = body.not_before + 1h;
  body.name = "n1";
  const auto own = *identity::issue(cluster, body, rng);
  REQUIRE(deploy::save_membership(paths, cluster.public_part(), own));
  const auto state = load();
  REQUIRE(state.cluster);
  CHECK(*state.cluster == cluster.public_part());
  REQUIRE(state.own);
  CHECK(state.own->body == own.body);
  CHECK(state.own->signature == own.signature);
}

TEST_CASE_FIXTURE(fixture, "tokens and revocations outlive a restart") {
  const auto cluster = identity::private_key::generate(rng);
  auto state = load();
  const auto now = std::chrono::sys_seconds{1'800'000'000s};
  auto body = identity::certificate_body{};
  body.subject = state.key->id();
  body.not_before = now;
  body.not_after = now + 1h;
  REQUIRE(deploy::save_membership(paths, cluster.public_part(),
                                  *identity::issue(cluster, body, rng)));
  REQUIRE(state.tokens.issue(state.key->id(), cluster.id(), now, 1h, rng));
  REQUIRE(state.tokens.save(paths.tokens));
  auto stranger = peer_id{};
  stranger.bytes.fill(7);
  auto record = identity::revoke(cluster, stranger, now, "lost", rng);
  REQUIRE(record);
  REQUIRE(state.revocations.add(*record, cluster.public_part()));
  REQUIRE(state.revocations.save(paths.revocations));
  const auto again = load();
  CHECK(again.tokens.open_count(now) == 1);
  CHECK(again.revocations.contains(stranger));
}

TEST_CASE_FIXTURE(fixture, "a damaged file is an error that names it") {
  load();
  for (const auto& path : {paths.cluster, paths.certificate, paths.key}) {
    const auto before
      = fs::exists(path) ? std::optional{read(path)} : std::nullopt;
    write(path, "nonsense");
    fs::permissions(path, fs::perms{0600});
    CHECK_MESSAGE(refusal().text.find(path.filename().string())
                    != std::string::npos,
                  path.string());
    if (before)
      write(path, *before);
    else
      fs::remove(path);
  }
  CHECK(load().key);
}

TEST_CASE_FIXTURE(fixture, "a folder that can't be made is an error") {
  write(folder / "file", "x");
  opts.node.state_dir = (folder / "file" / "below").string();
  const auto why = refusal();
  CHECK(why.code == ec::file_error);
  CHECK(why.text.find("state_dir") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "files may lie elsewhere") {
  opts.security.key_file = (folder / "my.pem").string();
  opts.security.passphrase_file = (folder / "my.secret").string();
  load();
  CHECK(fs::exists(folder / "my.pem"));
  CHECK(fs::exists(folder / "my.secret"));
  CHECK(!fs::exists(paths.key));
}

TEST_SUITE_END();
