#include "actors/mesh/mesh_counters.hpp"

namespace starling::mesh {

mesh_counters::mesh_counters(metrics::registry* registry)
  : opened_{registry, "starling_sessions_opened_total",
            "Links on which a session was begun, by either side."},
    established_{registry, "starling_sessions_established_total",
                 "Sessions that were authenticated and used."},
    ended_{registry, "starling_sessions_ended_total",
           "Established sessions that ended."},
    refused_{registry, "starling_sessions_refused_total",
             "Sessions that did not come up."},
    dropped_{registry, "starling_messages_dropped_total",
             "Messages without an answer that found no room."} {
  // nop
}

void mesh_counters::note_opened() {
  opened_.add();
}

void mesh_counters::note_established() {
  established_.add();
}

void mesh_counters::note_ended() {
  ended_.add();
}

void mesh_counters::note_refused() {
  refused_.add();
}

void mesh_counters::note_dropped(uint64_t messages) {
  dropped_.add(static_cast<double>(messages));
}

} // namespace starling::mesh
