#include "runtime/plugin/settings_reader.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling;
using namespace std::chrono_literals;

namespace {

struct options {
  std::string word = "flock";
  std::vector<std::string> words;
  double share = 0.5;
  uint64_t count = 7;
  uint32_t small = 3;
  caf::timespan wait = 5s;
};

caf::error read(const caf::settings& input, options& target) {
  auto in = settings_reader{"bird", input};
  in.read("word", target.word)
    .read("words", target.words)
    .read("share", target.share, 0.0, 1.0)
    .read("count", target.count, 1, 10)
    .read("small", target.small, 0, 4)
    .read("wait", target.wait, 1s, 1h);
  return in.finish();
}

std::string error_of(const caf::settings& input) {
  auto target = options{};
  const auto failed = read(input, target);
  REQUIRE(failed == ec::invalid_option);
  return to_string(failed);
}

} // namespace

TEST_SUITE_BEGIN("runtime/plugin/settings_reader");

TEST_CASE("a missing option leaves its default alone") {
  auto target = options{};
  CHECK_FALSE(read({}, target));
  CHECK(target.word == "flock");
  CHECK(target.share == 0.5);
  CHECK(target.count == 7);
  CHECK(target.wait == caf::timespan{5s});
}

TEST_CASE("every kind of option is read") {
  auto input = caf::settings{};
  input["word"] = "swarm";
  input["words"] = std::vector<std::string>{"a", "b"};
  input["share"] = 0.25;
  input["count"] = int64_t{10};
  input["small"] = int64_t{4};
  input["wait"] = caf::timespan{2min};
  auto target = options{};
  CHECK_FALSE(read(input, target));
  CHECK(target.word == "swarm");
  CHECK(target.words == std::vector<std::string>{"a", "b"});
  CHECK(target.share == 0.25);
  CHECK(target.count == 10);
  CHECK(target.small == 4);
  CHECK(target.wait == caf::timespan{2min});
}

TEST_CASE("a whole number does for a number") {
  auto input = caf::settings{};
  input["share"] = int64_t{1};
  auto target = options{};
  CHECK_FALSE(read(input, target));
  CHECK(target.share == 1.0);
}

TEST_CASE(
  "a value out of range is an error that names option, type and range") {
  auto input = caf::settings{};
  input["count"] = int64_t{11};
  const auto text = error_of(input);
  CHECK(text.find("count") != std::string::npos);
  CHECK(text.find("bird") != std::string::npos);
  CHECK(text.find("from 1 to 10") != std::string::npos);
  input["count"] = int64_t{-1};
  error_of(input);
}

TEST_CASE("values of the wrong type and those that are no number are errors") {
  for (auto wrong : {caf::config_value{"many"}, caf::config_value{true}}) {
    auto input = caf::settings{};
    input["count"] = wrong;
    error_of(input);
  }
  auto input = caf::settings{};
  input["share"] = std::numeric_limits<double>::quiet_NaN();
  error_of(input);
  input.clear();
  input["word"] = int64_t{5};
  error_of(input);
  input.clear();
  input["wait"] = caf::timespan{2h};
  error_of(input);
}

TEST_CASE("an option that is read elsewhere is no error") {
  auto input = caf::settings{};
  input["elsewhere"] = int64_t{3};
  auto in = settings_reader{"bird", input};
  CHECK_FALSE(in.leave("elsewhere").finish());
}

TEST_CASE("an option that nobody reads is an error that lists the others") {
  auto input = caf::settings{};
  input["cuont"] = int64_t{5};
  const auto text = error_of(input);
  CHECK(text.find("'cuont'") != std::string::npos);
  CHECK(text.find("word, words, share, count") != std::string::npos);
}

TEST_SUITE_END();
