#include "runtime/resources/process_sampler.hpp"

#include "runtime/file_io.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::resources;

namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, size_t bytes) {
  fs::create_directories(file.parent_path());
  REQUIRE(write_file_atomically(file, std::string(bytes, 'x'), 0600));
}

} // namespace

TEST_SUITE_BEGIN("resources/process_sampler");

// The example of proc_pid_statm(5): size resident shared text lib data dt.
TEST_CASE("resident pages are the second number") {
  CHECK(resident_pages("1234 567 89 1 0 42 0") == 567);
  CHECK_FALSE(resident_pages("1234"));
  CHECK_FALSE(resident_pages("1234 x"));
  CHECK_FALSE(resident_pages(""));
}

TEST_CASE("a folder is as large as the files in it and below") {
  const auto scratch = test::scratch_folder{};
  const auto folder = fs::path{scratch.path()};
  write(folder / "a", 1'000);
  write(folder / "below" / "b", 234);
  fs::create_symlink(folder, folder / "below" / "loop");
  CHECK(bytes_below(folder) == 1'234);
  CHECK(bytes_below(folder, 0) == 0);
  CHECK(bytes_below(folder / "nothing") == 0);
}

TEST_CASE(
  "this process uses memory and time, and each tenth look counts files") {
  const auto scratch = test::scratch_folder{};
  const auto folder = fs::path{scratch.path()};
  auto sample = process_sampler{folder, 10};
  const auto first = sample();
  CHECK(first.memory > 1'000'000);
  CHECK(first.storage == 0);
  const auto held = std::vector<char>(64'000'000, 'x');
  write(folder / "a", 1'000);
  auto last = usage{};
  for (auto i = 1; i < 10; ++i)
    last = sample();
  CHECK(last.storage == 0);
  CHECK(last.memory > first.memory + 32'000'000);
  CHECK(last.cpu_time >= first.cpu_time);
  CHECK(sample().storage == 1'000);
  CHECK(held.back() == 'x');
}

TEST_SUITE_END();
