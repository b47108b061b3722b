#pragma once

#include "runtime/metrics/registry.hpp"

#include <cstdint>
#include <optional>

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
  std::optional<metrics::counter> opened_;
  std::optional<metrics::counter> established_;
  std::optional<metrics::counter> ended_;
  std::optional<metrics::counter> refused_;
  std::optional<metrics::counter> dropped_;
};

} // namespace starling::mesh
