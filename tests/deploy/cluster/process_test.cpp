#include "deploy/cluster/process.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

using namespace starling;
using namespace starling::cluster;
using namespace std::chrono_literals;

namespace {

/// A shell script that is launched like a node: its last two arguments are
/// "--ready-fd N".
std::vector<std::string> script(const test::scratch_folder& folder,
                                const std::string& text) {
  const auto path = folder / "script";
  std::ofstream{path} << text;
  return {"/bin/sh", path.string()};
}

} // namespace

TEST_SUITE_BEGIN("deploy/cluster/process");

TEST_CASE("a process is told from a later one of the same number") {
  const auto started = start_time_of(::getpid());
  REQUIRE(started);
  CHECK(is_running({::getpid(), *started}));
  CHECK_FALSE(is_running({::getpid(), *started + 1}));
  CHECK_FALSE(is_running({0, 0}));
  CHECK_FALSE(start_time_of(-1));
}

TEST_CASE("a process that ended and was not collected does not run") {
  const auto pid = ::fork();
  if (pid == 0)
    ::_exit(0);
  // Waits for the end and leaves it to be collected.
  auto info = siginfo_t{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT)
          == 0);
  // launch() asks this of a child that may have ended already.
  const auto started = start_time_of(pid);
  REQUIRE(started);
  CHECK_FALSE(is_running({pid, *started}));
  ::waitpid(pid, nullptr, 0);
  CHECK_FALSE(start_time_of(pid));
}

TEST_CASE("a launched process says when it is ready, and is ended by SIGTERM") {
  auto folder = test::scratch_folder{};
  auto started = launch(script(folder, "echo hello\n"
                                       "eval \"echo ready >&$2\"\n"
                                       "exec sleep 60\n"),
                        folder / "log");
  REQUIRE(started);
  auto line = wait_until_ready(*started, 10s);
  REQUIRE(line);
  CHECK(*line == "ready");
  CHECK(is_running(started->id));
  CHECK(last_lines(folder / "log") == "\n  hello");
  CHECK(end_processes({started->id}, 10s) == std::vector{ending::terminated});
  CHECK_FALSE(is_running(started->id));
  CHECK(end_processes({started->id}, 10s) == std::vector{ending::not_running});
}

TEST_CASE("a process that does not want to end is killed") {
  auto folder = test::scratch_folder{};
  auto started = launch(script(folder, "trap '' TERM\n"
                                       "eval \"echo ready >&$2\"\n"
                                       "while :; do sleep 0.05; done\n"),
                        folder / "log");
  REQUIRE(started);
  REQUIRE(wait_until_ready(*started, 10s));
  CHECK(end_processes({started->id}, 50ms) == std::vector{ending::killed});
  CHECK_FALSE(is_running(started->id));
}

TEST_CASE("a process that ends before it is ready is noticed at once") {
  auto folder = test::scratch_folder{};
  auto started
    = launch(script(folder, "echo no such key >&2\nexit 1\n"), folder / "log");
  REQUIRE(started);
  auto line = wait_until_ready(*started, 10s);
  REQUIRE_FALSE(line);
  CHECK(line.error().code == ec::connection_closed);
  CHECK(last_lines(folder / "log") == "\n  no such key");
  [[maybe_unused]] auto ended = end_processes({started->id}, 10s);
}

TEST_CASE("the last words of a process that was never ready are waited for") {
  auto folder = test::scratch_folder{};
  auto started = launch(script(folder, "eval \"exec $2>&-\"\n"
                                       "sleep 0.2\n"
                                       "echo no such key >&2\nexit 1\n"),
                        folder / "log");
  REQUIRE(started);
  CHECK(wait_until_ready(*started, 10s).error().code == ec::connection_closed);
  CHECK(last_lines(folder / "log") == "\n  no such key");
}

TEST_CASE("a process that is not ready in time is given up") {
  auto folder = test::scratch_folder{};
  auto started = launch(script(folder, "exec sleep 60\n"), folder / "log");
  REQUIRE(started);
  CHECK(wait_until_ready(*started, 20ms).error().code == ec::timed_out);
  CHECK(end_processes({started->id}, 10s) == std::vector{ending::terminated});
}

TEST_SUITE_END();
