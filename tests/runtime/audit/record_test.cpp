#include "runtime/audit/record.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling::audit;
using starling::ec;

namespace {

// Made with Python's json (sort_keys, separators "," and ":", no ASCII
// escapes) and hashlib.
constexpr auto first_line
  = R"({"detail":{"who":"Zoë \"z\"\n","why":"expired"},)"
    R"("hash":"f9cb2b37f7795050b97aa37ba3d12fd4c4c30ed7e89c6f96bbf4b50fcc009592")"
    R"(,"kind":"token.refused",)"
    R"("prev":"0000000000000000000000000000000000000000000000000000000000000000")"
    R"(,"seq":1,"subject":"4fe2","time":4096000})";

record first() {
  return {1,
          {{4'096'000},
           "token.refused",
           "4fe2",
           {{"why", "expired"}, {"who", "Zoë \"z\"\n"}}},
          {},
          {}};
}

ec code_of(std::string_view line) {
  const auto parsed = parse_record(line);
  return parsed ? ec{} : parsed.error().code;
}

} // namespace

TEST_SUITE_BEGIN("audit/record");

TEST_CASE("a line and its hash are what an independent program makes") {
  auto x = first();
  x.hash = hash_of(x);
  CHECK(to_text(x.hash)
        == "f9cb2b37f7795050b97aa37ba3d12fd4c4c30ed7e89c6f96bbf4b50fcc009592");
  CHECK(to_line(x) == first_line);
}

TEST_CASE("a line reads back as what was written") {
  const auto x = parse_record(first_line);
  REQUIRE(x);
  CHECK(x->seq == 1);
  CHECK(x->what == first().what);
  CHECK(x->prev == digest{});
  CHECK(x->hash == hash_of(*x));
}

TEST_CASE("any other spelling of the same entry is refused") {
  const auto line = std::string{first_line};
  const auto with = [&line](const std::string& from, const std::string& to) {
    auto other = line;
    other.replace(other.find(from), from.size(), to);
    return code_of(other);
  };
  CHECK(with("\"seq\":1", "\"seq\": 1") == ec::malformed_input);
  CHECK(with("\"seq\":1", "\"seq\":1.0") == ec::malformed_input);
  CHECK(with("\"seq\":1", "\"seq\":01") == ec::malformed_input);
  CHECK(with("\"seq\":1", "\"seq\":1,\"seq\":1") == ec::malformed_input);
  CHECK(with("\"seq\":1", "\"seq\":-1") == ec::malformed_input);
  CHECK(with("f9cb", "F9CB") == ec::malformed_input);
  CHECK(with("ë", "\\u00eb") == ec::malformed_input);
  CHECK(code_of(line + " ") == ec::malformed_input);
  CHECK(code_of(line) == ec{});
}

TEST_CASE("what is no entry is refused") {
  for (auto line : {"", "{}", "[]", "null", "7", "{\"seq\":1}", "\xff", "{"})
    CHECK_MESSAGE(code_of(line) == ec::malformed_input, line);
  CHECK(code_of(std::string(line_max + 1, '[')) == ec::malformed_input);
  CHECK(code_of(std::string(line_max, '[')) == ec::malformed_input);
  const auto line = std::string{first_line};
  auto nested = line;
  nested.replace(nested.find("\"expired\""), 9, "{\"a\":1}");
  CHECK(code_of(nested) == ec::malformed_input);
}

TEST_CASE("what a stranger can make long is cut, at a character's border") {
  auto x = first().what;
  x.subject = std::string(255, 's') + "ë";
  x.detail = {{std::string(100, 'n'), std::string(5000, 'v')}};
  const auto y = bounded(x);
  CHECK(y.subject == std::string(255, 's'));
  CHECK(y.detail
        == std::map<std::string, std::string>{
          {std::string(64, 'n'), std::string(1024, 'v')}});
  for (auto i = 0; i < 100; ++i)
    x.detail[std::to_string(i)] = "";
  CHECK(bounded(x).detail.size() == detail_max);
}

TEST_CASE("bytes that are no UTF-8 become the replacement character") {
  auto x = first();
  x.what.subject = "a\xff";
  x.what = bounded(x.what);
  CHECK(x.what.subject == "a\uFFFD");
  CHECK(parse_record(to_line(x)));
}

TEST_CASE("the longest entry fits into a line") {
  auto x = record{};
  x.what.kind = "k";
  // A control character takes six bytes: \u0001.
  x.what.subject = std::string(subject_max, '\1');
  for (size_t i = 0; i < detail_max; ++i)
    x.what.detail[std::string(detail_name_max - 1, '\1')
                  + static_cast<char>('a' + i)]
      = std::string(detail_value_max, '\1');
  const auto line = to_line(x);
  CHECK(line.size() <= line_max);
  CHECK(parse_record(line));
}

TEST_SUITE_END();
