#include "greeter_actor.hpp"

#include "greeter.capnp.h"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include <utility>

namespace greeter {

using starling::ec;
using starling::envelope;

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

greeter_state::greeter_state(greeter_actor::pointer, greeter_options options)
  : options_{std::move(options)} {
  // nop
}

greeter_actor::behavior_type greeter_state::make_behavior() {
  return {
    [this](const envelope& message) { return greet(message); },
    [this](const starling::json_request& message) {
      return greet_in_json(message);
    },
  };
}

caf::result<envelope> greeter_state::greet(const envelope& message) {
  return message.read<wire::Greet>([this](wire::Greet::Reader request) {
    const auto who = request.getName();
    return answer({who.begin(), who.size()});
  });
}

caf::expected<envelope> greeter_state::answer(std::string_view who) {
  auto text = greeting_for(who);
  if (!text)
    return std::move(text.error());
  return starling::make_envelope<wire::Greeting>(
    [this, &text](wire::Greeting::Builder greeting) {
      greeting.setText(*text);
      greeting.setGreeted(greeted_);
    });
}

caf::result<std::string>
greeter_state::greet_in_json(const starling::json_request& message) {
  using nlohmann::json;
  const auto request = json::parse(message.text, nullptr, false);
  const auto who = request.is_object() ? request.find("name") : request.end();
  if (who == request.end() || !who->is_string())
    return caf::make_error(ec::malformed_input,
                           "write {\"name\": \"...\"}, whom to greet");
  auto text = greeting_for(who->get<std::string>());
  if (!text)
    return std::move(text.error());
  return json{{"text", *text}, {"greeted", greeted_}}.dump(
    -1, ' ', false, json::error_handler_t::replace);
}

caf::expected<std::string> greeter_state::greeting_for(std::string_view who) {
  if (who.empty() || who.size() > name_bytes_max)
    return caf::make_error(ec::limit_reached, "a name has 1 to "
                                                + std::to_string(name_bytes_max)
                                                + " bytes");
  ++greeted_;
  return options_.greeting + ", " + std::string{who} + "!";
}

caf::error add_greeter(starling::actor_catalog& catalog) {
  return catalog.add<greeter_actor>(
    "greeter", "greets by name; options: greeting (\"Hello\")",
    [](starling::node_context& node,
       const caf::settings& input) -> caf::expected<greeter_actor> {
      auto options = read_options(input);
      if (!options)
        return options.error();
      using impl = greeter_actor::stateful_impl<greeter_state>;
      return node.system->spawn<impl>(std::move(*options));
    });
}

} // namespace greeter
