#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"
#include "runtime/trust/conduct.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::spawner {

/// Lets peers spawn some actor types.
struct spawn_permission {
  /// Nothing stands for every peer.
  std::optional<peer_id> from;
  /// "*" stands for all types.
  std::vector<std::string> types;
  /// Actors of one peer that live at a time.
  uint32_t quota = 100;
};

/// Which peer may spawn what, and how many. What no permission names is
/// refused; the node itself may do everything within `actors_max`.
class spawn_policy {
public:
  spawn_policy(const peer_id& self, std::vector<spawn_permission> permissions,
               size_t actors_max);

  /// May `asker` spawn one more actor of that type? Who is not proven has half
  /// of its quota, but one actor at least. Errors: quarantined (from that zone
  /// on), permission_denied, limit_reached; the text names what stands in the
  /// way.
  [[nodiscard]] result<void> check(const peer_id& asker,
                                   const std::string& type,
                                   const standing& trusted = {}) const;

  void note_spawned(const peer_id& asker);
  void note_ended(const peer_id& asker);

private:
  peer_id self_;
  std::vector<spawn_permission> permissions_;
  size_t actors_max_;
  size_t alive_ = 0;
  std::map<peer_id, size_t> alive_of_;
};

} // namespace starling::spawner
