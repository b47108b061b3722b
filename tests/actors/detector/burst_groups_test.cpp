#include "actors/detector/burst_groups.hpp"

#include <doctest/doctest.h>

#include <vector>

using starling::detector::burst_groups;

namespace {

using row = std::vector<float>;

/// A row along one of 40 directions, with a bit of another one.
row along(size_t direction, size_t beside = 39) {
  auto result = row(40);
  result[direction] = 10.0F;
  result[beside] += 2.0F;
  return result;
}

struct burst {
  row values;
  bool is_wild = false;
};

/// Knows bursts in a sample of 1,000 rows.
burst_groups judged(const std::vector<burst>& bursts) {
  auto result = burst_groups{{.features = 40}};
  for (const auto& each : bursts)
    result.show(each.values);
  for (const auto& each : bursts)
    result.count(each.values, each.is_wild);
  result.judge(1000);
  return result;
}

void add(std::vector<burst>& target, size_t count, const row& values,
         bool is_wild = false) {
  target.insert(target.end(), count, {values, is_wild});
}

} // namespace

TEST_SUITE_BEGIN("actors/detector/burst_groups");

TEST_CASE("bursts are believed while they are few") {
  auto bursts = std::vector<burst>{};
  add(bursts, 50, along(1));
  add(bursts, 10, along(2));
  for (size_t i = 0; i < 15; ++i)
    add(bursts, 1, along(10 + i));
  const auto groups = judged(bursts);
  CHECK(groups.trust(along(1)) == 1.0);
  CHECK(groups.trust(along(2)) == 1.0);
  // Like none of them.
  CHECK(groups.trust(along(35)) == 1.0);
}

// 180 of 1,000 where 80 are usual: (180 / 80)^-4.
TEST_CASE("a group that is too large is not believed, habits beside it are") {
  auto bursts = std::vector<burst>{};
  add(bursts, 130, along(1));
  add(bursts, 50, along(2));
  const auto groups = judged(bursts);
  CHECK(groups.trust(along(1, 5)) < 0.15);
  CHECK(groups.trust(along(2, 5)) == 1.0);
}

TEST_CASE("rows that lie each in another direction are not believed where they "
          "are many, habits beside them are") {
  auto bursts = std::vector<burst>{};
  for (size_t i = 0; i < 34; ++i)
    add(bursts, 1, along(2 + i, 2 + (i * 7 + 3) % 34));
  add(bursts, 40, along(1));
  const auto groups = judged(bursts);
  CHECK(groups.trust(along(1)) == 1.0);
  // (34 / 20)^-4.
  CHECK(groups.trust(along(37)) == doctest::Approx(0.12).epsilon(0.01));
}

TEST_CASE("of many groups the largest are doubted, until few rows are left") {
  auto bursts = std::vector<burst>{};
  for (size_t i = 0; i < 4; ++i)
    add(bursts, 30 + i, along(i));
  // 126 rows: two go, 61 are left, one more goes.
  const auto groups = judged(bursts);
  CHECK(groups.trust(along(3)) < 0.2);
  CHECK(groups.trust(along(2)) < 0.2);
  CHECK(groups.trust(along(1)) < 0.2);
  CHECK(groups.trust(along(0)) == 1.0);
}

TEST_CASE("the calmer rows of a wild group are belied by the others") {
  auto bursts = std::vector<burst>{};
  add(bursts, 10, along(1));
  add(bursts, 10, along(1), true);
  add(bursts, 20, along(2));
  add(bursts, 1, along(2), true);
  const auto groups = judged(bursts);
  CHECK(groups.trust(along(1)) <= 0.001);
  CHECK(groups.trust(along(2)) == 1.0);
}

TEST_CASE("direction counts, not distance") {
  auto bursts = std::vector<burst>{};
  add(bursts, 130, along(1));
  const auto groups = judged(bursts);
  auto far = along(1);
  for (auto& x : far)
    x *= 50.0F;
  CHECK(groups.trust(far) == groups.trust(along(1)));
  auto opposite = along(1);
  for (auto& x : opposite)
    x = -x;
  CHECK(groups.trust(opposite) == 1.0);
}

TEST_CASE("groups are bounded, and forgotten") {
  auto groups = burst_groups{{.features = 40, .groups_max = 2}};
  for (size_t i = 0; i < 30; ++i)
    groups.show(along(i));
  CHECK(groups.state_bytes() < 2000);
  for (size_t i = 0; i < 30; ++i)
    groups.count(along(i), false);
  groups.judge(100);
  CHECK(groups.trust(along(20)) < 0.1);
  groups.clear();
  groups.judge(100);
  CHECK(groups.trust(along(20)) == 1.0);
}

TEST_SUITE_END();
