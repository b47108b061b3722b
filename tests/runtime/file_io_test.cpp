#include "runtime/file_io.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <iterator>

using namespace starling;
namespace fs = std::filesystem;

namespace {

struct fixture {
  test::scratch_folder folder;
  fs::path file = folder / "file";

  mode_t mode() const {
    struct stat info = {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    return info.st_mode & 07777;
  }

  /// Temporary files that were left behind would count.
  auto files_in_folder() const {
    return std::distance(fs::directory_iterator{folder.path()},
                         fs::directory_iterator{});
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/file_io");

TEST_CASE_FIXTURE(fixture, "what was written is read back, byte for byte") {
  const auto bytes = std::vector<uint8_t>{0, 1, '\n', 0xff, 0};
  REQUIRE(write_file_atomically(file, bytes, 0644));
  CHECK(*read_file(file, 100) == bytes);
  CHECK(*read_text_file(file, 100) == std::string{"\0\1\n\xff\0", 5});
  REQUIRE(write_file_atomically(file, "", 0644));
  CHECK(read_file(file, 0)->empty());
}

TEST_CASE_FIXTURE(fixture, "a large file comes back whole") {
  auto text = std::string(300'000, 'a');
  text[299'999] = 'z';
  REQUIRE(write_file_atomically(file, text, 0600));
  CHECK(*read_text_file(file, 300'000) == text);
}

TEST_CASE_FIXTURE(fixture, "a write replaces the file and leaves no other") {
  REQUIRE(write_file_atomically(file, "old and long", 0600));
  REQUIRE(write_file_atomically(file, "new", 0600));
  CHECK(*read_text_file(file, 100) == "new");
  CHECK(files_in_folder() == 1);
}

TEST_CASE_FIXTURE(fixture, "the mode is the one asked for, in spite of umask") {
  const auto old_mask = ::umask(077);
  CHECK(write_file_atomically(file, "x", 0644));
  CHECK(mode() == 0644);
  ::umask(0);
  CHECK(write_file_atomically(file, "x", 0600));
  CHECK(mode() == 0600);
  ::umask(old_mask);
}

TEST_CASE_FIXTURE(fixture,
                  "a symbolic link is replaced, its target untouched") {
  const auto target = folder / "target";
  REQUIRE(write_file_atomically(target, "target", 0600));
  fs::create_symlink(target, file);
  REQUIRE(write_file_atomically(file, "file", 0600));
  CHECK(*read_text_file(target, 100) == "target");
  CHECK(!fs::is_symlink(file));
}

TEST_CASE_FIXTURE(fixture, "a file above the bound is refused, at it is read") {
  REQUIRE(write_file_atomically(file, "12345", 0600));
  CHECK(*read_text_file(file, 5) == "12345");
  const auto refused = read_text_file(file, 4);
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::limit_reached);
  CHECK(refused.error().text.find(file.string()) != std::string::npos);
}

TEST_CASE("a device without end is refused and not waited for") {
  CHECK(read_file("/dev/zero", 10).error().code == ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "a named pipe is refused and not waited for") {
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(read_file(file, 10).error().code == ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "errors name the file and the reason") {
  const auto absent = read_file(file, 10);
  REQUIRE(!absent);
  CHECK(absent.error().code == ec::file_error);
  CHECK(absent.error().text
        == "cannot open " + file.string() + ": No such file or directory");
  CHECK(read_file(folder.path(), 10).error().code == ec::file_error);
  const auto lost = write_file_atomically(folder / "no/file", "x", 0600);
  CHECK(lost.error().code == ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "a failed replacement leaves no temporary file") {
  fs::create_directory(file);
  CHECK(!write_file_atomically(file, "x", 0600));
  CHECK(files_in_folder() == 1);
}

TEST_CASE_FIXTURE(fixture, "a secret is read only from a private file") {
  for (const auto mode : {0600, 0400, 0700}) {
    REQUIRE(write_file_atomically(file, "secret", static_cast<mode_t>(mode)));
    CHECK(*read_private_file(file, 10) == "secret");
  }
  for (const auto mode : {0640, 0604, 0620, 0602, 0610, 0601}) {
    REQUIRE(write_file_atomically(file, "secret", static_cast<mode_t>(mode)));
    const auto refused = read_private_file(file, 10);
    REQUIRE(!refused);
    CHECK(refused.error().code == ec::permission_denied);
    CHECK(refused.error().text.find("chmod 600") != std::string::npos);
  }
}

TEST_SUITE_END();
