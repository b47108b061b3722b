#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>

namespace starling::identity {

/// Keys of nodes that were admitted, ready to verify with (70 kB each, see
/// `public_key::made_ready`), for all of a node that verifies: a session asks
/// for a key that gossip has used before, or the other way round.
///
/// The first `keys_max` stay until they are dropped; whoever comes later is
/// verified as if there were no shelf. Why not those used last: all nodes sign
/// equally often, so in a larger cluster each would push out the next one just
/// before its turn.
///
/// May be used from several threads.
class key_shelf {
public:
  explicit key_shelf(size_t keys_max = 64) : keys_max_{keys_max} {
    // nop
  }

  /// Returns the key with those bytes, made ready. A new one is not kept, since
  /// it may be a stranger's. Errors: malformed_input.
  [[nodiscard]] result<public_key> parse(std::span<const uint8_t> bytes) const;

  /// Keeps a key. @pre its owner was admitted. Returns whether it is here now.
  bool keep(const public_key& key);

  void drop(const peer_id& id);

  [[nodiscard]] size_t size() const;

private:
  size_t keys_max_;
  mutable std::mutex mutex_;
  std::map<peer_id, public_key> keys_;
};

} // namespace starling::identity
