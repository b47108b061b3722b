#include "actors/experiment/csv.hpp"

#include "tests/actors/experiment/support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

using namespace starling;
using namespace starling::experiment;

namespace {

/// All records, fields in brackets; or the error.
std::string read(const std::string& content, size_t record_max = 1000) {
  const auto folder = test::temporary_folder{};
  auto lines = text_lines::open(folder.write("x.csv", content), {});
  REQUIRE(lines);
  auto records = csv_records{std::move(*lines), record_max};
  auto out = std::string{};
  auto fields = std::vector<std::string>{};
  for (;;) {
    auto more = records.next(fields);
    if (!more)
      return more.error().text.substr(folder.path().string().size() + 1);
    if (!*more)
      return out;
    out += fmt::format("[{}]", fmt::join(fields, "|"));
  }
}

std::string written(double x) {
  auto out = std::string{};
  append_number(out, x);
  return out;
}

} // namespace

TEST_SUITE_BEGIN("experiment/csv");

// RFC 4180, section 2: the examples of rules 1 to 7.
TEST_CASE("the examples of RFC 4180 read as they say") {
  CHECK(read("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n") == "[aaa|bbb|ccc][zzz|yyy|xxx]");
  CHECK(read("aaa,bbb,ccc\r\nzzz,yyy,xxx") == "[aaa|bbb|ccc][zzz|yyy|xxx]");
  CHECK(read("\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx")
        == "[aaa|bbb|ccc][zzz|yyy|xxx]");
  CHECK(read("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx")
        == "[aaa|b\r\nbb|ccc][zzz|yyy|xxx]");
  CHECK(read("\"aaa\",\"b\"\"bb\",\"ccc\"") == "[aaa|b\"bb|ccc]");
}

TEST_CASE("empty fields count") {
  CHECK(read("a,,\n\n,\"\",b\n") == "[a||][||b]");
}

TEST_CASE("misplaced quotes are errors with file and line") {
  CHECK(read("a\nb\"c,\"d\n")
        == "x.csv:2: field 1: a quote in a field without quotes");
  CHECK(read("\"a\"b,\"c\"\n")
        == "x.csv:1: field 1: text after a closing quote");
  CHECK(read("a\n\"b\nc\n") == "x.csv:2: a quote is opened and never closed");
}

TEST_CASE("a quote that never closes can't fill the memory") {
  CHECK(read("\"" + std::string(600, 'x') + "\n" + std::string(600, 'x'))
        == "x.csv:1: the record is longer than 1000 bytes");
}

TEST_CASE("only fields that need quotes get them") {
  auto out = std::string{};
  append_csv_field(out, "plain text");
  out += ';';
  append_csv_field(out, "a \"b\",\nc");
  CHECK(out == "plain text;\"a \"\"b\"\",\nc\"");
}

TEST_CASE("numbers are as short as they read back equal") {
  CHECK(written(0.1) == "0.1");
  CHECK(written(1.0) == "1");
  for (auto x : {0.1 + 0.2, 1e300, 5e-324, -2.2250738585072014e-308}) {
    const auto back = read_double(written(x));
    REQUIRE(back);
    CHECK(*back == x);
  }
}

TEST_CASE("a number fills its field") {
  CHECK(!read_double(""));
  CHECK(!read_double("1x"));
  CHECK(!read_double(" 1"));
  CHECK(!read_int("1.5"));
  CHECK(*read_int("-12") == -12);
  const auto large = read_int("9223372036854775808");
  REQUIRE(!large);
  CHECK(large.error().text == "'9223372036854775808' is out of range");
}

TEST_CASE("text of strangers is cut and cleaned in errors") {
  CHECK(shown("a\x1b[31mb") == "'a?[31mb'");
  CHECK(shown(std::string(50, 'x')) == "'" + std::string(40, 'x') + "...'");
}

TEST_SUITE_END();
