#pragma once

#include "messages/error.hpp"
#include "messages/spawner.hpp"
#include "runtime/node_context.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/settings.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starling {

/// The actor types a node can spawn, by name: bundled ones and those that
/// plugins bring. The program makes it and hands it down; there is no global
/// registry, so a test builds its own.
class actor_catalog {
public:
  /// Spawns one actor. Errors: invalid_option, and what the type documents.
  template <class Handle>
  using factory
    = std::function<caf::expected<Handle>(node_context&, const caf::settings&)>;

  /// Adds a type. `description` is one line for people, with the options it
  /// takes. Errors: duplicate_name.
  template <class Handle>
  caf::error
  add(std::string name, std::string description, factory<Handle> spawn) {
    auto erased =
      [spawn = std::move(spawn)](
        node_context& node,
        const caf::settings& options) -> caf::expected<caf::strong_actor_ptr> {
      auto handle = spawn(node, options);
      if (!handle)
        return std::move(handle.error());
      return caf::actor_cast<caf::strong_actor_ptr>(*handle);
    };
    auto interface = [](const caf::actor_system& system) {
      return system.message_types<Handle>();
    };
    return add(std::move(name), entry{std::move(description), origin_,
                                      std::move(erased), interface});
  }

  /// Spawns an actor of that type. `interface` is what the caller wants to use;
  /// empty for any. Errors: unknown_name (the text lists what is near),
  /// incompatible_plugin (the interface differs), and those of the factory.
  caf::expected<caf::strong_actor_ptr>
  spawn(std::string_view name, node_context& node, const caf::settings& options,
        const std::set<std::string>& interface = {}) const;

  [[nodiscard]] bool contains(std::string_view name) const;

  /// Returns all types, by name.
  [[nodiscard]] std::vector<actor_type_info>
  list(const caf::actor_system& system) const;

  /// Returns the names only.
  [[nodiscard]] std::vector<std::string> names() const;

  /// Says where types that are added from now on come from: "bundled", or the
  /// path of a plugin.
  void origin(std::string text) {
    origin_ = std::move(text);
  }

  /// Takes away all types of that origin: a plugin that failed half-way leaves
  /// nothing behind.
  void remove_origin(std::string_view text);

private:
  struct entry {
    std::string description;
    std::string origin;
    factory<caf::strong_actor_ptr> spawn;
    std::set<std::string> (*interface)(const caf::actor_system&);
  };

  caf::error add(std::string name, entry added);

  std::map<std::string, entry, std::less<>> entries_;
  std::string origin_ = "bundled";
};

} // namespace starling
