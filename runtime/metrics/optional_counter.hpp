#pragma once

#include "runtime/metrics/registry.hpp"

#include <optional>
#include <string_view>

namespace starling::metrics {

/// A counter for those who may have no registry, in tests for instance: then it
/// counts nothing, as where the registry is full.
class optional_counter {
public:
  /// Adds the counter to `where`, null for nowhere. The texts are as for
  /// `registry::add_counter`.
  optional_counter(registry* where, std::string_view name,
                   std::string_view help) {
    if (!where)
      return;
    if (auto made = where->add_counter(name, help))
      counter_ = *made;
  }

  void add(double amount = 1.0) {
    if (counter_)
      counter_->add(amount);
  }

private:
  std::optional<counter> counter_;
};

} // namespace starling::metrics
