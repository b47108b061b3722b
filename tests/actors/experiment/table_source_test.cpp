#include "actors/experiment/table_source.hpp"

#include "tests/support/deterministic_system.hpp"
#include "tests/support/scratch_folder.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <cmath>
#include <fstream>

using namespace starling;
using namespace starling::experiment;

namespace {

struct fixture : test::deterministic_system {
  test::scratch_folder folder;
  labelled_source_actor source;

  fixture() {
    auto train = std::ofstream{folder / "ann.train.csv"};
    train << "t,cpu,load\n0,1,10\n1,2,\n2,3,30\n";
    auto test = std::ofstream{folder / "ann.test.csv"};
    test << "t,label,cpu,load\n0,0,4,40\n1,1,5,50\n";
  }

  ~fixture() {
    caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  }

  void open(const std::string& entity = "ann", poison_choice poison = {}) {
    using impl = labelled_source_actor::stateful_impl<table_source_state>;
    auto opts = table_source_options{};
    opts.folder = folder.path();
    opts.entity = entity;
    opts.poison = std::move(poison);
    source = sys().spawn<impl>(std::move(opts));
  }

  caf::expected<behaviour_rows> fetch(uint64_t first, uint32_t rows) {
    return ask<behaviour_rows>(source, fetch_rows{first, rows});
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/table_source");

TEST_CASE_FIXTURE(fixture, "both files are one stream") {
  open();
  const auto what = ask<behaviour_description>(source, describe_behaviour{});
  REQUIRE(what);
  CHECK(what->features == std::vector<std::string>{"cpu", "load"});
  CHECK(what->training_rows == 3);
  CHECK(what->live_rows == 2);
  // Who has the same features is of the same kind.
  CHECK(what->kind.starts_with("2 features, "));
  const auto training = fetch(1, 256);
  REQUIRE(training);
  CHECK(training->first == 1);
  CHECK(training->training);
  CHECK_FALSE(training->last);
  REQUIRE(training->rows() == 2);
  CHECK(training->values[0] == 2.0);
  CHECK(std::isnan(training->values[1]));
  const auto live = fetch(3, 256);
  REQUIRE(live);
  CHECK_FALSE(live->training);
  CHECK(live->last);
  CHECK(live->values == std::vector<double>{4, 40, 5, 50});
  CHECK_FALSE(fetch(3, 1)->last);
}

TEST_CASE_FIXTURE(fixture, "training rows can be had again after others") {
  open();
  CHECK(ask<behaviour_description>(source, describe_behaviour{}));
  CHECK(fetch(4, 1));
  const auto again = fetch(0, 1);
  REQUIRE(again);
  CHECK(again->values == std::vector<double>{1, 10});
}

TEST_CASE_FIXTURE(fixture, "labels are kept apart from rows") {
  open();
  const auto labels = ask<row_labels>(source, fetch_labels{});
  REQUIRE(labels);
  CHECK(labels->labels == std::vector<uint8_t>{0, 1});
}

TEST_CASE_FIXTURE(fixture, "rows beyond the end, none and too many are "
                           "errors") {
  open();
  CHECK(ask<behaviour_description>(source, describe_behaviour{}));
  CHECK_FALSE(fetch(5, 1));
  CHECK_FALSE(fetch(0, 0));
  CHECK_FALSE(fetch(0, 257));
}

TEST_CASE_FIXTURE(fixture, "a missing file and other columns are errors that "
                           "name the entity") {
  open("eve");
  const auto none = ask<behaviour_description>(source, describe_behaviour{});
  REQUIRE_FALSE(none);
  CHECK(none.error() == ec::file_error);
  caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  std::ofstream{folder / "bob.train.csv"} << "t,cpu\n0,1\n";
  std::ofstream{folder / "bob.test.csv"} << "t,label,load\n0,0,1\n";
  open("bob");
  const auto other = ask<behaviour_description>(source, describe_behaviour{});
  REQUIRE_FALSE(other);
  CHECK(other.error() == ec::malformed_input);
  CHECK(to_string(other.error()).find("bob") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "poison goes into the training rows alone") {
  open("ann", {.share = 1.0, .kind = "surges"});
  const auto training = fetch(0, 3);
  REQUIRE(training);
  // Five deviations of 1, 2, 3, up or down, in one stretch.
  CHECK(std::abs(training->values[0] - 1.0)
        == doctest::Approx(5.0 * std::sqrt(2.0 / 3.0)));
  const auto live = fetch(3, 2);
  REQUIRE(live);
  CHECK(live->values == std::vector{4.0, 40.0, 5.0, 50.0});
}

TEST_CASE_FIXTURE(fixture, "foreign poison comes from the next of its width") {
  {
    auto wide = std::ofstream{folder / "bob.train.csv"};
    wide << "t,a,b,c\n0,7,7,7\n";
    auto wide_test = std::ofstream{folder / "bob.test.csv"};
    wide_test << "t,label,a,b,c\n0,0,7,7,7\n";
    auto like = std::ofstream{folder / "eve.train.csv"};
    like << "t,cpu,load\n0,8,9\n";
    auto like_test = std::ofstream{folder / "eve.test.csv"};
    like_test << "t,label,cpu,load\n0,0,8,9\n";
  }
  open("ann", {.share = 1.0, .kind = "foreign"});
  const auto training = fetch(0, 3);
  REQUIRE(training);
  CHECK(training->values == std::vector{8.0, 9.0, 8.0, 9.0, 8.0, 9.0});
}

TEST_CASE_FIXTURE(fixture, "foreign poison without another entity is refused") {
  open("ann", {.share = 0.5, .kind = "foreign"});
  const auto what = ask<behaviour_description>(source, describe_behaviour{});
  REQUIRE(!what);
  CHECK(to_string(what.error()).find("another kind") != std::string::npos);
}

TEST_SUITE_END();
