#include "actors/echo/json_echo.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <nlohmann/json.hpp>

#include <utility>

namespace starling::echo {

namespace {

caf::expected<json_echo_options> read_options(const caf::settings& input) {
  auto opts = json_echo_options{};
  for (const auto& [key, value] : input) {
    if (key != "text")
      return caf::make_error(ec::invalid_option, "an echo has no option '" + key
                                                   + "'; it takes text");
    const auto* text = caf::get_if<std::string>(&value);
    if (!text || text->size() > text_bytes_max)
      return caf::make_error(ec::invalid_option,
                             "option 'text' of an echo must be a text of up to "
                               + std::to_string(text_bytes_max) + " bytes");
    opts.text = *text;
  }
  return opts;
}

} // namespace

json_echo_state::json_echo_state(json_actor::pointer, std::string node,
                                 json_echo_options opts)
  : node_{std::move(node)},
    opts_{std::move(opts)} {
  // nop
}

json_actor::behavior_type json_echo_state::make_behavior() {
  return {[this](const json_request& msg) { return answer(msg); }};
}

std::string json_echo_state::answer(const json_request& msg) {
  using nlohmann::json;
  auto heard = json::parse(msg.text, nullptr, false);
  if (heard.is_discarded())
    heard = msg.text;
  auto said
    = json{{"node", node_}, {"heard", std::move(heard)}, {"asked", ++asked_}};
  if (!opts_.text.empty())
    said["text"] = opts_.text;
  return said.dump(-1, ' ', false, json::error_handler_t::replace);
}

caf::error add_json_echo(actor_catalog& catalog) {
  return catalog.add<json_actor>(
    "echo", "answers in JSON with what it is told; options: text",
    [](node_context& node,
       const caf::settings& input) -> caf::expected<json_actor> {
      auto opts = read_options(input);
      if (!opts)
        return std::move(opts.error());
      using impl = json_actor::stateful_impl<json_echo_state>;
      return node.system->spawn<impl>(node.name, std::move(*opts));
    });
}

} // namespace starling::echo
