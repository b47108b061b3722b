#include "runtime/audit/append_file.hpp"

#include "runtime/file_io.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

using namespace starling;
using namespace starling::audit;

namespace fs = std::filesystem;

TEST_SUITE_BEGIN("audit/append_file");

TEST_CASE("pieces are appended, also after the file was opened again") {
  const auto folder = test::scratch_folder{};
  const auto path = folder.path() / "log";
  {
    auto file = append_file{};
    REQUIRE(file.open(path));
    REQUIRE(file.append("one\n", false));
    REQUIRE(file.append("two\n", true));
    CHECK(file.size() == 8);
  }
  auto file = append_file{};
  REQUIRE(file.open(path));
  CHECK(file.size() == 8);
  REQUIRE(file.append("three\n", false));
  CHECK(*read_text_file(path, 100) == "one\ntwo\nthree\n");
  CHECK((fs::status(path).permissions() & fs::perms::all)
        == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a write that fails halfway leaves nothing behind") {
  const auto folder = test::scratch_folder{};
  auto file = append_file{};
  REQUIRE(file.open(folder.path() / "log"));
  REQUIRE(file.append("whole\n", false));
  // A limit on the file's size stands for a full disk: the first ten bytes fit.
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit tight = {10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = file.append("too long\n", false);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::file_error);
  CHECK(file.size() == 6);
  CHECK(*read_text_file(folder.path() / "log", 100) == "whole\n");
  CHECK(file.append("again\n", false));
}

TEST_CASE("folders and symbolic links are refused") {
  const auto folder = test::scratch_folder{};
  auto file = append_file{};
  CHECK(file.open(folder.path()).error().code == ec::file_error);
  fs::create_symlink("elsewhere", folder.path() / "link");
  CHECK(file.open(folder.path() / "link").error().code == ec::file_error);
  CHECK(!file.is_open());
}

TEST_CASE("only one at a time holds a lock") {
  const auto folder = test::scratch_folder{};
  const auto path = folder.path() / "lock";
  {
    auto first = file_lock{};
    REQUIRE(first.take(path));
    auto second = file_lock{};
    const auto refused = second.take(path);
    REQUIRE(!refused);
    CHECK(refused.error().code == ec::wrong_state);
  }
  auto third = file_lock{};
  CHECK(third.take(path));
}

TEST_SUITE_END();
