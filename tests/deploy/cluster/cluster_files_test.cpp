#include "deploy/cluster/cluster_files.hpp"

#include "deploy/node/node_state.hpp"
#include "runtime/identity/certificate.hpp"
#include "tests/support/scratch_folder.hpp"

#include <botan/auto_rng.h>
#include <doctest/doctest.h>
#include <sys/stat.h>

using namespace starling;
using namespace starling::cluster;

namespace fs = std::filesystem;

namespace {

config::cluster_options lab(const fs::path& folder) {
  auto opts = config::parse_cluster_options("[cluster]\n"
                                            "name = \"lab\"\n"
                                            "nodes = 3\n"
                                            "directory = \""
                                              + folder.string() + "\"\n",
                                            "lab.toml");
  REQUIRE(opts);
  for (auto& node : opts->nodes)
    config::resolve_paths(node.options, folder);
  return *opts;
}

mode_t mode_of(const fs::path& path) {
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

} // namespace

TEST_SUITE_BEGIN("deploy/cluster/cluster_files");

TEST_CASE("a cluster's folder is made once and completed later") {
  auto folder = test::scratch_folder{};
  auto rng = Botan::AutoSeeded_RNG{};
  const auto now = std::chrono::system_clock::now();
  auto first = write_cluster_files(lab(folder / "lab"), now, rng);
  REQUIRE(first);
  REQUIRE(first->nodes.size() == 3);
  const auto paths = cluster_paths{folder / "lab"};
  CHECK(mode_of(paths.folder) == 0700);
  CHECK(mode_of(paths.key) == 0600);
  CHECK(mode_of(paths.passphrase) == 0600);

  auto cluster = load_cluster_key(paths, false, rng);
  REQUIRE(cluster);
  auto sponsors = 0;
  for (size_t i = 0; i < 3; ++i) {
    auto opts = config::load_node_options(first->nodes[i].file);
    REQUIRE(opts);
    CHECK(mode_of(first->nodes[i].file) == 0600);
    // Each knows two others and who has to answer there.
    REQUIRE(opts->node.bootstrap.size() == 2);
    for (const auto& peer : opts->node.bootstrap)
      CHECK((peer.peer && *peer.peer != first->nodes[i].id));
    REQUIRE(opts->node.listen.size() == 1);
    CHECK(opts->node.listen[0].host == "127.0.0.1");
    CHECK(*opts->node.listen[0].port != 0);
    auto state = deploy::load_node_state(*opts, rng);
    REQUIRE(state);
    CHECK(state->key->id() == first->nodes[i].id);
    auto checked
      = identity::check(*state->own, cluster->public_part(), state->key->id(),
                        now, [](const peer_id&) { return false; });
    REQUIRE(checked);
    CHECK(checked->name == first->nodes[i].name);
    sponsors += checked->may_sponsor ? 1 : 0;
  }
  CHECK(sponsors == 1);

  auto second = write_cluster_files(lab(folder / "lab"), now, rng);
  REQUIRE(second);
  CHECK(*second == *first);
}

TEST_CASE("a certificate that runs out is renewed") {
  auto folder = test::scratch_folder{};
  auto rng = Botan::AutoSeeded_RNG{};
  const auto now = std::chrono::system_clock::now();
  auto made = write_cluster_files(lab(folder / "lab"), now, rng);
  REQUIRE(made);
  auto opts = config::load_node_options(made->nodes[0].file);
  REQUIRE(opts);
  auto expiry
    = [&] { return deploy::load_node_state(*opts, rng)->own->body.not_after; };
  const auto before = expiry();
  const auto late = now + certificate_lifetime - certificate_renewal;
  REQUIRE(write_cluster_files(lab(folder / "lab"), late - std::chrono::hours{1},
                              rng));
  CHECK(expiry() == before);
  REQUIRE(write_cluster_files(lab(folder / "lab"), late + std::chrono::hours{1},
                              rng));
  CHECK(expiry() > before);
}

TEST_CASE("a cluster key is not made where one is expected") {
  auto folder = test::scratch_folder{};
  auto rng = Botan::AutoSeeded_RNG{};
  auto key = load_cluster_key(cluster_paths{folder.path()}, false, rng);
  REQUIRE_FALSE(key);
  CHECK(key.error().code == ec::file_error);
}

TEST_SUITE_END();
