#include "runtime/identity/revocation_list.hpp"

#include "runtime/file_io.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

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

struct fixture {
  seeded_rng rng{1};
  private_key cluster = private_key::generate(rng);
  public_key cluster_public = cluster.public_part();
  revocation_list list;

  revocation record_of(uint8_t number) {
    return *revoke(cluster, id_of(number), now, "gone", rng);
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/identity/revocation_list");

TEST_CASE_FIXTURE(fixture, "a record is news once") {
  const auto record = record_of(1);
  CHECK(!list.contains(id_of(1)));
  CHECK(*list.add(record, cluster_public) == true);
  CHECK(*list.add(record, cluster_public) == false);
  CHECK(list.contains(id_of(1)));
  CHECK(!list.contains(id_of(2)));
  REQUIRE(list.all().size() == 1);
  CHECK(list.all()[0] == record);
}

TEST_CASE_FIXTURE(fixture, "a record that the cluster did not sign stays out") {
  auto forged = record_of(1);
  forged.subject = id_of(2);
  const auto added = list.add(forged, cluster_public);
  REQUIRE(!added);
  CHECK(added.error().code == ec::authentication_failed);
  CHECK(!list.contains(id_of(2)));
  CHECK(list.all().empty());
}

TEST_CASE_FIXTURE(fixture, "a full list refuses news, not echoes") {
  list = revocation_list{{.records_max = 1}};
  CHECK(list.add(record_of(1), cluster_public));
  CHECK(list.add(record_of(2), cluster_public).error().code
        == ec::limit_reached);
  CHECK(*list.add(record_of(1), cluster_public) == false);
}

TEST_CASE_FIXTURE(fixture, "a list survives its bytes") {
  for (const auto number : {3, 1, 2})
    CHECK(list.add(record_of(static_cast<uint8_t>(number)), cluster_public));
  const auto copy = revocation_list::decode(list.encode(), cluster_public, {});
  REQUIRE(copy);
  CHECK(copy->all() == list.all());
  CHECK(copy->contains(id_of(2)));
  const auto empty
    = revocation_list::decode(revocation_list{}.encode(), cluster_public, {});
  REQUIRE(empty);
  CHECK(empty->all().empty());
}

TEST_CASE_FIXTURE(fixture, "bytes that were tampered with put nobody out") {
  CHECK(list.add(record_of(1), cluster_public));
  const auto bytes = list.encode();
  for (auto at = size_t{0}; at < 200; ++at) {
    auto changed = bytes;
    changed[at] ^= 0x55;
    const auto got = revocation_list::decode(changed, cluster_public, {});
    if (got)
      for (const auto& record : got->all())
        CHECK(record == list.all()[0]);
  }
  auto longer = bytes;
  longer.push_back(0);
  CHECK(!revocation_list::decode(longer, cluster_public, {}));
}

TEST_CASE_FIXTURE(fixture, "bytes with more records than allowed are refused") {
  CHECK(list.add(record_of(1), cluster_public));
  CHECK(list.add(record_of(2), cluster_public));
  const auto bytes = list.encode();
  CHECK(revocation_list::decode(bytes, cluster_public, {.records_max = 2}));
  const auto refused
    = revocation_list::decode(bytes, cluster_public, {.records_max = 1});
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture,
                  "a list on disk comes back for its own cluster only") {
  const auto folder = test::scratch_folder{};
  const auto file = folder / "revoked";
  CHECK(list.add(record_of(1), cluster_public));
  REQUIRE(list.save(file));
  CHECK(revocation_list::load(file, cluster_public, {})->contains(id_of(1)));
  const auto other = private_key::generate(rng);
  CHECK(revocation_list::load(file, other.public_part(), {}).error().code
        == ec::authentication_failed);
  CHECK(revocation_list::load(folder / "none", cluster_public, {}).error().code
        == ec::file_error);
}

TEST_SUITE_END();
