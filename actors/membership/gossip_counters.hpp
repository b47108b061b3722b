#pragma once

#include "runtime/metrics/registry.hpp"

#include <optional>

namespace starling::membership {

/// What gossip costs, on the node's /metrics: signatures are nearly all of it.
class gossip_counters {
public:
  /// Counts nothing where there is no registry.
  explicit gossip_counters(metrics::registry* registry)
    : signed_{counter_of(registry, "starling_gossip_records_signed_total",
                         "Records of itself that the node has signed.")},
      verified_{counter_of(registry, "starling_gossip_records_verified_total",
                           "Records of others whose signature was checked.")} {
    // nop
  }

  void note_signed() {
    if (signed_)
      signed_->add();
  }

  void note_verified() {
    if (verified_)
      verified_->add();
  }

private:
  static std::optional<metrics::counter>
  counter_of(metrics::registry* registry, const char* name, const char* help) {
    if (!registry)
      return std::nullopt;
    auto made = registry->add_counter(name, help);
    return made ? std::optional{*made} : std::nullopt;
  }

  std::optional<metrics::counter> signed_;
  std::optional<metrics::counter> verified_;
};

} // namespace starling::membership
