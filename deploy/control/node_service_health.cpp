#include "deploy/control/ask.hpp"
#include "deploy/control/node_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

namespace starling::control {

namespace {

/// Those who watch ask often and don't wait long.
constexpr auto health_timeout = std::chrono::seconds{2};

} // namespace

result<void> node_service::ready() {
  const auto& opts = context().options->node;
  if (!opts.listen.empty() && parts_.addresses.empty())
    return failure{ec::wrong_state, "the node does not listen"};
  if (auto ok = check_children(parts_.node->supervisor(), "role"); !ok)
    return ok;
  for (const auto& group : parts_.node->groups())
    if (auto ok = check_children(group, "actor"); !ok)
      return ok;
  if (opts.bootstrap.empty())
    return {};
  auto peers = ask<std::vector<peer_status>>(*parts_.system, context().mesh(),
                                             health_timeout, list_peers{});
  if (!peers)
    return peers.error();
  if (peers->empty())
    return failure{ec::wrong_state,
                   "there is no session with any peer yet; see bootstrap in "
                   "[node]"};
  return {};
}

result<void> node_service::check_children(const supervisor_actor& of,
                                          const char* kind) {
  auto children = ask<std::vector<child_status>>(
    *parts_.system, of, health_timeout, list_children{});
  if (!children)
    return failure{children.error().code,
                   fmt::format("a supervisor of the node's {}s has given up, "
                               "see supervisor.gave_up in the audit log: {}",
                               kind, children.error().text)};
  const auto down = std::ranges::find_if(
    *children, [](const child_status& child) { return !child.actor; });
  if (down != children->end())
    return failure{ec::wrong_state,
                   fmt::format("{} '{}' is down", kind, down->name)};
  return {};
}

result<void> node_service::alive() {
  auto turned = std::make_shared<std::promise<void>>();
  parts_.node->run_on_event_loop(
    [turned](peer::admission_policy&) { turned->set_value(); });
  if (turned->get_future().wait_for(health_timeout)
      != std::future_status::ready)
    return failure{ec::timed_out, "the node's event loop does not turn"};
  return {};
}

json node_service::configured() {
  auto list = json::array();
  for (const auto& group : parts_.node->groups()) {
    auto children = ask<std::vector<child_status>>(
      *parts_.system, group, parts_.timeout, list_children{});
    if (!children)
      continue;
    for (const auto& child : *children)
      list.push_back({{"name", child.name},
                      {"type", child.type},
                      {"running", static_cast<bool>(child.actor)},
                      {"restarts", child.restarts}});
  }
  // A group that has given up lists nobody; the file still does.
  for (const auto& entry : context().options->actors)
    if (std::none_of(list.begin(), list.end(), [&entry](const json& one) {
          return one.at("name") == entry.name;
        }))
      list.push_back({{"name", entry.name},
                      {"type", entry.type},
                      {"running", false},
                      {"restarts", 0}});
  return list;
}

} // namespace starling::control
