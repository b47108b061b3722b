#include "actors/experiment/dataset.hpp"

#include "actors/experiment/evaluation.hpp"
#include "tests/actors/experiment/support/temporary_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

using namespace starling;
using namespace starling::experiment;

namespace {

struct fixture {
  starling::experiment::test::temporary_folder folder;

  fixture() {
    folder.write("a-1.train.csv", "t,cpu,mem\n0,1,2\n1,,nan\n2,-1.5e3,0\n");
    folder.write("a-1.test.csv", "t,label,cpu,mem\r\n7,0,1,2\r\n8,1,3,4\r\n");
  }

  /// The error of reading a file with that content, without its folder.
  std::string error_of(const std::string& content,
                       const dataset_limits& limits = {}) const {
    auto reader = table_reader::open(folder.write("x.csv", content), limits);
    auto row = table_row{};
    for (auto more = result<bool>{true};;) {
      more = reader ? reader->next(row) : reader.error();
      if (!more)
        return more.error().text.substr(folder.path().string().size() + 1);
      REQUIRE(*more);
    }
  }
};

} // namespace

TEST_SUITE_BEGIN("experiment/dataset");

TEST_CASE_FIXTURE(fixture, "a training file has values and no labels") {
  const auto got = load_train(folder.path(), "a-1");
  REQUIRE(got);
  CHECK(got->entity == "a-1");
  CHECK(got->names == std::vector<std::string>{"cpu", "mem"});
  CHECK(got->rows() == 3);
  CHECK(got->labels.empty());
  CHECK(got->row(0)[1] == 2.0);
  CHECK(got->row(2)[0] == -1500.0);
}

TEST_CASE_FIXTURE(fixture, "empty cells are missing values") {
  const auto got = load_train(folder.path(), "a-1");
  REQUIRE(got);
  CHECK(std::isnan(got->row(1)[0]));
  CHECK(std::isnan(got->row(1)[1]));
}

TEST_CASE_FIXTURE(fixture, "a test file has labels and its own time") {
  const auto got = load_test(folder.path(), "a-1");
  REQUIRE(got);
  CHECK(got->t == std::vector<int64_t>{7, 8});
  CHECK(got->labels == std::vector<uint8_t>{0, 1});
  CHECK(got->row(1)[1] == 4.0);
}

TEST_CASE_FIXTURE(fixture, "a test file without labels is refused") {
  folder.write("b-1.test.csv", "t,cpu\n0,1\n");
  CHECK(load_test(folder.path(), "b-1").error().code == ec::malformed_input);
}

TEST_CASE_FIXTURE(fixture, "rows_max takes the first rows") {
  CHECK(load_train(folder.path(), "a-1", 2)->rows() == 2);
  CHECK(load_train(folder.path(), "a-1", 99)->rows() == 3);
}

TEST_CASE_FIXTURE(fixture, "errors name file, line and column") {
  CHECK(error_of("t,a,b\n0,1,2\n1,1,two\n")
        == "x.csv:3: column 3 (b): 'two' is not a number; leave the cell empty "
           "where the value is missing");
  CHECK(error_of("t,label,a\n0,2,1\n")
        == "x.csv:2: column 2 (label): '2' is not a label; 0 is normal, 1 "
           "anomalous");
  CHECK(error_of("t,a\n0.5,1\n")
        == "x.csv:2: column 1 (t): '0.5' is not an integer");
  CHECK(error_of("t,a,b\n0,1\n")
        == "x.csv:2: column 3 (b): missing: the row has 2 cells, the header 3");
  CHECK(error_of("t,a\n0,1,2\n")
        == "x.csv:2: column 3 (beyond the header): the row has more cells than "
           "the header (2)");
  CHECK(error_of("t,a\n0,inf\n").find("infinite") != std::string::npos);
  CHECK(error_of("t,a\n0,1e999\n").find("out of range") != std::string::npos);
  CHECK(error_of("t,label,a\n0\n").find("missing") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a header that is none is refused") {
  CHECK(error_of("0,1,2\n")
        == "x.csv:1: the header must read t[,label],feature...");
  CHECK(error_of("") == "x.csv:1: the header must read t[,label],feature...");
  CHECK(error_of("t,label\n") == "x.csv:1: the header names no feature");
}

TEST_CASE_FIXTURE(fixture, "rows and features are bounded") {
  CHECK(error_of("t,a,b,c\n", {.features_max = 2}).find("more than 2 features")
        != std::string::npos);
  CHECK(error_of("t,a\n0,1\n1,1\n2,1\n", {.rows_max = 2})
          .starts_with("x.csv:4: more than 2 rows"));
}

TEST_CASE_FIXTURE(fixture, "a folder lists the entities with both parts") {
  folder.write("B-2.train.csv.gz", "");
  folder.write("B-2.test.csv.gz", "");
  folder.write("README.md", "");
  CHECK(*list_entities(folder.path())
        == std::vector<std::string>{"B-2", "a-1"});
}

TEST_CASE_FIXTURE(fixture, "an entity without one of its parts is an error") {
  folder.write("half.test.csv", "");
  const auto got = list_entities(folder.path());
  REQUIRE(!got);
  CHECK(got.error().code == ec::file_error);
  CHECK(got.error().text.find("half has no train file") != std::string::npos);
  CHECK(!list_entities(folder / "absent"));
}

TEST_CASE_FIXTURE(fixture, "no entity leads out of the folder") {
  for (auto name : {"../a-1", "", ".hidden", "a/b", "a\\b"})
    CHECK(entity_file(folder.path(), name, "train").error().code
          == ec::invalid_option);
  CHECK(entity_file(folder.path(), "c-1", "train").error().code
        == ec::file_error);
}

// Rows as examples/data/README.md states them.
TEST_CASE("the excerpt that ships can be read and holds incidents") {
  const auto folder = starling::test::source_folder() / "examples/data";
  const auto names = list_entities(folder);
  REQUIRE(names);
  CHECK(*names == std::vector<std::string>{"asd-11", "asd-3", "js2-13"});
  for (const auto& name : *names) {
    const auto train = load_train(folder, name);
    const auto test = load_test(folder, name);
    REQUIRE(train);
    REQUIRE(test);
    CHECK(train->features() == test->features());
    CHECK(train->rows() == (name == "js2-13" ? 1008 : 4320));
    CHECK(test->rows() == (name == "js2-13" ? 1024 : 1440));
    CHECK(incidents_of(test->labels).size() == (name == "js2-13" ? 2 : 3));
  }
}

TEST_CASE("the real data has the sizes its description states") {
  const auto* root = std::getenv("STARLING_DATA");
  if (root == nullptr) {
    MESSAGE("skipped: STARLING_DATA names no data folder");
    return;
  }
  const auto folder = std::filesystem::path{root} / "detection";
  const auto names = list_entities(folder);
  REQUIRE(names);
  CHECK(names->size() == 26);
  const auto train = load_train(folder, "asd-1");
  const auto test = load_test(folder, "js2-00");
  REQUIRE(train);
  REQUIRE(test);
  CHECK(train->rows() == 8640);
  CHECK(train->features() == 19);
  CHECK(test->rows() == 7200);
  CHECK(test->features() == 19);
}

TEST_SUITE_END();
