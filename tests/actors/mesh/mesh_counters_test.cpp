#include "actors/mesh/mesh_counters.hpp"

#include <doctest/doctest.h>

using namespace starling;
using mesh::mesh_counters;

TEST_SUITE_BEGIN("actors/mesh/mesh_counters");

TEST_CASE("each event has a counter of its own") {
  auto registry = metrics::registry{};
  auto counters = mesh_counters{&registry};
  for (auto i = 0; i < 4; ++i)
    counters.note_opened();
  counters.note_established();
  counters.note_established();
  counters.note_ended();
  counters.note_refused();
  counters.note_dropped(7);
  const auto text = registry.text();
  for (auto line : {"\nstarling_sessions_opened_total 4\n",
                    "\nstarling_sessions_established_total 2\n",
                    "\nstarling_sessions_ended_total 1\n",
                    "\nstarling_sessions_refused_total 1\n",
                    "\nstarling_messages_dropped_total 7\n"})
    CHECK_MESSAGE(text.find(line) != std::string::npos, text);
}

TEST_CASE("a second life goes on counting where the first one ended") {
  auto registry = metrics::registry{};
  mesh_counters{&registry}.note_refused();
  mesh_counters{&registry}.note_refused();
  CHECK(registry.text().find("\nstarling_sessions_refused_total 2\n")
        != std::string::npos);
}

TEST_CASE("without a registry nothing is counted") {
  auto counters = mesh_counters{nullptr};
  counters.note_dropped(7);
}

TEST_SUITE_END();
