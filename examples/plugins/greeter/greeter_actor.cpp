#include "greeter_actor.hpp"

#include "greeter.capnp.h"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace greeter {

using starling::ec;
using starling::envelope;
using starling::envelope_actor;

caf::expected<greeter_options> read_options(const caf::settings& input) {
  auto result = greeter_options{};
  for (const auto& [key, value] : input) {
    if (key != "greeting")
      return caf::make_error(ec::invalid_option, "greeter has no option '" + key
                                                   + "'; it takes greeting");
    auto text = caf::get_as<std::string>(value);
    if (!text || text->empty() || text->size() > greeting_bytes_max)
      return caf::make_error(ec::invalid_option,
                             "greeting has to be a text of 1 to "
                               + std::to_string(greeting_bytes_max) + " bytes");
    result.greeting = std::move(*text);
  }
  return result;
}

greeter_state::greeter_state(envelope_actor::pointer, greeter_options options)
  : options_{std::move(options)} {
  // nop
}

envelope_actor::behavior_type greeter_state::make_behavior() {
  return {[this](const envelope& message) { return greet(message); }};
}

caf::result<envelope> greeter_state::greet(const envelope& message) {
  return message.read<wire::Greet>([this](wire::Greet::Reader request) {
    const auto who = request.getName();
    return answer({who.begin(), who.size()});
  });
}

caf::expected<envelope> greeter_state::answer(std::string_view who) {
  if (who.empty() || who.size() > name_bytes_max)
    return caf::make_error(ec::limit_reached, "a name has 1 to "
                                                + std::to_string(name_bytes_max)
                                                + " bytes");
  ++greeted_;
  const auto text = options_.greeting + ", " + std::string{who} + "!";
  return starling::make_envelope<wire::Greeting>(
    [this, &text](wire::Greeting::Builder greeting) {
      greeting.setText(text);
      greeting.setGreeted(greeted_);
    });
}

caf::error add_greeter(starling::actor_catalog& catalog) {
  return catalog.add<envelope_actor>(
    "greeter", "greets by name; options: greeting (\"Hello\")",
    [](starling::node_context& node,
       const caf::settings& input) -> caf::expected<envelope_actor> {
      auto options = read_options(input);
      if (!options)
        return options.error();
      using impl = envelope_actor::stateful_impl<greeter_state>;
      return node.system->spawn<impl>(std::move(*options));
    });
}

} // namespace greeter
