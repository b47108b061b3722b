#include "actors/agent/echo_agent.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace starling::agent {

namespace {

/// Deeper JSON is refused before it is parsed further.
constexpr int depth_max = 64;

caf::result<std::string> answer_json(const std::string& prefix,
                                     const std::string& text) {
  auto bounded = [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    return depth <= depth_max;
  };
  auto content = nlohmann::json::parse(text, bounded, false);
  if (content.is_discarded())
    return caf::make_error(ec::invalid_option,
                           "echo: the request is not JSON: " + text);
  auto answer = nlohmann::json{{"echo", std::move(content)}};
  if (!prefix.empty())
    answer["prefix"] = prefix;
  return answer.dump();
}

} // namespace

echo_agent_state::echo_agent_state(echo_actor::pointer, std::string prefix)
  : prefix_{std::move(prefix)} {
  // nop
}

echo_actor::behavior_type echo_agent_state::make_behavior() {
  return {
    [this](const json_request& msg) { return answer_json(prefix_, msg.text); },
    [this](const std::string& text) { return prefix_ + text; },
  };
}

caf::error add_echo_agent(actor_catalog& catalog) {
  using impl = echo_actor::stateful_impl<echo_agent_state>;
  return catalog.add<echo_actor>(
    "echo", "answers with what it is told; options: prefix (text)",
    [](node_context& node,
       const caf::settings& options) -> caf::expected<echo_actor> {
      auto prefix = std::string{};
      for (const auto& [key, value] : options) {
        auto text = caf::get_as<std::string>(value);
        if (key != "prefix" || !text)
          return caf::make_error(ec::invalid_option,
                                 "echo: unknown option or wrong type: " + key
                                   + "; it takes prefix (text)");
        prefix = std::move(*text);
      }
      return node.system->spawn<impl>(std::move(prefix));
    });
}

} // namespace starling::agent
