#include "runtime/audit/log_history.hpp"

#include "runtime/audit/chain.hpp"
#include "runtime/audit/log_files.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

using namespace starling;
using namespace starling::audit;

namespace {

/// Entries 1 to 3 in a file that was rotated, 4 to 6 in the one that is
/// written to; the even ones are about bob.
struct fixture {
  test::scratch_folder folder;
  std::filesystem::path log = folder / "a.log";
  chain links;

  fixture() {
    write(segment_path(log, 1));
    write(log);
  }

  void write(const std::filesystem::path& file) {
    auto out = std::ofstream{file};
    for (auto end = links.last().seq + 3; links.last().seq < end;) {
      const auto seq = links.last().seq + 1;
      out << *links.append({{seq}, "thing", seq % 2 == 0 ? "bob" : "ann", {}})
          << '\n';
    }
  }

  [[nodiscard]] std::string last(size_t count,
                                 const std::string& subject) const {
    auto found = last_entries(
      log, count, [&](const record& x) { return x.what.subject == subject; });
    REQUIRE(found);
    auto text = std::string{};
    for (const auto& entry : *found)
      text += std::to_string(entry.seq) + " ";
    return text;
  }
};

} // namespace

TEST_SUITE_BEGIN("audit/log_history");

TEST_CASE_FIXTURE(fixture, "entries come from all files, oldest first") {
  CHECK(last(10, "bob") == "2 4 6 ");
  CHECK(last(10, "ann") == "1 3 5 ");
  CHECK(last(10, "cid").empty());
}

TEST_CASE_FIXTURE(fixture, "of many the last ones are kept") {
  CHECK(last(2, "bob") == "4 6 ");
  CHECK(last(1, "ann") == "5 ");
  CHECK(last(0, "ann").empty());
}

TEST_CASE_FIXTURE(fixture, "what is no entry is passed over") {
  {
    auto out = std::ofstream{log, std::ios::app};
    out << "nonsense\n"
        << *links.append({{7}, "thing", "bob", {}}) << "\n{\"torn";
  }
  CHECK(last(10, "bob") == "2 4 6 7 ");
}

TEST_CASE("a log that is not there has no entries") {
  const auto folder = test::scratch_folder{};
  auto found
    = last_entries(folder / "a.log", 10, [](const record&) { return true; });
  REQUIRE(found);
  CHECK(found->empty());
}

TEST_SUITE_END();
