#include "runtime/resources/cgroup.hpp"

#include "runtime/file_io.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace starling;
using namespace starling::resources;

namespace fs = std::filesystem;

namespace {

/// A tree of files that looks like the kernel's, but takes everything.
struct fixture {
  test::scratch_folder folder;
  fs::path group = folder / "mount/system.slice/node";
  bool delegated = true;
  cgroup_places places;

  fixture() {
    fs::create_directories(group);
    write(folder / "own", "0::/system.slice/node\n");
    write(group / "cgroup.procs", "4711\n");
    places.own = folder / "own";
    places.mount = folder / "mount";
    places.is_delegated
      = [this](const fs::path& x) { return delegated && x == group; };
    places.pid = 4711;
  }

  static void write(const fs::path& file, const std::string& text) {
    REQUIRE(write_file_atomically(file, text, 0600));
  }

  static std::string read(const fs::path& file) {
    return *read_text_file(file, 1'000);
  }

  ec refused() {
    auto found = confine({}, places);
    REQUIRE_FALSE(found);
    CHECK_FALSE(fs::exists(group / "starling-node/cpu.max"));
    return found.error().code;
  }
};

} // namespace

TEST_SUITE_BEGIN("resources/cgroup");

TEST_CASE_FIXTURE(fixture, "a group of its own is told the limits") {
  auto found
    = confine({.cpu = 0.5, .processors = 8, .memory = 1'000'000'000}, places);
  REQUIRE(found);
  CHECK(*found == group / "starling-node");
  CHECK(read(*found / "cpu.max") == "400000 100000");
  CHECK(read(*found / "memory.high") == "1000000000");
  CHECK(read(*found / "cgroup.procs") == "4711");
  CHECK(read(group / "cgroup.subtree_control") == "+cpu +memory");
}

TEST_CASE_FIXTURE(fixture, "a group that belongs to others is left alone") {
  SUBCASE("not delegated") {
    delegated = false;
    CHECK(refused() == ec::permission_denied);
  }
  SUBCASE("with others in it") {
    write(group / "cgroup.procs", "4711\n4712\n");
    CHECK(refused() == ec::wrong_state);
  }
  SUBCASE("of version 1") {
    write(folder / "own", "4:memory:/node\n");
    CHECK(refused() == ec::wrong_state);
  }
  CHECK_FALSE(fs::exists(group / "starling-node"));
}

TEST_CASE_FIXTURE(fixture, "where the kernel refuses, the process goes back") {
  // A folder in the place of the file can't be written.
  fs::create_directories(group / "starling-node/memory.high");
  auto found = confine({}, places);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == ec::file_error);
  CHECK(read(group / "cgroup.procs") == "4711");
  CHECK(read(group / "cgroup.subtree_control") == "-cpu -memory");
}

TEST_SUITE_END();
