#include "actors/experiment/markup.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling::experiment;

TEST_SUITE_BEGIN("experiment/markup");

TEST_CASE("markup from outside is only text") {
  CHECK(
    escaped("<script>alert('x & \"y\"')</script>")
    == "&lt;script&gt;alert(&#39;x &amp; &quot;y&quot;&#39;)&lt;/script&gt;");
}

TEST_CASE("control characters are replaced") {
  CHECK(escaped(std::string_view{"a\0b\x1b[1m\n", 8}) == "a\ufffdb\ufffd[1m\n");
}

// Unicode 15, table 3-7; the ill-formed ones from table 3-8 and section 3.9.
TEST_CASE("UTF-8 passes and what only looks like it is replaced") {
  CHECK(escaped("\u00b5 \u20ac \U0001f426") == "\u00b5 \u20ac \U0001f426");
  CHECK(escaped("\xc0\xaf") == "\ufffd\ufffd");
  CHECK(escaped("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");
  CHECK(escaped("\xf4\x90\x80\x80") == "\ufffd\ufffd\ufffd\ufffd");
  CHECK(escaped("a\xe2\x82") == "a\ufffd\ufffd");
}

TEST_CASE("figures have three digits, undefined ones a dash") {
  CHECK(figure_text(0.56249) == "0.562");
  CHECK(figure_text(std::numeric_limits<double>::quiet_NaN()) == "\u2013");
}

TEST_CASE("shares keep two digits that mean something") {
  CHECK(percent_text(0.0042) == "0.42\u202f%");
  CHECK(percent_text(0.034) == "3.4\u202f%");
  CHECK(percent_text(0.379) == "38\u202f%");
  CHECK(percent_text(0.0) == "0\u202f%");
  CHECK(percent_text(std::numeric_limits<double>::quiet_NaN()) == "\u2013");
}

TEST_CASE("long counts are parted in threes") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(4320) == "4320");
  CHECK(count_text(1234567) == "1\u202f234\u202f567");
}

TEST_CASE("bytes have the unit that suits them") {
  CHECK(bytes_text(999) == "999\u202fB");
  CHECK(bytes_text(12'345) == "12.3\u202fkB");
  CHECK(bytes_text(999'999) == "1.0\u202fMB");
}

TEST_CASE("rows may be half or missing") {
  CHECK(rows_text(1.5) == "1.5");
  CHECK(rows_text(std::nullopt) == "\u2013");
}

TEST_SUITE_END();
