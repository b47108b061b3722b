#include "deploy/bench/figures.hpp"

#include "deploy/bench/bench_report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace starling::deploy;

TEST_SUITE_BEGIN("deploy/bench/figures");

TEST_CASE("quantiles of one to a thousand are what one counts off") {
  auto samples = std::vector<uint64_t>{};
  for (auto i = uint64_t{1'000}; i > 0; --i)
    samples.push_back(i);
  CHECK(quantile(samples, 0.0) == 1);
  CHECK(quantile(samples, 0.5) == 500);
  CHECK(quantile(samples, 0.99) == 990);
  CHECK(quantile(samples, 1.0) == 1'000);
}

TEST_CASE("latencies are given in microseconds, rates by the second") {
  const auto latency = latency_figures("round-trip", "x", 64, {5'000});
  REQUIRE(latency.size() == 3);
  CHECK(latency[0].name == "round-trip p50");
  CHECK(latency[0].value == 5);
  CHECK(latency[0].unit == "us");
  // 1,000 messages of 64 bytes in half a second.
  const auto rate = rate_figures("one-way", "x", 64, 1'000, 500'000'000);
  REQUIRE(rate.size() == 2);
  CHECK(rate[0].value == 2'000);
  CHECK(rate[1].value == doctest::Approx(0.128));
  CHECK(rate[1].unit == "MB/s");
}

TEST_CASE("a figure comes through a line of text as it was") {
  const auto sent = figure{"a name", "plain CAF", 64, "us", 12.5, std::nullopt};
  const auto got = parse_line(to_line(sent));
  REQUIRE(got);
  CHECK(got->name == sent.name);
  CHECK(got->who == sent.who);
  CHECK(got->payload == sent.payload);
  CHECK(got->unit == sent.unit);
  CHECK(got->value == sent.value);
  CHECK(!parse_line(""));
  CHECK(!parse_line("a\tb\tc\td\te"));
  CHECK(!parse_line("a\tb\t1\td\t2\tf"));
}

TEST_CASE("ratios compare with raw TCP of the same kind and round") {
  auto round = std::vector<figure>{
    {"round-trip p50", "raw TCP", 64, "us", 10, std::nullopt},
    {"round-trip p50", "raw TCP", 1'024, "us", 20, std::nullopt},
    {"round-trip p50", "starling", 1'024, "us", 30, std::nullopt},
    {"local spawns", "starling", 0, "1/s", 30, std::nullopt},
  };
  relate_to_raw_tcp(round);
  CHECK(round[2].to_raw_tcp == 1.5);
  CHECK(!round[3].to_raw_tcp);
}

TEST_CASE("medians are taken of values and of ratios apart") {
  const auto one = [](double value, double ratio) {
    return std::vector<figure>{{"x", "starling", 0, "us", value, ratio}};
  };
  const auto found = medians_of({one(1, 9), one(5, 2), one(3, 4)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].value == 3);
  CHECK(found[0].to_raw_tcp == 4);
}

TEST_CASE("the report is one JSON object or one line a figure") {
  const auto figures
    = std::vector<figure>{{"round-trip p50", "starling", 64, "us", 18.5, 2.9}};
  const auto how = bench_conditions{false, "0", 3, 1};
  const auto read = nlohmann::json::parse(to_json(how, figures));
  CHECK(read["processor"] == "0");
  CHECK(read["figures"][0]["value"] == 18.5);
  CHECK(read["figures"][0]["to_raw_tcp"] == 2.9);
  CHECK(read["figures"][0]["payload"] == 64);
  const auto table = to_table(how, figures);
  CHECK(table.find("18.5") != table.npos);
  CHECK(table.find("2.9") != table.npos);
}

TEST_SUITE_END();
