#pragma once

#include "runtime/metrics/optional_counter.hpp"

#include <cstdint>

namespace starling::mesh {

/// What a mesh tells in numbers, on the node's /metrics.
class mesh_counters {
public:
  /// Counts nothing where there is no registry.
  explicit mesh_counters(metrics::registry* registry);

  void note_opened();
  void note_established();
  void note_ended();
  void note_refused();
  void note_dropped(uint64_t messages);

private:
  metrics::optional_counter opened_;
  metrics::optional_counter established_;
  metrics::optional_counter ended_;
  metrics::optional_counter refused_;
  metrics::optional_counter dropped_;
};

} // namespace starling::mesh
