#include "deploy/scale/metered_actor.hpp"

#include "messages/zone.hpp"

#include <caf/actor_config.hpp>
#include <caf/detail/serialized_size.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>

#include <algorithm>
#include <utility>

namespace starling::deploy {

namespace {

/// Above all type ids of messages that are bundled.
constexpr size_t cells_max = 4096;

/// Whoever subscribes from another node is answered there.
void replace_listener(caf::message& content, const traffic_meter& meter) {
  using caf::subscribe_atom;
  if (!content.match_elements<subscribe_atom, zone_listener_actor>())
    return;
  auto listener = caf::actor_cast<caf::strong_actor_ptr>(
    content.get_as<zone_listener_actor>(1));
  content = caf::make_message(
    caf::subscribe_atom_v,
    caf::actor_cast<zone_listener_actor>(meter.metered(listener)));
}

} // namespace

// -- meter --------------------------------------------------------------------

traffic_meter::traffic_meter(caf::actor_system& system)
  : system_{system},
    cells_(cells_max) {
  // nop
}

caf::strong_actor_ptr
traffic_meter::handle(const caf::strong_actor_ptr& actor) {
  auto& found = handles_[actor->id()];
  if (!found) {
    auto config = caf::actor_config{};
    found = caf::make_actor<metered_actor, caf::strong_actor_ptr>(
      system_.next_actor_id(), system_.node(), &system_, config, actor, *this);
  }
  return found;
}

void traffic_meter::note(const caf::message& content) {
  const auto types = content.types();
  const auto first = types.empty() ? size_t{0} : size_t{types[0]};
  auto& cell = cells_[std::min(first, cells_max - 1)];
  cell.messages.fetch_add(1, std::memory_order_relaxed);
  cell.bytes.fetch_add(caf::io::basp::header_size
                         + caf::detail::serialized_size(system_, content),
                       std::memory_order_relaxed);
}

caf::strong_actor_ptr
traffic_meter::metered(const caf::strong_actor_ptr& actor) const {
  if (!actor)
    return nullptr;
  const auto found = handles_.find(actor->id());
  return found != handles_.end() ? found->second : actor;
}

void traffic_meter::reset() {
  for (auto& cell : cells_) {
    cell.messages = 0;
    cell.bytes = 0;
  }
}

traffic traffic_meter::total() const {
  auto result = traffic{};
  for (const auto& cell : cells_) {
    result.messages += cell.messages;
    result.bytes += cell.bytes;
  }
  return result;
}

std::map<std::string, traffic> traffic_meter::by_type() const {
  auto result = std::map<std::string, traffic>{};
  for (size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].messages == 0)
      continue;
    const auto name = caf::query_type_name(static_cast<caf::type_id_t>(i));
    auto& sum
      = result[name.empty() ? "other" : std::string{name.data(), name.size()}];
    sum.messages += cells_[i].messages;
    sum.bytes += cells_[i].bytes;
  }
  return result;
}

// -- handle -------------------------------------------------------------------

metered_actor::metered_actor(caf::actor_config& config,
                             caf::strong_actor_ptr target, traffic_meter& meter)
  : caf::actor_proxy{config},
    target_{std::move(target)},
    meter_{meter} {
  // nop
}

bool metered_actor::enqueue(caf::mailbox_element_ptr what,
                            caf::execution_unit* context) {
  replace_listener(what->payload, meter_);
  meter_.note(what->payload);
  what->sender = meter_.metered(what->sender);
  return target_->enqueue(std::move(what), context);
}

void metered_actor::kill_proxy(caf::execution_unit* context,
                               caf::error reason) {
  cleanup(std::move(reason), context);
}

} // namespace starling::deploy
