// Checks the source tree itself: the rules of the house that no compiler knows.

#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;

namespace {

const auto root = starling::test::source_folder();

constexpr size_t lines_max = 500;

/// A layer may include itself and what ranks lower.
const auto rank = std::map<std::string, int>{
  {"messages", 0}, {"runtime", 1},  {"actors", 2},
  {"deploy", 3},   {"examples", 3}, {"tests", 4},
};

/// What of the project may be included from where it stands, beside the root.
constexpr const char* layers[]
  = {"messages", "runtime", "actors", "deploy", "examples", "tests"};

/// Actor files end in the name of their role; every other file in `actors` is
/// a plain model and may not know CAF.
const auto role_suffixes = std::map<std::string, std::vector<std::string>>{
  // Nothing but models.
  {"adversary", {}},
  {"agent", {"_agent"}},
  {"audit", {"_recorder"}},
  {"detector", {"_detector"}},
  {"discovery", {"_discovery"}},
  {"echo", {"_echo"}},
  {"experiment", {"_orchestrator", "_source"}},
  {"link", {"_link", "_transport"}},
  {"membership", {"_membership"}},
  {"mesh", {"_mesh"}},
  {"peer", {"_peer"}},
  {"resources", {"_monitor"}},
  {"router", {"_router"}},
  {"scale", {"_source"}},
  {"spawner", {"_spawner"}},
  {"supervisor", {"_supervisor"}},
  {"tree", {"_tree"}},
  {"zone", {"_keeper"}},
};

/// What would make a run differ from the next, or block a worker. The word, and
/// where it has a place all the same.
const auto banned = std::map<std::string, std::set<std::string>>{
  {"sleep_for", {}},
  {"sleep_until", {}},
  // What takes too long for the loop's thread.
  {"steady_clock::now", {"runtime/event_loop/direct_loop.cpp"}},
  {"system_clock::now", {}},
  {"high_resolution_clock", {}},
  {"random_device", {}},
  {"AutoSeeded_RNG", {}},
  {"std::thread", {}},
  {"std::jthread", {}},
  {"std::async", {}},
  // What several threads look up, and the schedulers of those threads. What is
  // found never depends on who came first.
  {"std::mutex",
   {"runtime/node_context.hpp", "runtime/metrics/registry.hpp",
    "runtime/metrics/instruments.hpp", "runtime/event_loop/direct_loop.hpp",
    "runtime/event_loop/pool_policy.hpp", "runtime/identity/identity_key.cpp",
    "runtime/identity/key_shelf.hpp"}},
};

/// What an unfinished place is called. Cut in two, or this file would be one.
const std::string unfinished[] = {"TO"
                                  "DO",
                                  "FIX"
                                  "ME",
                                  "X"
                                  "XX"};

struct source_file {
  fs::path path; // relative to the root
  std::vector<std::string> lines;

  [[nodiscard]] std::string part(size_t index) const {
    auto where = path.begin();
    std::advance(where, static_cast<long>(index));
    return where->string();
  }

  /// Returns what stands between the quotes or brackets of all includes.
  [[nodiscard]] std::vector<std::string> includes() const {
    auto result = std::vector<std::string>{};
    for (const auto& line : lines)
      if (line.starts_with("#include "))
        result.push_back(line.substr(10, line.find_last_of("\">") - 10));
    return result;
  }
};

std::vector<source_file> sources_under(const char* layer) {
  auto result = std::vector<source_file>{};
  if (!fs::exists(root / layer))
    return result;
  for (const auto& entry : fs::recursive_directory_iterator{root / layer}) {
    const auto ext = entry.path().extension();
    if (ext != ".hpp" && ext != ".cpp")
      continue;
    auto& file = result.emplace_back();
    file.path = fs::relative(entry.path(), root);
    auto in = std::ifstream{entry.path()};
    for (auto line = std::string{}; std::getline(in, line);)
      file.lines.push_back(line);
  }
  std::sort(result.begin(), result.end(),
            [](const auto& x, const auto& y) { return x.path < y.path; });
  return result;
}

/// Returns a line without the comment at its end.
std::string code_of(const std::string& line) {
  return line.substr(0, line.find("//"));
}

/// Whether a word stands in a line, and not as part of a longer one.
bool has_word(const std::string& line, const std::string& word) {
  const auto is_letter = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  for (auto at = line.find(word); at != std::string::npos;
       at = line.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_letter(line[at - 1]))
        && (end == line.size() || !is_letter(line[end])))
      return true;
  }
  return false;
}

/// The folder names a role only if its files are in a folder of their own.
bool lies_in_a_role(const source_file& file) {
  return std::distance(file.path.begin(), file.path.end()) > 2;
}

/// Whether a file is an actor by its name: "tcp_link", or a part of one that is
/// too long for one file, "gossip_membership_news".
bool is_actor(const source_file& file) {
  const auto found = role_suffixes.find(file.part(1));
  if (found == role_suffixes.end())
    return true;
  const auto stem = file.path.stem().string();
  return std::any_of(found->second.begin(), found->second.end(),
                     [&](const std::string& suffix) {
                       return stem.ends_with(suffix)
                              || stem.find(suffix + "_") != std::string::npos;
                     });
}

fs::path test_of(fs::path source, const std::string& stem) {
  source.replace_filename(stem + "_test.cpp");
  return root / "tests" / source;
}

/// Whether a test bears the name of that file, or of the file that it is a part
/// of: `tcp_listener_link.cpp` has its own, `session_broker_inbound.cpp` may be
/// tested with `session_broker`, if that is a source file too.
bool has_test(const source_file& file) {
  auto stem = file.path.stem().string();
  if (fs::exists(test_of(file.path, stem)))
    return true;
  for (auto end = stem.rfind('_'); end != std::string::npos;
       end = stem.rfind('_')) {
    stem.resize(end);
    auto whole = root / file.path;
    whole.replace_filename(stem + ".cpp");
    if (fs::exists(whole) && fs::exists(test_of(file.path, stem)))
      return true;
  }
  return false;
}

} // namespace

TEST_SUITE_BEGIN("tidy");

TEST_CASE("a layer includes no layer above it") {
  for (const auto& [layer, own_rank] : rank)
    for (const auto& file : sources_under(layer.c_str()))
      for (const auto& include : file.includes())
        if (auto other = rank.find(include.substr(0, include.find('/')));
            other != rank.end())
          CHECK_MESSAGE(other->second <= own_rank, file.path.string(),
                        " includes ", include);
}

TEST_CASE("includes start at the root") {
  for (const auto* layer : layers)
    for (const auto& file : sources_under(layer))
      for (const auto& include : file.includes())
        CHECK_MESSAGE(!include.starts_with("."), file.path.string(),
                      " includes ", include);
}

TEST_CASE("roles do not include each other") {
  for (const auto& file : sources_under("actors"))
    for (const auto& include : file.includes())
      if (lies_in_a_role(file) && include.starts_with("actors/"))
        CHECK_MESSAGE(include.starts_with("actors/" + file.part(1) + "/"),
                      file.path.string(), " includes ", include);
}

TEST_CASE("every role says how its actors are called") {
  for (const auto& file : sources_under("actors"))
    if (lies_in_a_role(file))
      CHECK_MESSAGE(role_suffixes.contains(file.part(1)), file.path.string(),
                    " lies in a folder that no rule knows");
}

TEST_CASE("only actors know CAF, models are plain C++") {
  for (const auto& file : sources_under("actors")) {
    if (!lies_in_a_role(file) || is_actor(file))
      continue;
    for (const auto& include : file.includes())
      CHECK_MESSAGE(!include.starts_with("caf/"), file.path.string(),
                    " includes ", include);
  }
}

TEST_CASE("every source file has a test") {
  for (const auto* layer : {"messages", "runtime", "actors"})
    for (const auto& file : sources_under(layer)) {
      if (file.path.extension() != ".cpp" || file.path.stem() == "bundled")
        continue;
      CHECK_MESSAGE(has_test(file), file.path.string(), " has no test");
    }
}

TEST_CASE("no clock, thread or dice in what has to be repeatable") {
  for (const auto* layer : {"messages", "runtime", "actors"})
    for (const auto& file : sources_under(layer))
      for (const auto& line : file.lines)
        for (const auto& [word, places] : banned)
          if (!places.contains(file.path.string()))
            CHECK_MESSAGE(!has_word(code_of(line), word), file.path.string(),
                          ": ", line);
}

TEST_CASE("no test waits for time to pass") {
  for (const auto& file : sources_under("tests"))
    if (file.path.filename() != "tidy_test.cpp" && file.part(1) != "bench")
      for (const auto& line : file.lines)
        CHECK_MESSAGE(line.find("sleep_for") == std::string::npos,
                      file.path.string(), ": ", line);
}

TEST_CASE("no file is overlong, none is unfinished") {
  for (const auto* layer : layers)
    for (const auto& file : sources_under(layer)) {
      CHECK_MESSAGE(file.lines.size() <= lines_max, file.path.string());
      for (const auto& line : file.lines)
        for (const auto& word : unfinished)
          CHECK_MESSAGE(!has_word(line, word), file.path.string(), ": ", line);
    }
}

TEST_CASE("every header is included once, whoever includes it") {
  for (const auto* layer : layers)
    for (const auto& file : sources_under(layer))
      if (file.path.extension() == ".hpp")
        CHECK_MESSAGE(
          (!file.lines.empty() && file.lines.front() == "#pragma once"),
          file.path.string());
}

TEST_SUITE_END();
