#include "actors/mesh/dial_list.hpp"

#include <algorithm>
#include <utility>

namespace starling::mesh {

dial_list::dial_list(std::vector<config::endpoint> only)
  : is_limited_{true},
    only_{std::move(only)} {
  // nop
}

std::vector<std::string>
dial_list::addresses_of(const peer_id& id,
                        std::vector<std::string> named) const {
  if (!is_limited_)
    return named;
  auto result = std::vector<std::string>{};
  for (auto where : only_) {
    const auto owner = std::exchange(where.peer, std::nullopt);
    auto address = config::to_string(where);
    // Who may answer there is not said, so it has to be one who claims it.
    const auto is_his
      = owner ? *owner == id : std::ranges::find(named, address) != named.end();
    if (is_his)
      result.push_back(std::move(address));
  }
  return result;
}

} // namespace starling::mesh
