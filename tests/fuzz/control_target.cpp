#include "deploy/control/request.hpp"
#include "tests/fuzz/target.hpp"

#include <string>

using namespace starling;
using namespace starling::fuzz;

namespace {

/// As the handlers of a node read a request.
void read_fields(const control::json& body) {
  auto type = std::string{};
  auto node = std::string{};
  auto count = int64_t{1};
  auto flag = false;
  auto options = control::json{};
  const auto outcome = control::fields{body}
                         .need("type", type)
                         .read("node", node)
                         .read("count", count, 1, 100)
                         .read("force", flag)
                         .read("options", options)
                         .finish();
  if (!outcome) {
    const auto reply = control::to_json(outcome.error());
    require(control::failure_from(reply).has_value());
    require(!control::to_text(reply).empty());
    return;
  }
  require(!type.empty() && type.size() <= 256 && node.size() <= 256);
  require(count >= 1 && count <= 100);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto body = control::parse_request(text_of({data, size}));
  if (!body) {
    require(!body.error().text.empty());
    return 0;
  }
  require(body->is_object());
  const auto text = control::to_text(*body);
  if (text.size() <= control::request_bytes_max) {
    const auto again = control::parse_request(text);
    require(again && *again == *body);
  }
  static_cast<void>(control::failure_from(*body));
  read_fields(*body);
  return 0;
}
