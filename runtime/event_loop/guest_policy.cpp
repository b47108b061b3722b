#include "runtime/event_loop/guest_policy.hpp"

#include <algorithm>

namespace starling::event_loop {

namespace {

/// Being overrun costs the loop a thousand times what a slow turn does.
constexpr uint32_t levels_of_overrun = 6;

} // namespace

bool guest_policy::admits(uint64_t id) {
  auto& found = place_of(id);
  if (found.id != id || found.waits == 0)
    return true;
  --found.waits;
  return false;
}

void guest_policy::ran(uint64_t id, duration spent) {
  if (spent > turn_max) {
    punish(id, 1);
    return;
  }
  auto& found = place_of(id);
  if (found.id == id && found.level > 0)
    --found.level;
}

void guest_policy::overran(uint64_t id) {
  punish(id, levels_of_overrun);
}

guest_policy::record& guest_policy::place_of(uint64_t id) {
  return slow_[id % slow_max];
}

void guest_policy::punish(uint64_t id, uint32_t levels) {
  auto& found = place_of(id);
  if (found.id != id)
    found = {id, 0, 0};
  found.level = std::min(found.level + levels, level_max);
  found.waits = uint32_t{1} << (found.level - 1);
}

} // namespace starling::event_loop
