#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace starling::control {

/// A node that a person may mean.
struct named_node {
  peer_id id;
  std::string name;
};

/// Fewest digits that stand for a node id.
inline constexpr size_t id_prefix_min = 4;

/// Returns the node that `text` means: its name, its id (64 hexadecimal
/// digits), or the beginning of its id, `id_prefix_min` digits at least. A
/// whole id needs not be known. Names go first: an operator chose them.
/// Errors: unknown_peer (the text says which name is near), invalid_option (it
/// fits several nodes).
[[nodiscard]] result<peer_id> find_node(std::string_view text,
                                        const std::vector<named_node>& known);

} // namespace starling::control
