#include "runtime/identity/printable_text.hpp"

#include <doctest/doctest.h>

#include <string>

using starling::identity::is_printable;

TEST_SUITE_BEGIN("runtime/identity/printable_text");

TEST_CASE("ordinary text of any script is printable") {
  CHECK(is_printable(""));
  CHECK(is_printable("node-7 (rack 3)"));
  CHECK(is_printable("Köln"));
  // The examples of RFC 3629 section 7.
  CHECK(is_printable("A\xe2\x89\xa2\xce\x91."));
  CHECK(is_printable("\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4"));
  CHECK(is_printable("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"));
  CHECK(is_printable("\xf0\xa3\x8e\xb4"));
}

TEST_CASE("control characters are not, nor what turns the writing round") {
  CHECK(!is_printable("two\nlines"));
  CHECK(!is_printable("\x1b[2J"));
  CHECK(!is_printable(std::string{"a\0b", 3}));
  CHECK(!is_printable("\x7f"));
  CHECK(!is_printable("\xc2\x9b")); // U+009B, the C1 form of ESC [
  CHECK(is_printable("\xc2\xa0"));  // U+00A0, right after the C1 controls
  CHECK(!is_printable("\xe2\x80\xa8"));
  CHECK(!is_printable("\xe2\x80\xae"));
  CHECK(!is_printable("\xe2\x81\xa6"));
}

// The table of RFC 3629 section 4 and the attacks of its section 10.
TEST_CASE("malformed UTF-8 is not printable") {
  CHECK(!is_printable("\xc0\x80"));
  CHECK(!is_printable("\xc1\xbf"));
  CHECK(!is_printable("\x2f\xc0\xae\x2e\x2f"));
  CHECK(!is_printable("\xe0\x9f\xbf"));
  CHECK(!is_printable("\xf0\x8f\xbf\xbf"));
  CHECK(!is_printable("\xed\xa1\x8c\xed\xbe\xb4")); // surrogates
  CHECK(!is_printable("\xf4\x90\x80\x80"));         // U+110000
  CHECK(!is_printable("\xf8\x88\x80\x80\x80"));
  CHECK(!is_printable("\x80"));
  CHECK(!is_printable("\xff"));
}

TEST_CASE("a character cut off at the end is not printable") {
  CHECK(!is_printable("K\xc3"));
  CHECK(!is_printable("\xe2\x89"));
  CHECK(!is_printable("\xf0\xa3\x8e"));
  CHECK(!is_printable("\xe2\x89z"));
}

TEST_SUITE_END();
