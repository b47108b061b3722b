#pragma once

#include "messages/envelope.hpp"
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

/// State of an actor that answers Greet with Greeting; see greeter.capnp.
/// Errors: malformed_input (another message), limit_reached (long name).
class greeter_state {
public:
  static constexpr const char* name = "greeter";

  greeter_state(starling::envelope_actor::pointer self,
                greeter_options options);

  starling::envelope_actor::behavior_type make_behavior();

private:
  caf::result<starling::envelope> greet(const starling::envelope& message);
  caf::expected<starling::envelope> answer(std::string_view who);

  greeter_options options_;
  uint64_t greeted_ = 0;
};

/// Adds the actor type "greeter".
caf::error add_greeter(starling::actor_catalog& catalog);

} // namespace greeter
