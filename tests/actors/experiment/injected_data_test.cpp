#include "actors/experiment/injected_data.hpp"

#include "tests/actors/experiment/support/temporary_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;
using namespace starling::experiment;
using experiment::test::content_of;
using experiment::test::temporary_folder;

namespace {

const auto data = starling::test::source_folder() / "examples/data";

/// Equal but for missing values, which equal nothing.
bool same_values(const table& one, const table& two) {
  return std::ranges::equal(one.values, two.values, [](double x, double y) {
    return x == y || (std::isnan(x) && std::isnan(y));
  });
}

} // namespace

TEST_SUITE_BEGIN("experiment/injected_data");

TEST_CASE("an injected folder holds what is injected on the fly") {
  const auto out = temporary_folder{};
  const auto choice = injection_choice{.kind = "impersonation", .seed = 3};
  const auto made
    = write_injected(data, out.path(), {"asd-3", "js2-13"}, choice);
  REQUIRE_MESSAGE(made, made.error().text);
  CHECK(made->entities == 2);
  CHECK(*list_entities(out.path())
        == std::vector<std::string>{"asd-3", "js2-13"});
  for (const auto* entity : {"asd-3", "js2-13"}) {
    const auto written = load_test(out.path(), entity);
    const auto direct = load_injected(data, entity, 0, choice);
    REQUIRE(written);
    REQUIRE(direct);
    CHECK(written->t == direct->t);
    CHECK(written->labels == direct->labels);
    CHECK(same_values(*written, *direct));
    CHECK(
      same_values(*load_train(out.path(), entity), *load_train(data, entity)));
  }
}

TEST_CASE("a folder is made twice with the same bytes") {
  const auto one = temporary_folder{};
  const auto two = temporary_folder{};
  for (const auto* out : {&one, &two})
    REQUIRE(write_injected(data, out->path(), {"asd-3"}, {.kind = "drift"}));
  for (const auto* file :
       {"asd-3.test.csv.gz", "asd-3.train.csv.gz", "injection.csv"})
    CHECK(content_of(one / file) == content_of(two / file));
  const auto list = content_of(one / "injection.csv");
  CHECK(list.starts_with("entity,begin,end,kind,strength,features\nasd-3,"));
  CHECK(list.find(",drift,4,") != std::string::npos);
}

TEST_CASE("the data folder itself is not overwritten") {
  const auto folder = temporary_folder{};
  const auto got
    = write_injected(folder.path(), folder / ".", {}, {.kind = "drift"});
  REQUIRE(!got);
  CHECK(got.error().code == ec::invalid_option);
}

TEST_CASE("rows of another entity come from the next one of its width") {
  const auto folder = temporary_folder{};
  folder.write("ann.train.csv", "t,a\n0,1\n");
  folder.write("ann.test.csv", "t,label,a\n0,0,1\n");
  folder.write("bob.train.csv", "t,a,b\n0,1,1\n");
  folder.write("bob.test.csv", "t,label,a,b\n0,0,1,1\n");
  const auto ann = load_train(folder.path(), "ann");
  REQUIRE(ann);
  const auto none = load_alike(folder.path(), *ann, true);
  REQUIRE(!none);
  CHECK(none.error().text.find("another kind") != std::string::npos);
  folder.write("eve.train.csv", "t,a\n0,7\n");
  folder.write("eve.test.csv", "t,label,a\n0,0,8\n");
  CHECK(load_alike(folder.path(), *ann, true)->values == std::vector{7.0});
  CHECK(load_alike(folder.path(), *ann, false)->values == std::vector{8.0});
}

TEST_SUITE_END();
