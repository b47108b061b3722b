#pragma once

#include "runtime/metrics/optional_counter.hpp"

namespace starling::membership {

/// What gossip costs, on the node's /metrics: signatures are nearly all of it.
class gossip_counters {
public:
  /// Counts nothing where there is no registry.
  explicit gossip_counters(metrics::registry* registry)
    : signed_{registry, "starling_gossip_records_signed_total",
              "Records of itself that the node has signed."},
      verified_{registry, "starling_gossip_records_verified_total",
                "Records of others whose signature was checked."} {
    // nop
  }

  void note_signed() {
    signed_.add();
  }

  void note_verified() {
    verified_.add();
  }

private:
  metrics::optional_counter signed_;
  metrics::optional_counter verified_;
};

} // namespace starling::membership
