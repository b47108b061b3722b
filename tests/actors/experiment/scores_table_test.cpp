#include "actors/experiment/scores_table.hpp"

#include "tests/actors/experiment/support/made_scores.hpp"
#include "tests/actors/experiment/support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling;
using namespace starling::experiment;

namespace {

struct fixture {
  test::temporary_folder folder;

  std::string error_of(const std::string& content,
                       const scores_limits& limits = {}) const {
    const auto got = read_scores(folder.write("x.csv", content), limits);
    REQUIRE(!got);
    return got.error().text.substr(folder.path().string().size() + 1);
  }
};

const auto header = std::string{"entity,t,score,level\n"};

} // namespace

TEST_SUITE_BEGIN("experiment/scores_table");

TEST_CASE_FIXTURE(fixture, "the scores table has a line a row") {
  const auto file = folder / "scores.csv";
  REQUIRE(write_scores(
    file, std::vector<entity_scores>{{"a-1", {0.1, 1e-7}, {0.25, 1.0}},
                                     {"b,\"1\"", {3.0}, {0.0}}}));
  CHECK(test::content_of(file)
        == header + "a-1,0,0.1,0.25\na-1,1,1e-07,1\n\"b,\"\"1\"\"\",0,3,0\n");
}

TEST_CASE_FIXTURE(fixture, "scores come back bit by bit") {
  const auto result = test::make_result();
  const auto file = folder / "scores.csv";
  REQUIRE(write_scores(file, result.entities));
  const auto got = read_scores(file);
  REQUIRE(got);
  REQUIRE(got->size() == result.entities.size());
  for (auto i = size_t{0}; i < got->size(); ++i) {
    CHECK((*got)[i].entity == result.entities[i].name);
    CHECK((*got)[i].scores == result.entities[i].scores);
    CHECK((*got)[i].levels == result.entities[i].levels);
  }
}

TEST_CASE_FIXTURE(fixture, "scores that are not finite are not written") {
  const auto inf = std::numeric_limits<double>::infinity();
  const auto file = folder / "scores.csv";
  CHECK(!write_scores(file, std::vector<entity_scores>{{"a", {inf}, {0.0}}}));
  CHECK(!write_scores(file, std::vector<entity_scores>{{"a", {1.0}, {}}}));
  CHECK(!std::filesystem::exists(file));
}

TEST_CASE_FIXTURE(fixture, "a row that is missing, twice or odd is an error") {
  CHECK(error_of(header + "a,0,1,0\na,2,1,0\n")
        == "x.csv:3: row 2 of 'a' where 1 is due");
  CHECK(error_of(header + "a,0,1,0\na,0,1,0\n")
        == "x.csv:3: row 0 of 'a' where 1 is due");
  CHECK(error_of(header + "a,0,1,0\nb,0,1,0\na,1,1,0\n")
        == "x.csv:4: 'a' appears in two places; sort the file");
  CHECK(error_of(header + "a,0,nan,0\n") == "x.csv:2: 'nan' is not finite");
  CHECK(error_of(header + "a,0,1\n") == "x.csv:2: 3 fields instead of 4");
  CHECK(error_of("entity,t,score\n")
        == "x.csv:1: the header must read entity,t,score,level");
  CHECK(error_of(header + "a,0,1,0\na,1,1,0\n", {.rows_max = 1})
        == "x.csv:3: more than 1 rows");
}

TEST_CASE_FIXTURE(fixture, "events come back whole, odd text included") {
  auto events = test::make_result().events;
  events.push_back({-1, "a,b", "n\n1", "kind", "x\"y", "", 0.1, "\r\nend"});
  const auto file = folder / "events.csv";
  REQUIRE(write_events(file, events));
  const auto got = read_events(file);
  REQUIRE(got);
  REQUIRE(got->size() == events.size());
  for (auto i = size_t{0}; i < got->size(); ++i) {
    CHECK((*got)[i].t == events[i].t);
    CHECK((*got)[i].entity == events[i].entity);
    CHECK((*got)[i].node == events[i].node);
    CHECK((*got)[i].kind == events[i].kind);
    CHECK((*got)[i].from == events[i].from);
    CHECK((*got)[i].to == events[i].to);
    CHECK((*got)[i].level == events[i].level);
    CHECK((*got)[i].detail == events[i].detail);
  }
}

TEST_CASE_FIXTURE(fixture, "events look as any spreadsheet wants them") {
  const auto file = folder / "events.csv";
  REQUIRE(write_events(file, test::make_result().events));
  CHECK(test::content_of(file)
        == "t,entity,node,kind,from,to,level,detail\n"
           "51,aa-1,node-2,zone,TRUSTED,QUARANTINED,0.99,\"level 0.99, above "
           "\"\"0.95\"\"\"\n"
           "12,,node-1,route,,,,node-2 via node-3\n");
}

TEST_CASE_FIXTURE(fixture, "a folder that is missing is an error") {
  const auto got = write_events(folder / "absent" / "events.csv", {});
  REQUIRE(!got);
  CHECK(got.error().code == ec::file_error);
}

TEST_SUITE_END();
