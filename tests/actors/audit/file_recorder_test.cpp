#include "actors/audit/file_recorder.hpp"

#include "runtime/audit/log_files.hpp"
#include "runtime/audit/verifier.hpp"
#include "tests/runtime/audit/toy_notary.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/scratch_folder.hpp"

#include <caf/send.hpp>

#include <fstream>
#include <iterator>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

const auto owner = audit::toy_notary('o');

struct fixture {
  scratch_folder folder;
  std::filesystem::path file = folder / "audit.jsonl";
  deterministic_system test;
  std::chrono::system_clock::time_point wall
    = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  audit_actor uut = spawn();

  ~fixture() {
    end();
  }

  std::shared_ptr<audit::audit_log> open_log() {
    auto log = audit::audit_log::open(
      {.path = file,
       .segment_max = 64 * 1024,
       .storage_max = 256 * 1024,
       .anchor_entries = 1'000,
       .anchor_interval = 10s,
       .when_synced = audit::sync::never,
       .policy = audit::when_full::retire},
      owner,
      clock::timestamp::from(
        std::chrono::time_point_cast<std::chrono::microseconds>(wall)));
    REQUIRE_MESSAGE(log, log.error().text);
    return std::move(*log);
  }

  audit_actor spawn() {
    auto opts = audit::file_recorder_options{};
    opts.log = open_log();
    opts.wall_clock = [this] { return wall; };
    using impl = audit_actor::stateful_impl<audit::file_recorder_state>;
    return test.sys().spawn<impl>(std::move(opts));
  }

  void end() {
    if (uut)
      caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
    uut = nullptr;
    test.run();
  }

  void note(const std::string& kind) {
    test.tell(uut, audit_event{kind, "someone", {{"why", "a \"reason\""}}});
  }

  /// Both clocks go on.
  void advance(std::chrono::nanoseconds duration) {
    wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(
      duration);
    test.advance(duration);
  }

  audit_position position() {
    auto found = test.ask<audit_position>(uut, query_audit{});
    REQUIRE(found);
    return *found;
  }

  std::string text() const {
    auto in = std::ifstream{file};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  audit::report inspect() const {
    const auto found = audit::inspect_log(file, owner);
    REQUIRE_MESSAGE(found, found.error().text);
    return *found;
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/audit/file_recorder");

TEST_CASE_FIXTURE(fixture, "events are on disk when the actor answers") {
  const auto before = position().sequence;
  note("session.refused");
  note("session.established");
  CHECK(position().sequence == before + 2);
  CHECK(position().lost == 0);
  const auto written = text();
  CHECK(written.find("session.refused") != std::string::npos);
  CHECK(written.find("session.established") != std::string::npos);
  CHECK(written.find("a \\\"reason\\\"") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "entries are signed within the anchor interval") {
  note("thing.happened");
  const auto before = position().sequence;
  advance(9s);
  CHECK(position().sequence == before);
  advance(2s);
  // The anchor is an entry itself; with nothing new, no other follows.
  CHECK(position().sequence == before + 1);
  advance(1min);
  CHECK(position().sequence == before + 1);
}

TEST_CASE_FIXTURE(fixture, "the end of the actor leaves a log that holds") {
  for (auto i = 0; i < 50; ++i)
    note("thing.happened");
  end();
  const auto found = inspect();
  CHECK(found.intact());
  CHECK(found.entries >= 50);
  CHECK(found.unsigned_tail == 0);
}

TEST_CASE_FIXTURE(fixture, "a second life goes on where the first one ended") {
  note("thing.first");
  const auto before = position().sequence;
  end();
  // The wall clock was set back meanwhile; the stamps must not follow.
  wall -= 24h;
  uut = spawn();
  note("thing.second");
  CHECK(position().sequence > before + 1);
  end();
  CHECK(inspect().intact());
}

TEST_CASE_FIXTURE(fixture, "an event that can't be written is counted") {
  const auto before = position().sequence;
  test.tell(uut, audit_event{std::string(1'000'000, 'x'), "someone", {}});
  CHECK(position().lost == 1);
  CHECK(position().sequence == before);
  note("thing.happened");
  CHECK(position().sequence == before + 1);
}

TEST_SUITE_END();
