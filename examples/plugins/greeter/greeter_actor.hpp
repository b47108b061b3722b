#pragma once

#include "messages/envelope.hpp"
#include "messages/error.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/expected.hpp>
#include <caf/settings.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace greeter {

struct greeter_options {
  /// What stands before the name; 1 to `greeting_bytes_max` bytes.
  std::string greeting = "Hello";
};

inline constexpr size_t greeting_bytes_max = 200;
inline constexpr size_t name_bytes_max = 100;

/// Reads `greeting`; what is missing keeps its default. Errors: invalid_option.
caf::expected<greeter_options> read_options(const caf::settings& input);

/// Takes messages of greeter.capnp, and JSON for `starling call`.
using greeter_actor
  = starling::envelope_actor::extend_with<starling::json_actor>;

/// State of an actor that answers Greet with Greeting; see greeter.capnp. In
/// JSON: {"name": "Ada"} with {"text": "Hello, Ada!", "greeted": 1}.
/// Errors: malformed_input (another message), limit_reached (long name).
class greeter_state {
public:
  static constexpr const char* name = "greeter";

  greeter_state(greeter_actor::pointer self, greeter_options options);

  greeter_actor::behavior_type make_behavior();

private:
  caf::result<starling::envelope> greet(const starling::envelope& message);
  caf::expected<starling::envelope> answer(std::string_view who);
  caf::result<std::string> greet_in_json(const starling::json_request& message);
  /// Returns the greeting and counts it. Errors: limit_reached.
  caf::expected<std::string> greeting_for(std::string_view who);

  greeter_options options_;
  uint64_t greeted_ = 0;
};

/// Adds the actor type "greeter".
caf::error add_greeter(starling::actor_catalog& catalog);

} // namespace greeter
