#include "actors/experiment/evaluation.hpp"

#include "actors/experiment/dataset.hpp"
#include "tests/actors/experiment/support/made_scores.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

using namespace starling;
using namespace starling::experiment;

namespace {

/// The bound within which we have to agree with evaluate.py.
bool same(double ours, double theirs) {
  return std::abs(ours - theirs) < 1e-12;
}

void check_figures(const figures& ours, const figures& theirs) {
  CHECK(same(ours.auc_roc, theirs.auc_roc));
  CHECK(same(ours.auc_pr, theirs.auc_pr));
  CHECK(same(ours.best_f1, theirs.best_f1));
  CHECK(same(ours.vus_pr, theirs.vus_pr));
}

const auto labels = std::vector<uint8_t>{0, 1, 1, 0, 0, 1};

} // namespace

TEST_SUITE_BEGIN("experiment/evaluation");

// By hand: scores .1 .9 .8 .7 .2 .3; falling order 1 1 0 1 0 0. Pairs won: 3,
// 3, 2 of 3 each: 8/9. Precision at the hits: 1, 1, 3/4. F1 best at the last
// hit: 2*3/(4+3).
TEST_CASE("a worked case without ties") {
  const auto scores = std::vector{.1, .9, .8, .7, .2, .3};
  CHECK(same(auc_roc(labels, scores), 8.0 / 9.0));
  CHECK(same(average_precision(labels, scores), (1.0 + 1.0 + 0.75) / 3.0));
  CHECK(same(best_f1(labels, scores), 6.0 / 7.0));
}

// By hand: scores .5 .5 .9 .5 .1 .1. Flagged 1 (1 hit), 4 (2 hits), 6 (3 hits).
// Pairs: row 2 wins 3; row 1 ties two and wins one: 2; row 5 ties one: .5;
// of 9.
TEST_CASE("rows of equal score are flagged together") {
  const auto scores = std::vector{.5, .5, .9, .5, .1, .1};
  CHECK(same(auc_roc(labels, scores), 5.5 / 9.0));
  CHECK(same(average_precision(labels, scores),
             1.0 / 3 * 1 + 1.0 / 3 * 2 / 4 + 1.0 / 3 * 3 / 6));
  CHECK(same(best_f1(labels, scores), 2.0 * 3 / (6 + 3)));
}

TEST_CASE("a constant score is worth the share of anomalous rows") {
  const auto scores = std::vector<double>(6, 4.0);
  CHECK(same(auc_roc(labels, scores), 0.5));
  CHECK(same(average_precision(labels, scores), 0.5));
}

// Figures printed by the functions of the data set's evaluate.py (Python 3.11,
// numpy 1.24) for the same formula, with repr().
TEST_CASE("all figures agree with evaluate.py") {
  const auto made = test::all_made_scores();
  const figures theirs[]
    = {{0.7614933968821368, 0.15040560106824552, 0.31007751937984496,
        0.1861254580391278},
       {0.6702127659574468, 0.23485017766494576, 0.4489795918367347,
        0.2769566708812675},
       {0.7225017972681524, 0.3203154672662192, 0.4, 0.46318581067125525}};
  for (auto i = size_t{0}; i < made.size(); ++i) {
    CAPTURE(made[i].entity);
    check_figures(figures_of(made[i].labels, made[i].scores), theirs[i]);
  }
}

TEST_CASE("figures taken one by one are those taken together") {
  const auto made = test::all_made_scores().front();
  check_figures({auc_roc(made.labels, made.scores),
                 average_precision(made.labels, made.scores),
                 best_f1(made.labels, made.scores),
                 vus_pr(made.labels, made.scores)},
                figures_of(made.labels, made.scores));
}

// As above, evaluate.py's smooth() first.
TEST_CASE("smoothed scores agree with evaluate.py") {
  const auto made = test::all_made_scores();
  const figures theirs[] = {{0.832985800814219, 0.3095927866720572,
                             0.5172413793103449, 0.4840271283639757},
                            {0.9075771591960307, 0.7038923982715787,
                             0.7027027027027027, 0.8308225530533634},
                            {0.6139468008626887, 0.14129287087599043,
                             0.3448275862068966, 0.2407198088181128}};
  for (auto i = size_t{0}; i < made.size(); ++i) {
    CAPTURE(made[i].entity);
    check_figures(figures_of(made[i].labels, smoothed(made[i].scores)),
                  theirs[i]);
  }
}

// As above: the mean of a row, summed from left to right, as its score.
TEST_CASE("real data agrees with evaluate.py") {
  const auto* root = std::getenv("STARLING_DATA");
  if (root == nullptr) {
    MESSAGE("skipped: STARLING_DATA names no data folder");
    return;
  }
  const auto data
    = load_test(std::filesystem::path{root} / "detection", "smd-3-4");
  REQUIRE(data);
  auto scores = std::vector<double>{};
  for (auto row = size_t{0}; row < data->rows(); ++row) {
    auto sum = 0.0;
    for (auto value : data->row(row))
      sum += value;
    scores.push_back(sum / static_cast<double>(data->features()));
  }
  check_figures(figures_of(data->labels, scores),
                {0.5558966308765183, 0.050620111555718016, 0.09533395643108779,
                 0.050551782646270506});
  check_figures(figures_of(data->labels, smoothed(scores)),
                {0.563947679048769, 0.05078511698076024, 0.10454083361572349,
                 0.048898205122611706});
}

TEST_CASE("after one half-life a step is half way there") {
  auto scores = std::vector<double>(13, 1.0);
  scores[0] = 0.0;
  const auto smooth = smoothed(scores, 12.0);
  CHECK(smooth.front() == 0.0);
  CHECK(same(smooth.back(), 0.5));
}

TEST_CASE("without anomalous rows most figures are undefined") {
  const auto quiet = std::vector<uint8_t>(3, 0);
  const auto got = figures_of(quiet, std::vector{.1, .2, .3});
  CHECK(std::isnan(got.auc_roc));
  CHECK(std::isnan(got.auc_pr));
  CHECK(got.best_f1 == 0.0);
  CHECK(std::isnan(got.vus_pr));
}

TEST_CASE("a single row is enough") {
  const auto got = figures_of(std::vector<uint8_t>{1}, std::vector{.5});
  CHECK(std::isnan(got.auc_roc));
  CHECK(same(got.auc_pr, 1.0));
  CHECK(same(got.best_f1, 1.0));
}

TEST_CASE("scores that can't be ranked are refused by name") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(check_scores(labels, std::vector<double>(6), "x"));
  const auto odd = check_scores(labels, std::vector{0., 1., nan, 0., 1., 0.},
                                "asd-1, scores");
  REQUIRE(!odd);
  CHECK(odd.error().code == ec::malformed_input);
  CHECK(odd.error().text == "asd-1, scores: the score of row 2 is not finite");
  CHECK(!check_scores(labels, std::vector{1.0}, "x"));
  CHECK(!check_scores({}, {}, "x"));
}

TEST_CASE("incidents are the runs of anomalous rows") {
  const auto got = incidents_of(labels);
  REQUIRE(got.size() == 2);
  CHECK(got[0].begin == 1);
  CHECK(got[0].end == 3);
  CHECK(got[1].begin == 5);
  CHECK(got[1].end == 6);
}

TEST_CASE("the delay counts from the first anomalous row") {
  const auto levels = std::vector{.99, .1, .95, .96, .99};
  CHECK(detection_delay({1, 4}, levels, .95) == 2);
  CHECK(detection_delay({0, 1}, levels, .95) == 0);
  CHECK(!detection_delay({1, 3}, levels, .95));
}

TEST_CASE("a family is the text before the first dash") {
  CHECK(family_of("smd-1-6") == "smd");
  CHECK(family_of("lonely") == "lonely");
}

// By hand: two of the normal rows score above all but one anomalous row.
TEST_CASE("recall is taken where false positives are affordable") {
  const auto scores = std::vector{.8, .9, .1, .7, .2, .75};
  // Falling order 1 0 1 0 0 1: no false positive finds one of three, one of
  // three finds two.
  CHECK(recall_at(labels, scores, 0.0) == doctest::Approx(1.0 / 3));
  CHECK(recall_at(labels, scores, 0.33) == doctest::Approx(1.0 / 3));
  CHECK(recall_at(labels, scores, 0.34) == doctest::Approx(2.0 / 3));
  CHECK(recall_at(labels, scores, 1.0) == 1.0);
  CHECK(figures_of(labels, scores).recall_1 == doctest::Approx(1.0 / 3));
}

TEST_CASE("rows of equal score are affordable together or not at all") {
  const auto flat = std::vector(6, 0.5);
  CHECK(recall_at(labels, flat, 0.99) == 0.0);
  CHECK(recall_at(labels, flat, 1.0) == 1.0);
}

TEST_CASE("seven false positives are 1 % of 700 normal rows") {
  auto many = std::vector<uint8_t>(701);
  many[350] = 1;
  auto scores = std::vector<double>(701);
  scores[350] = 1.0;
  for (size_t i = 0; i < 7; ++i)
    scores[i] = 2.0;
  CHECK(recall_at(many, scores, 0.01) == 1.0);
  scores[7] = 2.0;
  CHECK(recall_at(many, scores, 0.01) == 0.0);
  CHECK(std::isnan(recall_at(std::vector<uint8_t>(701), scores, 0.01)));
  CHECK(std::isnan(recall_at(std::vector<uint8_t>(701, 1), scores, 0.01)));
}

TEST_SUITE_END();
