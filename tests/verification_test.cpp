// docs/verification.md names tests: they have to be there.

#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

const auto root = starling::test::source_folder();

std::string text_of(const fs::path& path) {
  auto in = std::ifstream{path};
  REQUIRE_MESSAGE(in, path.string());
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Returns what a group of each match holds.
std::set<std::string> all_in(const std::string& text, const char* pattern) {
  const auto found = std::regex{pattern};
  auto result = std::set<std::string>{};
  for (auto i = std::sregex_iterator{text.begin(), text.end(), found};
       i != std::sregex_iterator{}; ++i)
    result.insert((*i)[1]);
  return result;
}

/// Returns the text between the quotes from a place on, up to what ends the
/// last of several that follow each other.
std::string joined_literals(const std::string& text, size_t at) {
  auto result = std::string{};
  while (at < text.size() && text[at] == '"') {
    for (++at; text[at] != '"'; ++at) {
      if (text[at] == '\\')
        ++at;
      result += text[at];
    }
    at = text.find_first_not_of(" \n", at + 1);
  }
  return result;
}

std::set<std::string> test_cases() {
  const auto mark = std::string{"TEST_CASE"};
  auto result = std::set<std::string>{};
  for (const auto& entry : fs::recursive_directory_iterator{root / "tests"}) {
    if (!entry.path().string().ends_with("_test.cpp"))
      continue;
    const auto text = text_of(entry.path());
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + 1)) {
      const auto quote = text.find('"', at);
      if (quote != std::string::npos)
        result.insert(joined_literals(text, quote));
    }
  }
  return result;
}

std::set<std::string> process_tests() {
  auto result = std::set<std::string>{};
  for (const auto& entry : fs::directory_iterator{root / "tests" / "processes"})
    if (entry.path().extension() == ".py")
      result.merge(all_in(text_of(entry.path()), "def (test_[a-z0-9_]+)"));
  return result;
}

/// Returns the rows of all tables: what is promised, and where it is shown.
std::string rows_of(const std::string& text) {
  auto result = std::string{};
  for (auto begin = size_t{0}; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = text.substr(begin, end - begin);
    begin = end + 1;
    const auto second = line.find(" | ");
    if (line.starts_with("| ") && second != std::string::npos)
      result += line.substr(second + 3) + "\n";
  }
  return result;
}

} // namespace

TEST_SUITE_BEGIN("verification");

TEST_CASE("what docs/verification.md names is there") {
  const auto rows = rows_of(text_of(root / "docs" / "verification.md"));
  const auto cases = test_cases();
  const auto named = all_in(rows, "\"([^\"]+)\"");
  CHECK(named.size() > 100);
  for (const auto& name : named)
    CHECK_MESSAGE(cases.contains(name), name);
  const auto functions = process_tests();
  const auto called = all_in(rows, "`(test_[a-z0-9_]+)`");
  CHECK(called.size() > 20);
  for (const auto& name : called)
    CHECK_MESSAGE(functions.contains(name), name);
  for (const auto& name : all_in(rows, "`fuzz\\.([a-z_]+)`"))
    CHECK_MESSAGE(fs::exists(root / "tests" / "fuzz" / (name + "_target.cpp")),
                  name);
  for (const auto& name : all_in(rows, "`([a-z.]+/[a-z/]+)`"))
    CHECK_MESSAGE(fs::exists(root / name), name);
}

TEST_CASE("every fuzzer has its line") {
  const auto rows = rows_of(text_of(root / "docs" / "verification.md"));
  for (const auto& entry : fs::directory_iterator{root / "tests" / "fuzz"}) {
    const auto name = entry.path().filename().string();
    if (const auto end = name.find("_target.cpp"); end != std::string::npos)
      CHECK_MESSAGE(rows.find("`fuzz." + name.substr(0, end) + "`")
                      != std::string::npos,
                    name);
  }
}

TEST_SUITE_END();
