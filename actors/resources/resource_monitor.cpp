#include "actors/resources/resource_monitor.hpp"

#include "runtime/outlive_refusals.hpp"

#include <fmt/format.h>

#include <utility>

namespace starling::resources {

namespace {

/// Samples between two attempts to give memory back.
constexpr unsigned trim_every = 10;

using verdict = resource_governor::verdict;

const char* effect_of(resource what) {
  switch (what) {
    case resource::cpu:
      return "new actors and peers are refused, credit is delayed";
    case resource::memory:
      return "new actors and peers are refused; at the limit, credit is "
             "withheld";
    case resource::storage:
      return "writers below state_dir are refused";
  }
  return "";
}

} // namespace

resource_monitor_state::resource_monitor_state(
  resource_monitor_actor::pointer self, resource_monitor_options opts)
  : self_{self},
    opts_{std::move(opts)},
    governor_{opts_.governor} {
  show_limits();
  add_figure("starling_memory_bytes", "Resident memory of the node process.",
             [](const verdict& x) { return static_cast<double>(x.memory); });
  add_figure("starling_cpu_share",
             "Share of all processors that the node used lately, 0 to 1.",
             [](const verdict& x) { return x.cpu_share; });
  add_figure("starling_storage_bytes", "Bytes of all files under state_dir.",
             [](const verdict& x) { return static_cast<double>(x.storage); });
}

resource_monitor_actor::behavior_type resource_monitor_state::make_behavior() {
  outlive_refusals(*self_);
  measure();
  schedule();
  return {
    [this](caf::tick_atom) { measure(); },
  };
}

void resource_monitor_state::schedule() {
  self_->run_delayed(opts_.interval, [this] {
    measure();
    schedule();
  });
}

void resource_monitor_state::measure() {
  const auto now = governor_.take(opts_.sample(), self_->clock().now());
  opts_.state->set(now);
  for (auto& each : figures_)
    each.value.set(each.read(now));
  tell(now);
  if (!now.memory_exceeded)
    samples_exceeded_ = 0;
  else if (samples_exceeded_++ % trim_every == 0 && opts_.trim)
    opts_.trim();
}

void resource_monitor_state::tell(const verdict& now) {
  for (const auto& [what, exceeded] : now.crossings) {
    auto used = std::string{};
    auto limit = std::string{};
    switch (what) {
      case resource::cpu:
        used = fmt::format("{:.3f}", now.cpu_share);
        limit = fmt::format("{:.3f}", opts_.governor.cpu);
        break;
      case resource::memory:
        used = fmt::to_string(now.memory);
        limit = fmt::to_string(opts_.governor.memory);
        break;
      case resource::storage:
        used = fmt::to_string(now.storage);
        limit = fmt::to_string(opts_.governor.storage);
        break;
    }
    opts_.node->audit(exceeded ? "limit.exceeded" : "limit.kept",
                      to_string(what),
                      {{"used", used},
                       {"limit", limit},
                       {"effect", exceeded ? effect_of(what) : "none"}});
  }
}

void resource_monitor_state::show_limits() {
  const auto show = [this](const char* title, const char* help, double value) {
    if (auto made = opts_.node->metrics->add_gauge(title, help))
      made->set(value);
  };
  show("starling_memory_limit_bytes", "[limits] memory.",
       static_cast<double>(opts_.governor.memory));
  show("starling_cpu_share_limit", "[limits] cpu.", opts_.governor.cpu);
  show("starling_storage_limit_bytes", "[limits] storage.",
       static_cast<double>(opts_.governor.storage));
}

void resource_monitor_state::add_figure(
  const char* figure_name, const char* help,
  std::function<double(const verdict&)> read) {
  if (auto made = opts_.node->metrics->add_gauge(figure_name, help))
    figures_.push_back({std::move(*made), std::move(read)});
}

} // namespace starling::resources
