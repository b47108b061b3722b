#include "runtime/config/document.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace starling::config;
using starling::ec;

namespace {

std::string times(std::string_view text, size_t count) {
  auto result = std::string{};
  for (size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

ec code_of(std::string_view text) {
  const auto parsed = document::parse(text, "a.toml");
  return parsed ? ec{} : parsed.error().code;
}

} // namespace

TEST_SUITE_BEGIN("config/document");

TEST_CASE("a mistake in the syntax is named with file, line and column") {
  const auto parsed = document::parse("a = 1\nb = = 2\n", "node.toml");
  REQUIRE(!parsed);
  CHECK(parsed.error().code == ec::malformed_input);
  CHECK(parsed.error().text.starts_with("node.toml:2:5: "));
}

TEST_CASE("a key given twice is a mistake") {
  CHECK(code_of("a = 1\na = 2\n") == ec::malformed_input);
}

TEST_CASE("a file is read from disk, and a missing one is a file error") {
  const auto file = std::filesystem::temp_directory_path()
                    / ("document_test_" + std::to_string(getpid()) + ".toml");
  std::ofstream{file} << "a = 7\n";
  auto loaded = document::load(file);
  REQUIRE(loaded);
  CHECK(loaded->file() == file.string());
  auto a = 0;
  loaded->root().read("a", a);
  CHECK(a == 7);
  std::filesystem::remove(file);
  CHECK(document::load(file).error().code == ec::file_error);
}

TEST_CASE("an overlong text is refused before it is parsed") {
  CHECK(code_of(std::string(document::size_max, '\n')) == ec{});
  CHECK(code_of(std::string(document::size_max + 1, '\n'))
        == ec::malformed_input);
}

TEST_CASE("deep nesting is refused, however it is written") {
  CHECK(code_of("a = " + times("[", 10) + times("]", 10)) == ec{});
  CHECK(code_of("a = " + times("[", 300) + times("]", 300))
        == ec::malformed_input);
  CHECK(code_of("a = " + times("{b = ", 300) + "1" + times("}", 300))
        == ec::malformed_input);
  CHECK(code_of("a" + times(".a", 400'000) + " = 1") == ec::malformed_input);
  CHECK(code_of("[a" + times(".a", 400'000) + "]") == ec::malformed_input);
  // The deepest that is let through must not overflow the stack either.
  const auto deep = "a" + times(".a", 240);
  auto text = "[" + deep + "]\n" + deep + " = ";
  for (auto i = 0; i < 5; ++i)
    text += "[\n{" + deep + " = ";
  text += "1" + times("}\n]", 5);
  CHECK(code_of(text) == ec{});
}

TEST_CASE("bytes that are no UTF-8 are refused") {
  CHECK(code_of("a = \"\xff\xfe\"") == ec::malformed_input);
}

TEST_CASE("letters beyond ASCII belong in strings and comments") {
  for (auto text : {"a = \"\u0411\" # \u0411\nb = 1", "\"\u0411\" = 1",
                    "'\u0411' = 1", "a = \"\"\"\n\\\"\u0411\n\"\"\"",
                    "a = '''\n'\u0411\n'''", "a = \"\\\\\" # \u0411"})
    CHECK_MESSAGE(code_of(text) == ec{}, text);
  for (auto text : {"\u0411 = 1", "a = \"x\" \u0411", "a = 'x\\' \u0411 '",
                    "# x\n\u0411", "\xd0\x92"})
    CHECK_MESSAGE(code_of(text) == ec::malformed_input, text);
  const auto parsed = document::parse("a = 1\nb\u0411 = 2\n", "a.toml");
  REQUIRE(!parsed);
  CHECK(parsed.error().text.find("a.toml:2:2:") == 0);
}

TEST_SUITE_END();
