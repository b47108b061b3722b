#include "deploy/starling/text_table.hpp"

#include <doctest/doctest.h>

using namespace starling::cli;

TEST_SUITE_BEGIN("deploy/starling/text_table");

TEST_CASE("columns line up, and numbers stand to the right") {
  auto table = text_table{{"NAME", "SIZE", "NOTE"}};
  table.add({"a", "5", "x"});
  table.add({"longer", "1234", ""});
  CHECK(table.text()
        == "NAME    SIZE  NOTE\n"
           "a          5  x\n"
           "longer  1234\n");
}

TEST_CASE("letters beyond ASCII take one column") {
  CHECK(columns_of("K\xc3\xb6ln") == 4);
  auto table = text_table{{"A", "B"}};
  table.add({"K\xc3\xb6ln", "x"});
  table.add({"Bonn", "y"});
  CHECK(table.text() == "A     B\nK\xc3\xb6ln  x\nBonn  y\n");
}

TEST_CASE("a name can't move the cursor") {
  auto table = text_table{{"A"}};
  table.add({"x\x1b[2J\n"});
  CHECK(table.text() == "A\nx?[2J?\n");
}

TEST_CASE("bytes are rounded to what people read") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(999) == "999 B");
  CHECK(human_bytes(1000) == "1.0 kB");
  CHECK(human_bytes(99'940) == "99.9 kB");
  CHECK(human_bytes(99'960) == "100 kB");
  CHECK(human_bytes(999'600) == "1.0 MB");
  CHECK(human_bytes(1.5e9) == "1.5 GB");
}

TEST_CASE("durations are rounded to what people read") {
  CHECK(human_duration(0.00034) == "340 us");
  CHECK(human_duration(0.0012) == "1.2 ms");
  CHECK(human_duration(59.94) == "59.9 s");
  CHECK(human_duration(125) == "2 min 5 s");
  CHECK(human_duration(3 * 86'400 + 4 * 3600) == "3 d 4 h");
}

TEST_SUITE_END();
