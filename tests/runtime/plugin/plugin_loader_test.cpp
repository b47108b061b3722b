#include "runtime/plugin/plugin_loader.hpp"

#include "messages/envelope.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/plugin/plugin_abi.hpp"
#include "tests/plugins/shared_count.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

using namespace starling;

namespace fs = std::filesystem;

namespace {

/// What the build makes of tests/plugins: BUILD/tests/plugins, while this
/// program is BUILD/bin/starling_tests.
const auto built
  = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "tests"
    / "plugins";

caf::error add_taken(actor_catalog& catalog) {
  return catalog.add<caf::actor>(
    "taken", "bundled, so no plugin can have its name",
    [](node_context&, const caf::settings&) -> caf::expected<caf::actor> {
      return caf::make_error(ec::limit_reached);
    });
}

struct fixture {
  actor_catalog catalog;
  plugin_loader loader;
  fs::path folder;

  fixture() {
    CHECK_FALSE(add_taken(catalog));
    auto name = (fs::temp_directory_path() / "starling-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
  }

  ~fixture() {
    fs::remove_all(folder);
  }

  /// Loads a file that has to be refused. Returns the text of the error; checks
  /// that it names the file and that the catalog is as before.
  std::string refused(const fs::path& path, ec code) {
    auto outcome = loader.load(path, catalog);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    CHECK(outcome.error().text.find(path.filename()) != std::string::npos);
    CHECK(catalog.names() == std::vector<std::string>{"taken"});
    CHECK(loader.loaded().empty());
    return outcome.error().text;
  }

  fs::path file(const std::string& name, const std::string& content) const {
    std::ofstream{folder / name} << content;
    return folder / name;
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("runtime/plugin/plugin_loader");

TEST_CASE_FIXTURE(fixture, "a plugin's actor types enter the catalog") {
  auto info = loader.load(built / "counter.so", catalog);
  REQUIRE_MESSAGE(info, (info ? "" : info.error().text));
  CHECK(info->name == "counter");
  CHECK(info->version == "1.2.3");
  CHECK(info->path == fs::canonical(built / "counter.so"));
  CHECK(info->actor_types == std::vector<std::string>{"counter"});
  CHECK(catalog.contains("counter"));
  REQUIRE(loader.loaded().size() == 1);
  CHECK(loader.loaded()[0].name == "counter");
}

TEST_CASE_FIXTURE(fixture, "a plugin shares types and state with the program") {
  REQUIRE(loader.load(built / "counter.so", catalog));
  auto config = caf::actor_system_config{};
  config.set("caf.scheduler.max-threads", 1);
  auto system = caf::actor_system{config};
  auto node = node_context{};
  node.system = &system;
  auto counter = catalog.spawn("counter", node, {});
  REQUIRE(counter);
  test::shared_count() = 40;
  auto self = caf::scoped_actor{system};
  for (auto expected : {41, 42})
    self
      ->request(caf::actor_cast<caf::actor>(*counter), caf::infinite,
                envelope{})
      .receive(
        [expected](uint64_t count) {
          CHECK(count == static_cast<uint64_t>(expected));
        },
        [](const caf::error& reason) { FAIL(to_string(reason)); });
  CHECK(test::shared_count() == 42);
}

TEST_CASE_FIXTURE(fixture, "the origin of its types is the file") {
  const auto path = fs::canonical(built / "counter.so");
  fs::create_symlink(path, folder / "link.so");
  REQUIRE(loader.load(folder / "link.so", catalog));
  auto config = caf::actor_system_config{};
  auto system = caf::actor_system{config};
  const auto types = catalog.list(system);
  const auto counter
    = std::find_if(types.begin(), types.end(),
                   [](const auto& type) { return type.name == "counter"; });
  REQUIRE(counter != types.end());
  CHECK(counter->origin == path.string());
  // What comes after it is bundled again.
  CHECK_FALSE(catalog.add<caf::actor>(
    "later", "", [](node_context&, const caf::settings&) {
      return caf::expected<caf::actor>{caf::actor{}};
    }));
  for (const auto& type : catalog.list(system))
    if (type.name == "later")
      CHECK(type.origin == "bundled");
}

TEST_CASE_FIXTURE(fixture, "no such file, or no shared library") {
  CHECK(has(refused(folder / "absent.so", ec::file_error), "No such file"));
  CHECK(has(
    refused(file("text.so", "not a library at all"), ec::incompatible_plugin),
    "no shared library"));
  CHECK(has(refused(file("empty.so", ""), ec::incompatible_plugin),
            "no shared library"));
  CHECK(has(refused(file("cut.so", "\x7f"
                                   "ELF"),
                    ec::incompatible_plugin),
            "can't be loaded"));
  fs::create_directory(folder / "folder.so");
  refused(folder / "folder.so", ec::file_error);
}

TEST_CASE_FIXTURE(fixture, "a file that everybody may write to is refused") {
  const auto path = folder / "open.so";
  fs::copy_file(built / "counter.so", path);
  fs::permissions(path, fs::perms::others_write, fs::perm_options::add);
  CHECK(has(refused(path, ec::permission_denied), "chmod o-w"));
}

TEST_CASE_FIXTURE(fixture, "a library without the entry function is refused") {
  CHECK(has(refused(built / "no_entry.so", ec::incompatible_plugin),
            "'starling_plugin'"));
}

TEST_CASE_FIXTURE(fixture, "a plugin without a descriptor is refused") {
  CHECK(has(refused(built / "no_descriptor.so", ec::incompatible_plugin),
            "no descriptor"));
}

TEST_CASE_FIXTURE(fixture, "another ABI is refused, with both versions") {
  const auto text = refused(built / "wrong_abi.so", ec::incompatible_plugin);
  CHECK(has(text, "ABI 999"));
  CHECK(has(text, "has " + std::to_string(plugin_abi_version)));
  CHECK(has(text, "rebuild"));
}

TEST_CASE_FIXTURE(fixture, "another toolchain is refused, with both names") {
  const auto text
    = refused(built / "wrong_toolchain.so", ec::incompatible_plugin);
  CHECK(has(text, "gcc-9"));
  CHECK(has(text, plugin_toolchain));
  CHECK(has(text, "rebuild"));
}

TEST_CASE_FIXTURE(fixture, "a plugin's toolchain is not the program's own") {
  // Both define `plugin_toolchain`; the loader may take one for the other.
  const auto text = refused(built / "checked.so", ec::incompatible_plugin);
  CHECK(has(text, "-checked"));
  CHECK(has(text, plugin_toolchain));
}

TEST_CASE_FIXTURE(fixture, "other data structures are refused") {
  CHECK(has(refused(built / "wrong_layout.so", ec::incompatible_plugin),
            "rebuild"));
}

TEST_CASE_FIXTURE(fixture, "a strange name is refused, and not repeated") {
  const auto text = refused(built / "bad_name.so", ec::incompatible_plugin);
  CHECK(has(text, "a-z"));
  CHECK_FALSE(has(text, "\n"));
}

TEST_CASE_FIXTURE(fixture, "a symbol that the program lacks is named") {
  const auto text = refused(built / "unresolved.so", ec::incompatible_plugin);
  CHECK(has(text, "starling_function_of_tomorrow"));
  CHECK(has(text, "rebuild"));
}

TEST_CASE_FIXTURE(fixture, "a plugin that fails half-way leaves nothing") {
  const auto text = refused(built / "half.so", ec::duplicate_name);
  CHECK(has(text, "'taken'"));
  CHECK(has(text, "bundled"));
}

TEST_CASE_FIXTURE(fixture, "a plugin that throws leaves nothing") {
  CHECK(has(refused(built / "throwing.so", ec::incompatible_plugin),
            "the sensor is unplugged"));
}

TEST_CASE_FIXTURE(fixture, "of two plugins of one name the first stays") {
  REQUIRE(loader.load(built / "counter.so", catalog));
  auto second = loader.load(built / "same_name.so", catalog);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ec::duplicate_name);
  CHECK(has(second.error().text, "same_name.so"));
  CHECK(has(second.error().text, fs::canonical(built / "counter.so").string()));
  auto again = loader.load(built / "counter.so", catalog);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ec::duplicate_name);
  CHECK(catalog.contains("counter"));
  CHECK(loader.loaded().size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a folder's bad files don't keep the good ones") {
  const auto copy = [this](const char* from, const char* to) {
    fs::copy_file(built / from, folder / to);
  };
  copy("wrong_abi.so", "1.so");
  copy("counter.so", "2.so");
  copy("same_name.so", "3.so");
  file("4.txt", "no plugin");
  auto outcomes = loader.load_folder(folder, catalog);
  REQUIRE(outcomes);
  REQUIRE(outcomes->size() == 3);
  CHECK((*outcomes)[0].loaded.error().code == ec::incompatible_plugin);
  CHECK((*outcomes)[1].loaded);
  CHECK((*outcomes)[1].path.filename() == "2.so");
  CHECK((*outcomes)[2].loaded.error().code == ec::duplicate_name);
  CHECK(catalog.contains("counter"));
}

TEST_CASE_FIXTURE(fixture, "a folder has to exist and be closed to others") {
  auto absent = loader.load_folder(folder / "absent", catalog);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == ec::file_error);
  CHECK(has(absent.error().text, "absent"));
  fs::permissions(folder, fs::perms::others_write, fs::perm_options::add);
  auto open = loader.load_folder(folder, catalog);
  REQUIRE_FALSE(open);
  CHECK(open.error().code == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "no more plugins than plugins_max") {
  loader = plugin_loader{plugin_loader_options{.plugins_max = 0}};
  CHECK(has(refused(built / "counter.so", ec::limit_reached), "plugins_max"));
}

TEST_SUITE_END();
