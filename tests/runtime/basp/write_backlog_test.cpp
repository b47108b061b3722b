#include "runtime/basp/write_backlog.hpp"

#include <doctest/doctest.h>

using starling::basp::write_backlog;

namespace {

struct fixture {
  write_backlog backlog;
  uint64_t measured = 0;

  /// Lets messages of that size in until one is refused; returns how many.
  uint64_t fill(uint64_t size, uint64_t most) {
    for (uint64_t i = 0; i < most; ++i)
      if (!enter(size))
        return i;
    return most;
  }

  bool enter(uint64_t size) {
    return backlog.enter([&] {
      ++measured;
      return size;
    });
  }

  void drain(uint64_t messages) {
    for (uint64_t i = 0; i < messages; ++i)
      backlog.leave();
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/basp/write_backlog");

TEST_CASE_FIXTURE(fixture, "large messages are refused beyond the bound") {
  const auto waiting = fill(1u << 20, 1'000);
  CHECK(waiting >= 32);
  // Those that were not measured come on top.
  CHECK(waiting <= 40);
}

TEST_CASE_FIXTURE(fixture, "what was lost is told once") {
  backlog.note_lost();
  backlog.note_lost();
  CHECK(backlog.take_lost() == 2);
  CHECK(backlog.take_lost() == 0);
}

TEST_CASE_FIXTURE(fixture, "of short messages many may wait") {
  CHECK(fill(128, 200'000) == 200'000);
  CHECK(fill(128, 200'000) < 100'000);
}

TEST_CASE_FIXTURE(fixture, "what is taken leaves room") {
  const auto waiting = fill(1u << 20, 1'000);
  drain(waiting / 2);
  const auto more = fill(1u << 20, 1'000);
  CHECK(more >= waiting / 2 - 8);
  CHECK(more <= waiting / 2 + 8);
  drain(waiting - waiting / 2 + more);
  CHECK(fill(1u << 20, 1'000) >= 32);
}

TEST_CASE_FIXTURE(fixture, "while little waits, nothing is measured") {
  fill(100, 10);
  drain(10);
  measured = 0;
  for (auto i = 0; i < 10'000; ++i) {
    CHECK(enter(100));
    drain(1);
  }
  CHECK(measured == 0);
}

TEST_CASE_FIXTURE(fixture, "after short messages long ones are noticed as soon "
                           "as one was taken") {
  fill(100, 5'000);
  drain(5'000);
  CHECK(enter(10u << 20));
  backlog.note_size(10u << 20);
  drain(1);
  CHECK(fill(10u << 20, 100) == 3);
}

TEST_CASE_FIXTURE(fixture, "what leaves without having entered does no harm") {
  drain(10);
  const auto waiting = fill(1u << 20, 1'000);
  CHECK(waiting <= 40);
  drain(2 * waiting);
  CHECK(fill(1u << 20, 1'000) >= 32);
}

TEST_SUITE_END();
