#include "runtime/audit/audit_log.hpp"

#include "runtime/audit/log_files.hpp"
#include "runtime/file_io.hpp"
#include "tests/runtime/audit/toy_notary.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

using namespace std::chrono_literals;
using namespace starling;
using namespace starling::audit;

namespace fs = std::filesystem;

namespace {

const auto owner = toy_notary('o');

clock::timestamp at(std::chrono::microseconds time) {
  return clock::timestamp::from(clock::physical_time{time});
}

event happening(std::chrono::microseconds time, size_t bytes = 4) {
  return {
    at(time), "thing.happened", "someone", {{"text", std::string(bytes, 'x')}}};
}

struct fixture {
  test::scratch_folder folder;
  audit_log::options opts = {.path = folder / "audit.log",
                             .segment_max = 64 * 1024,
                             .storage_max = 256 * 1024,
                             .anchor_entries = 8,
                             .anchor_interval = 10s,
                             .when_synced = sync::never,
                             .policy = when_full::retire};

  std::unique_ptr<audit_log> open(std::chrono::microseconds now = 1s) const {
    auto log = audit_log::open(opts, owner, at(now));
    REQUIRE_MESSAGE(log, log.error().text);
    return std::move(*log);
  }

  failure refusal() const {
    const auto log = audit_log::open(opts, owner, at(1s));
    REQUIRE(!log);
    return log.error();
  }

  report inspect() const {
    const auto found = inspect_log(opts.path, owner);
    REQUIRE_MESSAGE(found, found.error().text);
    return *found;
  }

  report intact() const {
    auto found = inspect();
    CHECK_MESSAGE(found.intact(), found.problem->text);
    return found;
  }

  std::string text() const {
    return *read_text_file(opts.path, 1'000'000);
  }

  /// Leaves a log of four entries and an anchor, as a killed node would.
  void leave_log() const {
    auto log = open();
    for (auto i = 0; i < 4; ++i)
      REQUIRE(log->append(happening(2s)));
    REQUIRE(log->anchor(at(3s)));
  }
};

} // namespace

TEST_SUITE_BEGIN("audit/audit_log");

TEST_CASE_FIXTURE(fixture, "a new log is opened, written, closed and intact") {
  auto log = open();
  REQUIRE(log->append(happening(2s)));
  REQUIRE(log->close(at(3s)));
  CHECK(log->append(happening(4s)).error().code == ec::wrong_state);
  const auto found = intact();
  // opened, anchor, the event, closed, anchor
  CHECK(found.entries == 5);
  CHECK(found.unsigned_tail == 0);
  CHECK(found.last_time == at(3s));
  CHECK((fs::status(opts.path).permissions() & fs::perms::all)
        == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE_FIXTURE(fixture, "the chain goes on after a restart") {
  leave_log();
  auto log = open(10s);
  CHECK(log->last_time() == at(10s));
  CHECK(log->last().seq == 9);
  CHECK(log->torn_bytes() == 0);
  REQUIRE(log->close(at(11s)));
  CHECK(intact().entries == 11);
}

TEST_CASE_FIXTURE(fixture, "every eighth entry is followed by an anchor") {
  auto log = open();
  for (auto i = 0; i < 24; ++i)
    REQUIRE(log->append(happening(2s)));
  const auto found = intact();
  CHECK(found.anchors == 1 + 3);
  CHECK(found.unsigned_tail == 0);
}

TEST_CASE_FIXTURE(fixture, "an entry waits ten seconds for its anchor") {
  auto log = open(1s);
  REQUIRE(log->tick(at(100s)));
  CHECK(intact().anchors == 1);
  REQUIRE(log->append(happening(100s)));
  REQUIRE(log->append(happening(105s)));
  REQUIRE(log->tick(at(109'999ms)));
  CHECK(intact().unsigned_tail == 2);
  REQUIRE(log->tick(at(110s)));
  CHECK(intact().unsigned_tail == 0);
  REQUIRE(log->tick(at(200s)));
  CHECK(intact().anchors == 2);
}

TEST_CASE_FIXTURE(fixture, "a torn last line is kept aside and recorded") {
  leave_log();
  const auto whole = text();
  std::ofstream{opts.path, std::ios::app} << R"({"detail":{"text":"xx)";
  auto log = open(10s);
  CHECK(log->torn_bytes() == 21);
  CHECK(*read_text_file(folder / "audit.log.torn.1", 100)
        == R"({"detail":{"text":"xx)");
  REQUIRE(log->close(at(11s)));
  intact();
  CHECK(text().starts_with(whole));
  CHECK(
    text().find(R"("detail":{"bytes":"21","file":"audit.log.torn.1"},"hash")")
    != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a log whose only line is torn starts anew") {
  std::ofstream{opts.path} << "{";
  CHECK(open()->torn_bytes() == 1);
  CHECK(intact().first == 1);
}

TEST_CASE_FIXTURE(fixture, "a changed, cut or headless log is not continued") {
  leave_log();
  const auto whole = text();
  auto changed = whole;
  changed.replace(changed.find("someone"), 7, "anybody");
  std::ofstream{opts.path} << changed;
  CHECK(refusal().code == ec::tampered);
  std::ofstream{opts.path} << whole.substr(0, whole.find('\n') + 1);
  CHECK(refusal().code == ec::tampered);
  std::ofstream{opts.path} << "";
  CHECK(refusal().code == ec::tampered);
  fs::remove(opts.path);
  CHECK(refusal().code == ec::tampered);
  std::ofstream{opts.path} << whole;
  fs::remove(head_path(opts.path));
  const auto headless = refusal();
  CHECK(headless.code == ec::tampered);
  CHECK(headless.text.ends_with("audit.log.head: the log was signed, but its "
                                "head is missing"));
}

TEST_CASE_FIXTURE(fixture, "a crash before the first head does no harm") {
  static_cast<void>(open());
  fs::remove(head_path(opts.path));
  REQUIRE(open()->close(at(2s)));
  intact();
}

TEST_CASE_FIXTURE(fixture, "a full file is rotated with its chain") {
  auto log = open();
  for (auto i = 0; i < 120; ++i)
    REQUIRE(log->append(happening(2s, 1000)));
  const auto rotated = rotated_segments(opts.path);
  REQUIRE(rotated);
  CHECK(rotated->size() == 2);
  CHECK(fs::file_size(rotated->front()) <= opts.segment_max);
  CHECK(text().starts_with(R"({"detail":{"file":"audit.log.0000000000000000)"));
  REQUIRE(log->close(at(3s)));
  CHECK(intact().first == 1);
  // A restart finds the older files again.
  const auto bytes = log->stored_bytes();
  log.reset();
  CHECK(open()->stored_bytes() > bytes);
  intact();
}

TEST_CASE_FIXTURE(fixture,
                  "a crash between the two halves of a rotation heals") {
  leave_log();
  fs::rename(opts.path, segment_path(opts.path, 1));
  REQUIRE(open(10s)->close(at(11s)));
  CHECK(intact().entries == 11);
}

TEST_CASE_FIXTURE(fixture, "the oldest file is retired, and the log says so") {
  auto log = open();
  for (auto i = 0; i < 1000; ++i)
    REQUIRE(log->append(happening(2s, 1000)));
  CHECK(log->stored_bytes() <= opts.storage_max);
  REQUIRE(log->close(at(3s)));
  const auto found = intact();
  CHECK(found.first > 1);
  CHECK(found.last.seq > 1000);
  CHECK(!fs::exists(segment_path(opts.path, 1)));
}

TEST_CASE_FIXTURE(fixture,
                  "a log that may not retire refuses to lose anything") {
  opts.policy = when_full::refuse;
  auto log = open();
  auto written = 0;
  while (log->append(happening(2s, 1000)))
    REQUIRE(++written < 1000);
  CHECK(log->append(happening(2s, 1000)).error().code == ec::limit_reached);
  REQUIRE(log->close(at(3s)));
  CHECK(log->stored_bytes() <= opts.storage_max);
  const auto found = intact();
  CHECK(found.first == 1);
  CHECK(found.entries > static_cast<uint64_t>(written));
  log.reset();
  CHECK(refusal().code == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture,
                  "when the node's storage is used up, the log can say so, and "
                  "is then refused") {
  auto node = resources::resource_state{{.storage = 100'000}};
  opts.resources = &node;
  opts.policy = when_full::refuse;
  opts.storage_max = 10'000'000;
  auto log = open();
  // Far beyond the limit, by what others wrote.
  node.set({.storage = 5'000'000});
  auto written = size_t{0};
  auto refused = result<void>{};
  while (written < 1'000 && (refused = log->append(happening(2s, 1'000))))
    ++written;
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ec::limit_reached);
  CHECK(refused.error().text.find("[limits] storage") != std::string::npos);
  // An entry has about 1,200 bytes; anchors are not counted.
  CHECK(written > 180);
  CHECK(written < audit_log::overdraft / 1'000);
  CHECK(intact().entries > written);
  // Room for others is room for the log.
  node.set({.storage = 0});
  CHECK(log->append(happening(3s, 1'000)));
}

TEST_CASE_FIXTURE(fixture,
                  "a log that may retire makes room in the node's storage") {
  auto node = resources::resource_state{{.storage = 1'000'000}};
  opts.resources = &node;
  opts.storage_max = 100'000'000;
  auto log = open();
  for (auto i = 0; i < 200; ++i)
    REQUIRE(log->append(happening(2s, 1'000)));
  CHECK(node.storage() >= 200'000);
  // Something else fills the folder.
  node.set({.storage = 5'000'000});
  for (auto i = 0; i < 600; ++i)
    REQUIRE(log->append(happening(2s, 1'000)));
  CHECK(log->stored_bytes() < 1'500'000);
  CHECK(intact().first > 1);
}

TEST_CASE_FIXTURE(fixture, "only one at a time writes a log") {
  const auto log = open();
  CHECK(refusal().code == ec::wrong_state);
}

TEST_CASE_FIXTURE(fixture, "wrong options are refused") {
  const auto code = [this](auto change) {
    auto copy = opts;
    change(copy);
    const auto log = audit_log::open(copy, owner, at(1s));
    return log ? ec{} : log.error().code;
  };
  CHECK(code([](auto& x) { x.path = ""; }) == ec::invalid_option);
  CHECK(code([](auto& x) { x.segment_max = 1000; }) == ec::invalid_option);
  CHECK(code([](auto& x) { x.storage_max = 4 * x.segment_max - 1; })
        == ec::invalid_option);
  CHECK(code([](auto& x) { x.anchor_entries = 0; }) == ec::invalid_option);
  CHECK(code([](auto& x) { x.path = "/nowhere/a.log"; }) == ec::file_error);
  auto mute = owner;
  mute.sign = nullptr;
  CHECK(audit_log::open(opts, mute, at(1s)).error().code == ec::invalid_option);
}

TEST_CASE_FIXTURE(fixture,
                  "a failing signature leaves the entry, and is redone") {
  auto broken = false;
  auto moody = owner;
  moody.sign = [&broken](std::span<const uint8_t> message) {
    if (broken)
      throw std::runtime_error{"no entropy"};
    return owner.sign(message);
  };
  opts.anchor_entries = 1;
  auto log = audit_log::open(opts, moody, at(1s));
  REQUIRE(log);
  broken = true;
  const auto before = (*log)->last().seq;
  const auto failed = (*log)->append(happening(2s));
  REQUIRE(!failed);
  CHECK(failed.error().text.ends_with("can't be signed: no entropy"));
  CHECK((*log)->last().seq == before + 1);
  broken = false;
  REQUIRE((*log)->tick(at(20s)));
  CHECK(intact().unsigned_tail == 0);
}

TEST_CASE_FIXTURE(fixture, "reserved kinds are refused without a trace") {
  auto log = open();
  const auto before = text();
  CHECK(log->append({at(2s), "audit.closed", "", {}}).error().code
        == ec::malformed_input);
  CHECK(text() == before);
}

TEST_CASE_FIXTURE(fixture,
                  "entries forced onto the disk are the same entries") {
  opts.when_synced = sync::entry;
  REQUIRE(open()->append(happening(2s)));
  opts.when_synced = sync::anchor;
  REQUIRE(open()->append(happening(3s)));
  CHECK(intact().unsigned_tail == 1);
}

TEST_SUITE_END();
