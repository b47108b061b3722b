#include "runtime/audit/verifier.hpp"

#include "tests/runtime/audit/toy_notary.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace starling::audit;

namespace {

const auto owner = toy_notary('o');

event happening(uint64_t i) {
  return {{i}, "thing.happened", "s", {{"n", std::to_string(i)}}};
}

struct sample {
  chain links;
  std::vector<std::string> lines;
  /// What a head file would hold.
  position head;

  void add(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      lines.push_back(*links.append(happening(links.last().seq + 1)));
  }

  void sign(const notary& by = owner) {
    lines.push_back(links.anchor({links.last().seq + 1}, by));
    head = links.last();
  }
};

/// Entries 1 to 12 with anchors at 4, 8 and 12.
sample twelve() {
  auto log = sample{};
  for (auto i = 0; i < 3; ++i) {
    log.add(3);
    log.sign();
  }
  return log;
}

report check(const sample& log) {
  return verify(log.lines, owner, log.head);
}

void replace(std::string& line, const std::string& from,
             const std::string& to) {
  line.replace(line.find(from), from.size(), to);
}

/// Changes an entry and hashes it anew, as a careful forger would.
void rewrite(std::string& line, const std::string& from,
             const std::string& to) {
  replace(line, from, to);
  auto x = *parse_record(line);
  x.hash = hash_of(x);
  line = to_line(x);
}

} // namespace

TEST_SUITE_BEGIN("audit/verifier");

TEST_CASE("an untouched log is intact") {
  const auto found = check(twelve());
  CHECK(found.intact());
  CHECK(found.entries == 12);
  CHECK(found.anchors == 3);
  CHECK(found.first == 1);
  CHECK(found.last.seq == 12);
  CHECK(found.last_time.bits == 12);
  CHECK(found.unsigned_tail == 0);
}

TEST_CASE("entries after the last anchor are counted as unsigned") {
  auto log = twelve();
  log.add(2);
  const auto found = check(log);
  CHECK(found.intact());
  CHECK(found.unsigned_tail == 2);
}

TEST_CASE("any change of any line is found, and named by its line") {
  for (size_t i = 0; i < 12; ++i)
    for (size_t at = 0; at < 300; at += 7) {
      auto log = twelve();
      auto& line = log.lines[i];
      line[at % line.size()] ^= 1;
      const auto found = check(log);
      REQUIRE_MESSAGE(!found.intact(), i, " ", at);
      CHECK(found.problem->line == i + 1);
    }
}

TEST_CASE("a changed entry is named as changed") {
  auto log = twelve();
  replace(log.lines[5], "\"n\":\"6\"", "\"n\":\"9\"");
  const auto found = check(log);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::changed);
  CHECK(found.problem->line == 6);
  CHECK(found.problem->text
        == "entry 6 was changed: its hash is that of other content");
}

TEST_CASE("a changed entry with a new hash no longer fits the next one") {
  auto log = twelve();
  rewrite(log.lines[5], "\"n\":\"6\"", "\"n\":\"9\"");
  const auto found = check(log);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::changed);
  CHECK(found.problem->line == 7);
}

TEST_CASE("who rewrites all that follows fails at the next anchor") {
  auto log = sample{};
  log.add(3);
  log.sign();
  auto forged = log;
  log.add(3);
  log.sign();
  forged.add(1);
  forged.lines.push_back(*forged.links.append({{6}, "lie", "", {}}));
  forged.add(1);
  // The honest signature, moved onto the forged entries.
  auto anchor = *parse_record(log.lines.back());
  anchor.prev = forged.links.last().hash;
  anchor.hash = hash_of(anchor);
  forged.lines.push_back(to_line(anchor));
  const auto found = check(forged);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::foreign_signature);
  CHECK(found.problem->line == 8);
  CHECK(found.problem->text
        == "the signature of anchor 8 does not fit: it or the 3 entries before "
           "it were rewritten");
}

TEST_CASE("an anchor by another key is a foreign signature") {
  auto log = sample{};
  log.add(3);
  log.sign(toy_notary('x'));
  const auto found = check(log);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::foreign_signature);
  CHECK(found.problem->text == "anchor 4 was signed by another key");
}

TEST_CASE("dropped entries are found anywhere") {
  for (size_t i = 0; i < 12; ++i) {
    auto log = twelve();
    log.lines.erase(log.lines.begin() + static_cast<ptrdiff_t>(i));
    const auto found = check(log);
    REQUIRE_MESSAGE(!found.intact(), i);
    CHECK(found.problem->what == (i == 11 ? flaw::truncated : flaw::dropped));
  }
  auto log = twelve();
  log.lines.erase(log.lines.begin() + 4, log.lines.begin() + 7);
  const auto found = check(log);
  CHECK(found.problem->line == 5);
  CHECK(found.problem->text == "entries 5 to 7 are missing before entry 8");
}

TEST_CASE("a swap of entries is named as such, not as a loss") {
  for (size_t i = 0; i + 1 < 12; ++i) {
    auto log = twelve();
    std::swap(log.lines[i], log.lines[i + 1]);
    const auto found = check(log);
    REQUIRE_MESSAGE(!found.intact(), i);
    CHECK_MESSAGE(found.problem->what == flaw::reordered, i);
  }
  auto log = twelve();
  std::rotate(log.lines.begin() + 2, log.lines.begin() + 3, log.lines.end());
  const auto found = check(log);
  CHECK(found.problem->line == 3);
  CHECK(found.problem->text
        == "entry 3 is missing before entry 4; it stands in line 12 instead");
}

TEST_CASE("an entry that stands there twice is found") {
  auto log = twelve();
  log.lines.insert(log.lines.begin() + 6, log.lines[5]);
  const auto found = check(log);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::repeated);
  CHECK(found.problem->line == 7);
}

TEST_CASE("a cut tail is found by the head") {
  auto log = twelve();
  log.lines.resize(8);
  CHECK(verify(log.lines, owner).intact());
  const auto found = check(log);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::truncated);
  CHECK(
    found.problem->text
    == "the log ends with entry 8, but entry 12 was signed: the end was cut "
       "off");
}

TEST_CASE("a log with another past than its head is found") {
  auto log = sample{};
  log.add(3);
  log.head = {3, digest{1}};
  const auto found = check(log);
  REQUIRE(!found.intact());
  CHECK(found.problem->what == flaw::changed);
}

TEST_CASE("a log may begin later if a signed entry says why") {
  auto log = twelve();
  const auto past = *parse_record(log.lines[3]);
  const auto say = [&](uint64_t last) {
    auto copy = log;
    copy.lines.push_back(copy.links.append_own(
      kind::retired, {13},
      {{"last", std::to_string(last)}, {"hash", to_text(past.hash)}}));
    copy.lines.erase(copy.lines.begin(), copy.lines.begin() + 4);
    return copy;
  };
  auto unsigned_yet = say(4);
  CHECK(!check(unsigned_yet).intact());
  auto explained = say(4);
  explained.sign();
  const auto found = check(explained);
  CHECK(found.intact());
  CHECK(found.first == 5);
  auto other = say(3);
  other.sign();
  REQUIRE(!check(other).intact());
  CHECK(check(other).problem->what == flaw::dropped);
}

TEST_CASE("lines are counted by file") {
  auto log = twelve();
  log.lines[9][0] = '!';
  auto checker = verifier{owner, {}};
  checker.begin_file("one");
  for (size_t i = 0; i < 12; ++i) {
    if (i == 8)
      checker.begin_file("two");
    checker.feed(log.lines[i]);
  }
  const auto found = checker.finish();
  REQUIRE(!found.intact());
  CHECK(found.problem->file == "two");
  CHECK(found.problem->line == 2);
  CHECK(found.problem->what == flaw::malformed);
}

TEST_CASE("numbers at the ends of their range do no harm") {
  for (auto seq : {uint64_t{0}, ~uint64_t{0}}) {
    auto x = record{seq, happening(1), {}, {}};
    x.hash = hash_of(x);
    const auto line = to_line(x);
    CHECK(!verify(std::vector{line, line}, owner).intact());
  }
}

TEST_SUITE_END();
