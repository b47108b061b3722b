#include "runtime/basp/node_name.hpp"

#include <algorithm>

namespace starling::basp {

namespace {

using host_part = caf::hashed_node_id::host_id_type;

host_part host_of(const peer_id& id) {
  static_assert(std::tuple_size_v<host_part> <= peer_id::size);
  auto result = host_part{};
  std::copy_n(id.bytes.begin(), result.size(), result.begin());
  return result;
}

} // namespace

caf::node_id node_name(const peer_id& id, uint32_t start) {
  return caf::node_id{
    caf::hashed_node_id{std::max(start, uint32_t{1}), host_of(id)}};
}

bool is_name_of(const caf::node_id& name, const peer_id& id) {
  if (!name)
    return false;
  const auto* hashed = caf::get_if<caf::hashed_node_id>(&name->content);
  return hashed && hashed->host == host_of(id);
}

} // namespace starling::basp
