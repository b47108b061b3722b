#include "actors/supervisor/tree_supervisor.hpp"
#include "runtime/config/node_options.hpp"

#include <caf/config_value.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace starling::supervisor {

namespace {

caf::error wrong(std::string_view key, const caf::config_value& value,
                 std::string_view expected) {
  return caf::make_error(ec::invalid_option,
                         "option '" + std::string{key} + "' of a supervisor is "
                           + to_string(value) + " but must be "
                           + std::string{expected});
}

const caf::config_value* find(const caf::settings& input,
                              std::string_view key) {
  const auto known = input.find(caf::string_view{key.data(), key.size()});
  return known == input.end() ? nullptr : &known->second;
}

/// Reads a value between two bounds; an absent one leaves the default.
template <class T>
caf::error read(const caf::settings& input, std::string_view key, T& target,
                T least, T most, std::string_view expected) {
  const auto* value = find(input, key);
  if (!value)
    return {};
  const auto converted = caf::get_as<T>(*value);
  if (!converted || *converted < least || *converted > most)
    return wrong(key, *value, expected);
  target = *converted;
  return {};
}

caf::expected<supervision::strategy> strategy_from(const std::string& text) {
  using enum supervision::strategy;
  if (text == "one-for-one")
    return one_for_one;
  if (text == "one-for-all")
    return one_for_all;
  if (text == "rest-for-one")
    return rest_for_one;
  return caf::make_error(ec::invalid_option,
                         "'" + text
                           + "' is no strategy; write one-for-one, one-for-all "
                             "or rest-for-one");
}

caf::error check_keys(const caf::settings& input,
                      std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : input)
    if (std::ranges::find(known, std::string_view{key}) == known.end())
      return caf::make_error(ec::invalid_option,
                             "a supervisor has no option '" + key + "'");
  return {};
}

caf::error read_policy(const caf::settings& input,
                       supervision::policy_options& target) {
  using caf::timespan;
  constexpr auto least = timespan{1};
  constexpr auto none = timespan{0};
  const auto most = timespan{std::chrono::hours{24 * 365}};
  const auto expected = std::string_view{"a duration such as \"10s\""};
  if (auto failed = read(input, "intensity", target.intensity, uint32_t{0},
                         uint32_t{100'000}, "an integer up to 100000"))
    return failed;
  if (auto failed = read(input, "period", target.period, least, most, expected))
    return failed;
  if (auto failed
      = read(input, "backoff", target.backoff, none, most, expected))
    return failed;
  if (auto failed
      = read(input, "backoff-max", target.backoff_max, least, most, expected))
    return failed;
  return read(input, "jitter", target.jitter, 0.0, 1.0, "between 0 and 1");
}

caf::expected<start_child> read_child(const caf::config_value& input) {
  const auto* table = caf::get_if<caf::settings>(&input);
  if (!table)
    return wrong("children", input, "a list of tables with name and type");
  if (auto failed = check_keys(*table, {"name", "type", "restart", "options"}))
    return failed;
  auto result = start_child{};
  for (auto [key, target] :
       {std::pair{"name", &result.name}, std::pair{"type", &result.type}}) {
    const auto* value = find(*table, key);
    const auto* text = value ? caf::get_if<std::string>(value) : nullptr;
    if (!text)
      return wrong("children", input, "a list of tables with name and type");
    *target = *text;
  }
  if (const auto* options = find(*table, "options")) {
    const auto* inner = caf::get_if<caf::settings>(options);
    if (!inner)
      return wrong("options", *options, "a table");
    result.options = *inner;
  }
  if (const auto* kind = find(*table, "restart"))
    result.options["restart"] = *kind;
  return result;
}

caf::error read_children(const caf::settings& input,
                         std::vector<start_child>& target) {
  const auto* value = find(input, "children");
  if (!value)
    return {};
  const auto* list = caf::get_if<caf::config_value::list>(value);
  if (!list)
    return wrong("children", *value, "a list");
  for (const auto& item : *list) {
    auto child = read_child(item);
    if (!child)
      return std::move(child.error());
    target.push_back(std::move(*child));
  }
  return {};
}

} // namespace

caf::expected<supervision::restart> restart_kind_from(const std::string& text) {
  using enum supervision::restart;
  if (text == "permanent")
    return permanent;
  if (text == "transient")
    return transient;
  if (text == "temporary")
    return temporary;
  return caf::make_error(ec::invalid_option,
                         "'" + text
                           + "' says not how to restart; write permanent, "
                             "transient or temporary");
}

caf::expected<tree_supervisor_options>
read_tree_supervisor_options(const caf::settings& input,
                             const node_context& node) {
  if (auto failed
      = check_keys(input, {"strategy", "intensity", "period", "backoff",
                           "backoff-max", "jitter", "restart", "stop-timeout",
                           "children-max", "children"}))
    return failed;
  auto result = tree_supervisor_options{};
  auto how = std::string{"one-for-one"};
  if (node.options) {
    how = node.options->supervision.strategy;
    result.policy.intensity = node.options->supervision.intensity;
    result.policy.period = node.options->supervision.period;
  }
  if (const auto* value = find(input, "strategy"))
    how = to_string(*value);
  auto strategy = strategy_from(how);
  if (!strategy)
    return std::move(strategy.error());
  result.policy.how = *strategy;
  if (auto failed = read_policy(input, result.policy))
    return failed;
  if (const auto* value = find(input, "restart")) {
    auto kind = restart_kind_from(to_string(*value));
    if (!kind)
      return std::move(kind.error());
    result.restart_kind = *kind;
  }
  if (auto failed
      = read(input, "stop-timeout", result.stop_timeout, caf::timespan{1},
             caf::timespan{std::chrono::hours{1}}, "a duration up to 1h"))
    return failed;
  if (auto failed = read(input, "children-max", result.children_max, size_t{1},
                         size_t{1'000'000}, "an integer up to 1000000"))
    return failed;
  if (auto failed = read_children(input, result.children))
    return failed;
  return result;
}

caf::error add_tree_supervisor(actor_catalog& catalog) {
  using impl = supervisor_actor::stateful_impl<tree_supervisor_state>;
  return catalog.add<supervisor_actor>(
    "supervisor",
    "keeps children alive; options: strategy, intensity, period, backoff, "
    "backoff-max, jitter, restart, stop-timeout, children-max, children",
    [&catalog](node_context& node,
               const caf::settings& input) -> caf::expected<supervisor_actor> {
      auto opts = read_tree_supervisor_options(input, node);
      if (!opts)
        return std::move(opts.error());
      return node.system->spawn<impl>(catalog, node, std::move(*opts));
    });
}

} // namespace starling::supervisor
