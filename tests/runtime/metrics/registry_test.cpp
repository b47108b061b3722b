#include "runtime/metrics/registry.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling::metrics;
using starling::ec;

TEST_SUITE_BEGIN("metrics/registry");

// The texts were written by hand from prometheus.io, "Exposition formats".
TEST_CASE("counters and gauges are exposed with their help, type and labels") {
  auto all = registry{};
  auto in = all.add_counter("bytes_total", "Bytes on links.",
                            {{"link", "tcp"}, {"direction", "in"}});
  auto out = all.add_counter("bytes_total", "ignored: the first help stays",
                             {{"link", "tcp"}, {"direction", "out"}});
  auto peers = all.add_gauge("a_peers", "Peers now.");
  REQUIRE(in);
  REQUIRE(out);
  REQUIRE(peers);
  in->add(1027);
  out->add(0.25);
  peers->set(-3);
  CHECK(all.text()
        == "# HELP a_peers Peers now.\n"
           "# TYPE a_peers gauge\n"
           "a_peers -3\n"
           "# HELP bytes_total Bytes on links.\n"
           "# TYPE bytes_total counter\n"
           "bytes_total{direction=\"in\",link=\"tcp\"} 1027\n"
           "bytes_total{direction=\"out\",link=\"tcp\"} 0.25\n");
}

TEST_CASE("histogram buckets are cumulative and end in +Inf") {
  auto all = registry{};
  auto delay = all.add_histogram("delay_seconds", "Round trips.",
                                 {0.05, 0.1, 0.5}, {{"peer", "a"}});
  REQUIRE(delay);
  for (auto x : {0.03125, 0.0625, 0.0625, 0.25, 2.0})
    delay->observe(x);
  CHECK(all.text()
        == "# HELP delay_seconds Round trips.\n"
           "# TYPE delay_seconds histogram\n"
           "delay_seconds_bucket{peer=\"a\",le=\"0.05\"} 1\n"
           "delay_seconds_bucket{peer=\"a\",le=\"0.1\"} 3\n"
           "delay_seconds_bucket{peer=\"a\",le=\"0.5\"} 4\n"
           "delay_seconds_bucket{peer=\"a\",le=\"+Inf\"} 5\n"
           "delay_seconds_sum{peer=\"a\"} 2.40625\n"
           "delay_seconds_count{peer=\"a\"} 5\n");
}

TEST_CASE("a histogram without labels has le alone") {
  auto all = registry{};
  REQUIRE(all.add_histogram("h", "", {}));
  CHECK(all.text()
        == "# HELP h \n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\n"
           "h_sum 0\nh_count 0\n");
}

TEST_CASE("backslash, quote and line feed are escaped") {
  auto all = registry{};
  REQUIRE(all.add_gauge("g", "a \"b\" \\ c\nd", {{"path", "C:\\DIR\n\"x\""}}));
  CHECK(all.text()
        == "# HELP g a \"b\" \\\\ c\\nd\n"
           "# TYPE g gauge\n"
           "g{path=\"C:\\\\DIR\\n\\\"x\\\"\"} 0\n");
}

TEST_CASE("what is not finite has the names that Prometheus knows") {
  auto all = registry{};
  auto g = all.add_gauge("g", "h");
  REQUIRE(g);
  const auto shown = [&] {
    const auto text = all.text();
    return text.substr(text.rfind("\ng ") + 3);
  };
  g->set(std::numeric_limits<double>::infinity());
  CHECK(shown() == "+Inf\n");
  g->set(-std::numeric_limits<double>::infinity());
  CHECK(shown() == "-Inf\n");
  g->set(std::numeric_limits<double>::quiet_NaN());
  CHECK(shown() == "NaN\n");
}

TEST_CASE("the same name and labels give the same counter") {
  auto all = registry{};
  auto one = all.add_counter("c", "h", {{"a", "b"}});
  auto two = all.add_counter("c", "h", {{"a", "b"}});
  REQUIRE(one);
  REQUIRE(two);
  one->add();
  two->add();
  CHECK(one->value() == 2.0);
  CHECK(all.size() == 1);
}

TEST_CASE("a name serves one kind and one set of buckets") {
  auto all = registry{};
  REQUIRE(all.add_counter("c", "h"));
  REQUIRE(all.add_histogram("h", "h", {1.0}));
  CHECK(all.add_gauge("c", "h").error().code == ec::duplicate_name);
  const auto other = all.add_histogram("h", "h", {2.0}, {{"a", "b"}});
  REQUIRE(!other);
  CHECK(other.error().code == ec::duplicate_name);
  CHECK(other.error().text
        == "metric 'h' exists as a histogram already with other buckets");
}

TEST_CASE("bad names, labels and bounds are refused") {
  auto all = registry{{.labels_max = 1, .label_value_max = 4}};
  const auto code_of = [](const auto& x) { return x ? ec{} : x.error().code; };
  for (auto name : {"", "1a", "a-b", "a b"})
    CHECK(code_of(all.add_counter(name, "h")) == ec::invalid_option);
  CHECK(code_of(all.add_counter("a:b", "h")) == ec{});
  for (auto label : {"", "a:b", "__name", "0"})
    CHECK(code_of(all.add_counter("c", "h", {{label, "x"}}))
          == ec::invalid_option);
  CHECK(code_of(all.add_counter("c", "h", {{"a", "12345"}}))
        == ec::invalid_option);
  CHECK(code_of(all.add_counter("c", "h", {{"a", "1"}, {"b", "2"}}))
        == ec::invalid_option);
  CHECK(code_of(all.add_histogram("h", "h", {1.0}, {{"le", "1"}}))
        == ec::invalid_option);
  CHECK(code_of(all.add_histogram("h", "h", {2.0, 1.0})) == ec::invalid_option);
  CHECK(code_of(all.add_histogram("h", "h", {1.0, 1.0})) == ec::invalid_option);
}

TEST_CASE("series are bounded, and a removed one makes room") {
  auto all = registry{{.series_max = 2}};
  REQUIRE(all.add_counter("c", "h", {{"peer", "a"}}));
  auto b = all.add_counter("c", "h", {{"peer", "b"}});
  REQUIRE(b);
  const auto refused = all.add_counter("c", "h", {{"peer", "c"}});
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::limit_reached);
  CHECK(all.remove("c", {{"peer", "b"}}));
  CHECK(!all.remove("c", {{"peer", "b"}}));
  CHECK(all.add_counter("c", "h", {{"peer", "c"}}));
  b->add(); // still safe to use
  CHECK(all.text().find("peer=\"b\"") == std::string::npos);
}

TEST_CASE("a name whose last series is gone is free for another kind") {
  auto all = registry{};
  REQUIRE(all.add_counter("c", "h"));
  CHECK(all.remove("c", {}));
  CHECK(all.add_gauge("c", "h"));
}

TEST_SUITE_END();
