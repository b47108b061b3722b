#pragma once

#include "runtime/basp/write_backlog.hpp"

#include <caf/forwarding_actor_proxy.hpp>

namespace starling::basp {

/// Stands for an actor of another node. Unlike CAF's own, it answers requests
/// after that actor has ended, else who asks would wait for ever; and it
/// refuses what would pile up before the broker.
class session_proxy final : public caf::forwarding_actor_proxy {
public:
  using caf::forwarding_actor_proxy::forwarding_actor_proxy;

  bool enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* context) override;

  /// The broker has taken as many as `leave` is called.
  [[nodiscard]] write_backlog& backlog() {
    return backlog_;
  }

private:
  write_backlog backlog_;
};

} // namespace starling::basp
