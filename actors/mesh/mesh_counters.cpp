#include "actors/mesh/mesh_counters.hpp"

namespace starling::mesh {

namespace {

std::optional<metrics::counter> counter_of(metrics::registry* registry,
                                           const char* name, const char* help) {
  if (!registry)
    return std::nullopt;
  auto made = registry->add_counter(name, help);
  return made ? std::optional{*made} : std::nullopt;
}

void add(std::optional<metrics::counter>& counter, double amount) {
  if (counter)
    counter->add(amount);
}

} // namespace

mesh_counters::mesh_counters(metrics::registry* registry)
  : opened_{counter_of(registry, "starling_sessions_opened_total",
                       "Links on which a session was begun, by either side.")},
    established_{counter_of(registry, "starling_sessions_established_total",
                            "Sessions that were authenticated and used.")},
    ended_{counter_of(registry, "starling_sessions_ended_total",
                      "Established sessions that ended.")},
    refused_{counter_of(registry, "starling_sessions_refused_total",
                        "Sessions that did not come up.")},
    dropped_{counter_of(registry, "starling_messages_dropped_total",
                        "Messages without an answer that found no room.")} {
  // nop
}

void mesh_counters::note_opened() {
  add(opened_, 1);
}

void mesh_counters::note_established() {
  add(established_, 1);
}

void mesh_counters::note_ended() {
  add(ended_, 1);
}

void mesh_counters::note_refused() {
  add(refused_, 1);
}

void mesh_counters::note_dropped(uint64_t messages) {
  add(dropped_, static_cast<double>(messages));
}

} // namespace starling::mesh
