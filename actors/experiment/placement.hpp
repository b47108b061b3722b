#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace starling::experiment {

/// Which node runs the agent of an entity, and which one watches it.
///
/// The watcher is never the watched: with two nodes or more alive, an agent and
/// its detector are on different ones. After a failure what was lost moves to
/// the node that has least of its kind; what still runs stays where it is.
class placement {
public:
  /// @pre `nodes > 0`.
  placement(size_t nodes, size_t entities);

  /// The node is gone; nothing moves there before it is back.
  void note_dead(size_t node);

  /// The node is back, with nothing on it.
  void note_alive(size_t node);

  /// Returns the index of a new node, with nothing on it.
  size_t add_node();

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

  /// Whether some detector is on that node.
  [[nodiscard]] bool watches(size_t node) const {
    return detectors_[node] > 0;
  }

  /// Returns the entities whose detector is on that node, in their order.
  [[nodiscard]] std::vector<size_t> watched_on(size_t node) const;

private:
  struct place {
    size_t agent = 0;
    size_t detector = 0;
  };

  /// Returns the node alive of the least `use`; of several the next after
  /// `from`. `avoid` only if there is no other.
  [[nodiscard]] size_t least_used(const std::vector<size_t>& use, size_t from,
                                  size_t avoid) const;

  /// Moves what is at `where` to the node that has least of it.
  void move(size_t& where, std::vector<size_t>& use, size_t avoid);

  std::vector<bool> alive_;
  /// By node.
  std::vector<size_t> agents_;
  std::vector<size_t> detectors_;
  std::vector<place> places_;
};

} // namespace starling::experiment
