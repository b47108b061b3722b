#include "deploy/control/node_service.hpp"

namespace starling::control {

result<json>
node_service::run(const request&, const std::function<bool(const json&)>&) {
  return failure{ec::wrong_state, "not yet"};
}

} // namespace starling::control
