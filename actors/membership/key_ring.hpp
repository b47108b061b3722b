#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/key_shelf.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace starling::membership {

/// The public keys of admitted nodes, parsed and ready to verify with.
///
/// A record names its node by the hash of a key, so it proves nothing until the
/// key is there and someone says that its owner belongs here. Both are looked
/// at once for each node, not once for each record: parsing and judging cost
/// more than a signature.
class key_ring {
public:
  /// Judges whether the owner of that key was admitted, e.g. by its membership
  /// certificate. Says why not.
  using admit_fn = std::function<result<void>(
    const identity::public_key& key, std::span<const uint8_t> credential)>;

  /// With a shelf, parsed keys are taken from there and, as far as it has room,
  /// kept there, ready to verify with.
  explicit key_ring(admit_fn admit, size_t keys_max = 1'024,
                    std::shared_ptr<identity::key_shelf> shelf = nullptr);

  /// Takes the key of a node. What was admitted before is not judged again.
  /// When the ring is full some other key goes; it can be added anew. Errors:
  /// malformed_input, authentication_failed (the key of another node), and
  /// those of the judge.
  result<void> add(const peer_id& id, std::span<const uint8_t> key,
                   std::span<const uint8_t> credential);

  /// Did that node sign this? False if its key is not here.
  [[nodiscard]] bool verify(const peer_id& id, std::string_view context,
                            std::span<const uint8_t> message,
                            std::span<const uint8_t> signature) const;

  void erase(const peer_id& id);

  [[nodiscard]] size_t size() const noexcept {
    return keys_.size();
  }

private:
  struct entry {
    identity::public_key key;
    std::vector<uint8_t> credential;
  };

  [[nodiscard]] result<identity::public_key>
  parse(std::span<const uint8_t> key) const;

  admit_fn admit_;
  size_t keys_max_;
  std::shared_ptr<identity::key_shelf> shelf_;
  std::map<peer_id, entry> keys_;
};

} // namespace starling::membership
