#include "deploy/node/configured_actors.hpp"

#include "actors/supervisor/tree_supervisor.hpp"

#include <caf/config_value.hpp>
#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace starling::deploy {

namespace {

supervision::strategy strategy_from(const std::string& text) {
  // The node file takes no other word.
  return text == "one-for-all"    ? supervision::strategy::one_for_all
         : text == "rest-for-one" ? supervision::strategy::rest_for_one
                                  : supervision::strategy::one_for_one;
}

std::string text_of(const caf::error& reason) {
  const auto& context = reason.context();
  return context.match_elements<std::string>() ? context.get_as<std::string>(0)
                                               : to_string(reason);
}

caf::error explain(const config::actor_entry& entry, const caf::error& reason) {
  const auto* remedy
    = reason == ec::unknown_name
        ? "; correct 'type', or name the folder of its plugin in [node] "
          "plugin_dirs"
        : "; `starling types` shows what each type takes";
  const auto code = reason.category() == caf::type_id_v<ec>
                      ? static_cast<ec>(reason.code())
                      : ec::invalid_option;
  return caf::make_error(
    code, fmt::format("{}{}actor '{}' of type '{}' does not start: {}{}",
                      entry.place.text, entry.place.text.empty() ? "" : ": ",
                      entry.name, entry.type, text_of(reason), remedy));
}

} // namespace

caf::settings to_settings(const config::value_map& options) {
  auto result = caf::settings{};
  for (const auto& [key, given] : options)
    std::visit(
      [&result, &key]<class T>(const T& x) {
        if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          auto list = caf::config_value::list{};
          for (const auto& text : x)
            list.emplace_back(text);
          result.emplace(key, caf::config_value{std::move(list)});
        } else {
          result.emplace(key, caf::config_value{x});
        }
      },
      given);
  return result;
}

configured_actors::configured_actors(const config::node_options& opts,
                                     const actor_catalog& catalog,
                                     node_context& node)
  : opts_{opts},
    catalog_{catalog},
    node_{node} {
  for (const auto& entry : opts_.actors)
    if (std::ranges::find(strategies_, strategy_of(entry)) == strategies_.end())
      strategies_.push_back(strategy_of(entry));
}

void configured_actors::spawn_groups() {
  using impl
    = supervisor_actor::stateful_impl<supervisor::tree_supervisor_state>;
  for (const auto& strategy : strategies_) {
    auto opts = supervisor::tree_supervisor_options{};
    opts.policy.how = strategy_from(strategy);
    opts.policy.intensity = opts_.supervision.intensity;
    opts.policy.period = opts_.supervision.period;
    groups_.push_back(
      node_.system->spawn<impl>(catalog_, node_, std::move(opts)));
  }
}

void configured_actors::start(caf::event_based_actor* self, done_fun done) {
  start_from(0, self, std::move(done));
}

void configured_actors::start_from(size_t index, caf::event_based_actor* self,
                                   done_fun done) {
  if (index == opts_.actors.size()) {
    done({});
    return;
  }
  const auto& entry = opts_.actors[index];
  const auto group = std::ranges::find(strategies_, strategy_of(entry));
  const auto& supervisor
    = groups_.at(static_cast<size_t>(group - strategies_.begin()));
  self
    ->request(supervisor, caf::infinite,
              start_child{entry.name, entry.type, to_settings(entry.options)})
    .then(
      [this, index, self, done](const caf::strong_actor_ptr&) {
        node_.audit("actor.started", opts_.actors[index].name,
                    {{"type", opts_.actors[index].type}});
        start_from(index + 1, self, done);
      },
      [this, index, done](caf::error& reason) {
        done(explain(opts_.actors[index], reason));
      });
}

void configured_actors::stop() {
  for (auto& group : groups_)
    caf::anon_send_exit(group, caf::exit_reason::user_shutdown);
  groups_.clear();
}

std::set<std::string> configured_actors::names() const {
  auto result = std::set<std::string>{};
  for (const auto& entry : opts_.actors)
    result.insert(entry.name);
  return result;
}

const std::string&
configured_actors::strategy_of(const config::actor_entry& entry) const {
  return entry.strategy ? *entry.strategy : opts_.supervision.strategy;
}

} // namespace starling::deploy
