#include "runtime/plugin/actor_catalog.hpp"

#include <algorithm>

namespace starling {

caf::expected<caf::strong_actor_ptr>
actor_catalog::spawn(std::string_view name, node_context& node,
                     const caf::settings& options,
                     const std::set<std::string>& interface) const {
  auto found = entries_.find(name);
  if (found == entries_.end()) {
    auto known = std::string{};
    for (const auto& [other, type] : entries_)
      known += (known.empty() ? "" : ", ") + other;
    return caf::make_error(ec::unknown_name,
                           "no actor type '" + std::string{name}
                             + "' on this node; it knows: " + known);
  }
  const auto& type = found->second;
  const auto offered = type.interface(*node.system);
  // An actor without a typed interface takes any message.
  const auto fits = interface.empty() || offered.empty()
                    || std::includes(offered.begin(), offered.end(),
                                     interface.begin(), interface.end());
  if (!fits)
    return caf::make_error(ec::incompatible_plugin,
                           "actor type '" + std::string{name}
                             + "' has another interface than the one asked "
                               "for; see `starling plugin list`");
  return type.spawn(node, options);
}

bool actor_catalog::contains(std::string_view name) const {
  return entries_.find(name) != entries_.end();
}

std::vector<actor_type_info>
actor_catalog::list(const caf::actor_system& system) const {
  auto result = std::vector<actor_type_info>{};
  for (const auto& [name, type] : entries_)
    result.push_back(
      {name, type.description, type.origin, type.interface(system)});
  return result;
}

std::vector<std::string> actor_catalog::names() const {
  auto result = std::vector<std::string>{};
  for (const auto& [name, type] : entries_)
    result.push_back(name);
  return result;
}

void actor_catalog::remove_origin(std::string_view text) {
  std::erase_if(
    entries_, [text](const auto& item) { return item.second.origin == text; });
}

caf::error actor_catalog::add(std::string name, entry added) {
  auto [where, inserted] = entries_.try_emplace(name, std::move(added));
  if (!inserted)
    return caf::make_error(ec::duplicate_name, "actor type '" + name
                                                 + "' exists already, from "
                                                 + where->second.origin);
  return {};
}

} // namespace starling
