#pragma once

#include "messages/error.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <string>

namespace starling::echo {

struct json_echo_options {
  /// Stands in every answer; up to `text_bytes_max` bytes.
  std::string text;
};

inline constexpr size_t text_bytes_max = 200;

/// State of an actor that answers with what it was told, its node and how often
/// it was asked: to try a cluster out, and to measure it.
class json_echo_state {
public:
  static constexpr const char* name = "starling.echo";

  json_echo_state(json_actor::pointer self, std::string node,
                  json_echo_options opts);

  json_actor::behavior_type make_behavior();

private:
  std::string answer(const json_request& msg);

  std::string node_;
  json_echo_options opts_;
  uint64_t asked_ = 0;
};

/// Adds the actor type "echo". Options: text. Errors: duplicate_name.
caf::error add_json_echo(actor_catalog& catalog);

} // namespace starling::echo
