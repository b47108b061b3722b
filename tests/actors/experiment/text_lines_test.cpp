#include "actors/experiment/text_lines.hpp"

#include "tests/actors/experiment/support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

using namespace starling;
using namespace starling::experiment;

namespace {

std::string zipped(const std::string& text) {
  const auto folder = test::temporary_folder{};
  const auto file = folder / "x.gz";
  auto* out = gzopen(file.c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  return test::content_of(file);
}

struct fixture {
  test::temporary_folder folder;

  /// Reads all lines of a file with that content, joined by '|'; or the error.
  result<std::string> read(const std::string& content,
                           text_lines::options opts = {}) const {
    auto lines = text_lines::open(folder.write("file", content), opts);
    if (!lines)
      return lines.error();
    auto out = std::string{};
    auto line = std::string{};
    for (;;) {
      auto more = lines->next(line);
      if (!more)
        return more.error();
      if (!*more)
        return out + "#" + std::to_string(lines->number());
      out += line + "|";
    }
  }
};

} // namespace

TEST_SUITE_BEGIN("experiment/text_lines");

TEST_CASE_FIXTURE(fixture, "plain and gzip files read alike") {
  CHECK(*read("a\nb\n\nc\n") == "a|b||c|#4");
  CHECK(*read(zipped("a\nb\n\nc\n")) == "a|b||c|#4");
}

TEST_CASE_FIXTURE(fixture, "the last line needs no end") {
  CHECK(*read("a\nb") == "a|b|#2");
  CHECK(*read("") == "#0");
}

TEST_CASE_FIXTURE(fixture, "lines may be longer than the buffer") {
  const auto text = std::string(200'000, 'x');
  CHECK(*read(text + "\ny\n") == text + "|y|#2");
}

TEST_CASE_FIXTURE(fixture, "a cut-off archive is an error") {
  auto whole = std::string{};
  for (auto i = 0; i < 50'000; ++i)
    whole += std::to_string(i * 7919 % 100'003) + "\n";
  const auto bytes = zipped(whole);
  const auto cut = read(bytes.substr(0, bytes.size() / 2));
  REQUIRE(!cut);
  CHECK(cut.error().code == ec::file_error);
  CHECK(cut.error().text.find("cut off") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a changed archive is an error") {
  auto bytes = zipped("some text that is long enough to be changed\n");
  bytes[bytes.size() - 6] = static_cast<char>(~bytes[bytes.size() - 6]);
  const auto changed = read(bytes);
  REQUIRE(!changed);
  CHECK(changed.error().code == ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "bounds hold for what is unpacked") {
  const auto bomb = zipped(std::string(10'000'000, '\n'));
  CHECK(bomb.size() < 50'000);
  const auto large = read(bomb, {.bytes_max = 1'000'000});
  REQUIRE(!large);
  CHECK(large.error().code == ec::limit_reached);
  const auto broad = read("1\n" + std::string(101, 'x'), {.line_max = 100});
  REQUIRE(!broad);
  CHECK(broad.error().code == ec::limit_reached);
  CHECK(broad.error().text.find(":2: the line is longer than 100 bytes")
        != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "absent files and folders are errors") {
  const auto absent = text_lines::open(folder / "absent", {});
  REQUIRE(!absent);
  CHECK(absent.error().code == ec::file_error);
  CHECK(absent.error().text.find("No such file") != std::string::npos);
  auto line = std::string{};
  auto dir = text_lines::open(folder.path(), {});
  CHECK((!dir || !dir->next(line)));
}

TEST_SUITE_END();
