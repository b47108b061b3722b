#pragma once

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_proxy.hpp>
#include <caf/actor_system.hpp>
#include <caf/message.hpp>
#include <caf/type_id.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace starling::deploy {

/// What went over handles that stand for actors of other nodes.
struct traffic {
  uint64_t messages = 0;
  /// As CAF would write them to a link, its header included.
  uint64_t bytes = 0;

  friend bool operator==(const traffic&, const traffic&) = default;
};

/// Counts what would cross between nodes where many nodes share one process.
///
/// A metered handle stands for an actor as CAF's proxies do on a real node: it
/// notes each message and its size as written, and hands the message on. Also
/// its sender is replaced by that one's metered handle, so that answers come
/// back over it. Nothing is serialised for good: the time for that is not in
/// what is measured here.
///
/// Handles are made before actors know each other; from then on any thread may
/// use them.
class traffic_meter {
public:
  explicit traffic_meter(caf::actor_system& system);

  /// Makes the handle that actors of other nodes get. Once an actor.
  template <class Handle>
  Handle handle_of(const Handle& actor) {
    return caf::actor_cast<Handle>(
      handle(caf::actor_cast<caf::strong_actor_ptr>(actor)));
  }

  /// Counts a message.
  void note(const caf::message& content);

  /// Returns the metered handle of an actor, or the actor if it has none.
  [[nodiscard]] caf::strong_actor_ptr
  metered(const caf::strong_actor_ptr& actor) const;

  /// Forgets what was counted so far.
  void reset();

  [[nodiscard]] traffic total() const;

  /// Returns what was counted, by the name of the message's first type.
  [[nodiscard]] std::map<std::string, traffic> by_type() const;

private:
  struct counts {
    std::atomic<uint64_t> messages{0};
    std::atomic<uint64_t> bytes{0};
  };

  caf::strong_actor_ptr handle(const caf::strong_actor_ptr& actor);

  caf::actor_system& system_;
  std::unordered_map<caf::actor_id, caf::strong_actor_ptr> handles_;
  /// By type id; those beyond share the last one.
  std::vector<counts> cells_;
};

/// A handle of a `traffic_meter`, which has to outlive it.
class metered_actor : public caf::actor_proxy {
public:
  metered_actor(caf::actor_config& config, caf::strong_actor_ptr target,
                traffic_meter& meter);

  bool enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* context) override;

  void kill_proxy(caf::execution_unit* context, caf::error reason) override;

private:
  caf::strong_actor_ptr target_;
  traffic_meter& meter_;
};

} // namespace starling::deploy
