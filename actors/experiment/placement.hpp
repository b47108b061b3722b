#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace starling::experiment {

/// Which node runs the agent of an entity, and which one watches it.
///
/// The watcher is never the watched: with two nodes or more alive, an agent and
/// its detector are on different ones. After a failure what was lost moves to
/// the next node alive; what still runs stays where it is.
class placement {
public:
  /// @pre `nodes > 0`.
  placement(size_t nodes, size_t entities);

  /// The node is gone for good.
  void note_dead(size_t node);

  [[nodiscard]] bool alive(size_t node) const {
    return alive_[node];
  }

  [[nodiscard]] bool any_alive() const;

  /// Both, as placed last.
  [[nodiscard]] size_t agent_node(size_t entity) const {
    return places_[entity].agent;
  }

  [[nodiscard]] size_t detector_node(size_t entity) const {
    return places_[entity].detector;
  }

  /// Places the agent on another node, away from its detector if possible.
  /// @pre `any_alive()`.
  void move_agent(size_t entity);

  /// Likewise the detector.
  void move_detector(size_t entity);

  /// Returns the entities whose detector is on that node, in their order.
  [[nodiscard]] std::vector<size_t> watched_on(size_t node) const;

private:
  struct place {
    size_t agent = 0;
    size_t detector = 0;
  };

  /// Returns the next node alive after `from`, other than `avoid` if there is
  /// one.
  [[nodiscard]] size_t next_alive(size_t from, size_t avoid) const;

  std::vector<bool> alive_;
  std::vector<place> places_;
};

} // namespace starling::experiment
