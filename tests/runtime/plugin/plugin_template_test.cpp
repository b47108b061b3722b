#include "runtime/plugin/plugin_template.hpp"

#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace starling;

namespace fs = std::filesystem;

namespace {

struct fixture {
  fs::path folder;

  fixture() {
    auto name = (fs::temp_directory_path() / "starling-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
  }

  ~fixture() {
    fs::remove_all(folder);
  }

  plugin_template_options options(const std::string& name) const {
    return {.name = name,
            .folder = folder / name,
            .templates = test::source_folder() / "deploy/templates/plugin",
            .seed = 0x1234};
  }
};

std::string content_of(const fs::path& path) {
  auto in = std::ifstream{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_SUITE_BEGIN("runtime/plugin/plugin_template");

TEST_CASE_FIXTURE(fixture, "a skeleton has all that a plugin needs") {
  auto files = write_plugin_skeleton(options("red_kite2"));
  REQUIRE_MESSAGE(files, (files ? "" : files.error().text));
  auto names = std::set<std::string>{};
  for (const auto& file : *files) {
    CHECK(file.parent_path() == folder / "red_kite2");
    CHECK(fs::file_size(file) > 0);
    names.insert(file.filename());
  }
  CHECK(names
        == std::set<std::string>{"CMakeLists.txt", "README.md", "plugin.cpp",
                                 "red_kite2.capnp", "red_kite2_actor.cpp",
                                 "red_kite2_actor.hpp", "red_kite2_test.cpp"});
}

TEST_CASE_FIXTURE(fixture, "nothing is left to fill in") {
  auto files = write_plugin_skeleton(options("red_kite2"));
  REQUIRE(files);
  for (const auto& file : *files) {
    const auto text = content_of(file);
    // A schema may have "@0x..." and "@0" only.
    for (auto at = text.find('@'); at != std::string::npos;
         at = text.find('@', at + 1))
      CHECK_MESSAGE((text[at + 1] >= '0' && text[at + 1] <= '9'), file.string(),
                    ": ", text.substr(at, 20));
  }
}

TEST_CASE_FIXTURE(fixture, "the schema gets names and an id that capnp takes") {
  REQUIRE(write_plugin_skeleton(options("red_kite2")));
  const auto schema = content_of(folder / "red_kite2" / "red_kite2.capnp");
  CHECK(schema.starts_with("@0x8000000000001234;\n"));
  CHECK(schema.find("struct RedKite2Request {") != std::string::npos);
  CHECK(schema.find("\"red_kite2_plugin::wire\"") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "what exists is not overwritten") {
  fs::create_directory(folder / "kite");
  std::ofstream{folder / "kite" / "plugin.cpp"} << "a year of work";
  auto files = write_plugin_skeleton(options("kite"));
  REQUIRE_FALSE(files);
  CHECK(files.error().code == ec::duplicate_name);
  CHECK(content_of(folder / "kite" / "plugin.cpp") == "a year of work");
  CHECK(std::distance(fs::directory_iterator{folder / "kite"}, {}) == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "a name that C++ or CMake wouldn't take is refused") {
  for (const auto* name :
       {"", "2fast", "Kite", "red-kite", "red kite", "../kite", "kite_",
        "_kite", "red__kite", "kite\n", "starling", "k\xc3\xa4se",
        "a234567890123456789012345678901234567890x"}) {
    auto files = write_plugin_skeleton(options(name));
    REQUIRE_FALSE(files);
    CHECK(files.error().code == ec::invalid_option);
  }
  CHECK(fs::is_empty(folder));
  for (const auto* name : {"k", "red_kite", "class", "test", "kite2"})
    CHECK(is_plugin_template_name(name));
}

TEST_CASE_FIXTURE(fixture, "without templates nothing is made") {
  auto without = options("kite");
  without.templates = folder / "absent";
  CHECK(write_plugin_skeleton(without).error().code == ec::file_error);
  fs::create_directory(folder / "empty");
  without.templates = folder / "empty";
  CHECK(write_plugin_skeleton(without).error().code == ec::file_error);
  CHECK_FALSE(fs::exists(folder / "kite"));
}

TEST_CASE_FIXTURE(fixture, "a failure half-way leaves nothing behind") {
  auto broken = options("kite");
  broken.templates = folder / "templates";
  fs::create_directory(broken.templates);
  std::ofstream{broken.templates / "a.in"} << "fine";
  std::ofstream{broken.templates / "b.in"} << std::string(1'000'000, 'x');
  CHECK_FALSE(write_plugin_skeleton(broken));
  CHECK_FALSE(fs::exists(broken.folder));
}

TEST_CASE_FIXTURE(fixture, "templates lie beside the program") {
  auto absent = find_plugin_templates(folder / "bin" / "starling");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().text.find("share/starling/templates/plugin")
        != std::string::npos);
  fs::create_directories(folder / "share/starling/templates/plugin");
  auto found = find_plugin_templates(folder / "bin" / "starling");
  REQUIRE(found);
  CHECK(*found == folder / "share/starling/templates/plugin");
}

TEST_SUITE_END();
