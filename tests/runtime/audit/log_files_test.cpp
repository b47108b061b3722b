#include "runtime/audit/log_files.hpp"

#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/runtime/audit/toy_notary.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

using namespace starling;
using namespace starling::audit;

namespace fs = std::filesystem;

namespace {

const auto owner = toy_notary('o');

/// A log of two files: entries 1 to 3, the third an anchor, and 4 to 5.
struct two_files {
  test::scratch_folder folder;
  fs::path log = folder / "a.log";
  chain links;

  two_files(const notary& by = owner) {
    write(segment_path(log, 1), {happening(), happening(), sign(by)});
    write(log, {happening(), sign(by)});
  }

  std::string happening() {
    return *links.append({{links.last().seq + 1}, "thing", "", {}});
  }

  std::string sign(const notary& by) {
    const auto line = links.anchor({links.last().seq + 1}, by);
    write(head_path(log), {line});
    return line;
  }

  static void write(const fs::path& file,
                    const std::vector<std::string>& lines) {
    auto out = std::ofstream{file};
    for (const auto& line : lines)
      out << line << '\n';
  }
};

} // namespace

TEST_SUITE_BEGIN("audit/log_files");

TEST_CASE("rotated files are found in order, and nothing else is") {
  const auto folder = test::scratch_folder{};
  const auto log = folder / "a.log";
  for (auto name : {"a.log", "a.log.head", "a.log.torn.1", "a.log.123",
                    "b.log.00000000000000000001", "a.log.0000000000000000000x"})
    std::ofstream{folder / name} << "x";
  for (auto seq : {700, 20, 3})
    std::ofstream{segment_path(log, static_cast<uint64_t>(seq))} << "x";
  const auto found = rotated_segments(log);
  REQUIRE(found);
  REQUIRE(found->size() == 3);
  CHECK((*found)[0].filename() == "a.log.00000000000000000003");
  CHECK((*found)[2].filename() == "a.log.00000000000000000700");
  CHECK(rotated_segments(folder / "no/a.log").error().code == ec::file_error);
}

TEST_CASE("a log is checked over all its files") {
  const auto sample = two_files{};
  const auto found = inspect_log(sample.log, owner);
  REQUIRE(found);
  REQUIRE_MESSAGE(found->intact(), found->problem->text);
  CHECK(found->entries == 5);
  CHECK(found->anchors == 2);
}

TEST_CASE("a flaw is named with its file and line") {
  const auto sample = two_files{};
  auto text = std::string{};
  {
    auto in = std::ifstream{sample.log};
    std::getline(in, text, '\0');
  }
  text.replace(text.find("thing"), 5, "thinx");
  std::ofstream{sample.log} << text;
  const auto found = inspect_log(sample.log, owner);
  REQUIRE(found);
  REQUIRE(!found->intact());
  CHECK(found->problem->file == "a.log");
  CHECK(found->problem->line == 1);
}

TEST_CASE("a missing file is missing entries") {
  const auto sample = two_files{};
  fs::remove(segment_path(sample.log, 1));
  const auto found = inspect_log(sample.log, owner);
  REQUIRE(found);
  REQUIRE(!found->intact());
  CHECK(found->problem->what == flaw::dropped);
  CHECK(
    found->problem->text
    == "entries 1 to 3 are missing, and no signed entry says that they were "
       "retired");
}

TEST_CASE("without the newest file the tail is missing") {
  const auto sample = two_files{};
  fs::remove(sample.log);
  const auto found = inspect_log(sample.log, owner);
  REQUIRE(found);
  REQUIRE(!found->intact());
  CHECK(found->problem->what == flaw::truncated);
}

TEST_CASE("without a head, or with another's, a log is not trusted") {
  const auto sample = two_files{};
  const auto problem = [&] {
    const auto found = inspect_log(sample.log, owner);
    return found && !found->intact() ? found->problem->what : flaw{};
  };
  auto foreign = chain{};
  two_files::write(head_path(sample.log),
                   {foreign.anchor({1}, toy_notary('x'))});
  CHECK(problem() == flaw::head_missing);
  CHECK(read_head(sample.log, owner).error().code == ec::authentication_failed);
  fs::remove(head_path(sample.log));
  CHECK(problem() == flaw::head_missing);
  CHECK(read_head(sample.log, owner).error().code == ec::file_error);
}

TEST_CASE("a head that is written reads back, synced or not") {
  const auto sample = two_files{};
  for (auto synced : {false, true}) {
    auto links = chain{sample.links.last()};
    const auto line = links.anchor({9}, owner);
    REQUIRE(write_head(sample.log, line, synced));
    const auto head = read_head(sample.log, owner);
    REQUIRE(head);
    CHECK(*head == links.last());
    CHECK((fs::status(head_path(sample.log)).permissions() & fs::perms::all)
          == (fs::perms::owner_read | fs::perms::owner_write));
  }
}

TEST_CASE("a torn last line is no flaw, a torn line elsewhere is") {
  const auto sample = two_files{};
  std::ofstream{sample.log, std::ios::app} << "{\"deta";
  const auto found = inspect_log(sample.log, owner);
  REQUIRE(found);
  CHECK(found->intact());
  CHECK(found->torn_bytes == 6);
  std::ofstream{segment_path(sample.log, 1), std::ios::app} << "{\"deta";
  CHECK(!inspect_log(sample.log, owner)->intact());
}

TEST_CASE("an endless line is a flaw and takes no memory") {
  const auto sample = two_files{};
  std::ofstream{sample.log, std::ios::app} << std::string(3'000'000, 'x')
                                           << '\n';
  const auto found = inspect_log(sample.log, owner);
  REQUIRE(found);
  REQUIRE(!found->intact());
  CHECK(found->problem->what == flaw::malformed);
  CHECK(found->problem->text == "no audit entry: longer than 131072 bytes");
}

TEST_CASE("no log at all is a file error") {
  const auto folder = test::scratch_folder{};
  CHECK(inspect_log(folder / "a.log", owner).error().code == ec::file_error);
}

TEST_CASE("verify_file takes the owner's key and fails on any flaw") {
  auto rng = identity::seeded_rng{7};
  const auto key = identity::private_key::generate(rng);
  const auto other = identity::private_key::generate(rng);
  const auto sample = two_files{notary_for(key, rng)};
  const auto found = verify_file(sample.log, key.public_part());
  REQUIRE_MESSAGE(found, found.error().text);
  CHECK(found->entries == 5);
  const auto foreign = verify_file(sample.log, other.public_part());
  REQUIRE(!foreign);
  CHECK(foreign.error().code == ec::tampered);
  CHECK(foreign.error().text
        == "a.log.00000000000000000001:3: anchor 3 was signed by another key");
}

TEST_CASE("the end and the first entry of a file are read alone") {
  const auto sample = two_files{};
  CHECK(*last_bytes(sample.log, 2) == "}\n");
  CHECK(last_bytes(segment_path(sample.log, 9), 2).error().code
        == ec::file_error);
  CHECK(first_record(sample.log)->seq == 4);
  std::ofstream{sample.log} << "";
  CHECK(first_record(sample.log).error().code == ec::malformed_input);
  CHECK(last_bytes(sample.log, 2)->empty());
}

TEST_SUITE_END();
