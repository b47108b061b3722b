#pragma once

#include "runtime/metrics/registry.hpp"
#include "runtime/node_context.hpp"
#include "runtime/resources/resource_governor.hpp"
#include "runtime/resources/resource_state.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace starling::resources {

/// Role: measures what the node uses and says what that allows. Local.
using resource_monitor_actor = caf::typed_actor<
  // Measures now, beside the regular samples.
  caf::result<void>(caf::tick_atom)>;

struct resource_monitor_options {
  node_context* node = nullptr;
  /// What the others ask; outlives the actor.
  resource_state* state = nullptr;
  resource_governor::options governor;
  /// Measures; may take a few milliseconds.
  std::function<usage()> sample;
  /// Gives memory back to the kernel that the process does not use; may be
  /// empty. Called once when memory is exceeded, and again each ten samples.
  std::function<void()> trim;
  /// Time between two samples.
  std::chrono::milliseconds interval = std::chrono::seconds{1};
};

/// State of the actor that samples the process, tells `resource_state` and the
/// metrics, and audits each crossing of a limit once.
class resource_monitor_state {
public:
  static constexpr const char* name = "starling.resources.monitor";

  resource_monitor_state(resource_monitor_actor::pointer self,
                         resource_monitor_options opts);

  resource_monitor_actor::behavior_type make_behavior();

private:
  struct figure {
    metrics::gauge value;
    std::function<double(const resource_governor::verdict&)> read;
  };

  void schedule();
  void measure();
  void tell(const resource_governor::verdict& now);
  void show_limits();
  void
  add_figure(const char* figure_name, const char* help,
             std::function<double(const resource_governor::verdict&)> read);

  resource_monitor_actor::pointer self_;
  resource_monitor_options opts_;
  resource_governor governor_;
  std::vector<figure> figures_;
  unsigned samples_exceeded_ = 0;
};

} // namespace starling::resources
