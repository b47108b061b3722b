// The node whose agents refuse work from those who were cut off.

#include "deploy/consensus/containment_guard.hpp"
#include "deploy/consensus/etcd_client.hpp"
#include "deploy/consensus/verdict_nodes.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

constexpr std::string_view key_prefix = "verdict/";
constexpr auto connect_patience = std::chrono::milliseconds{1'000};
constexpr auto retry_pause = std::chrono::milliseconds{10};

using guard_slot = service_slot<containment_guard_actor>;

caf::error add_guard(actor_catalog& catalog, const char* type,
                     std::shared_ptr<containment_times> times,
                     std::shared_ptr<guard_slot> slot) {
  using impl = containment_guard_actor::stateful_impl<containment_guard_state>;
  return catalog.add<containment_guard_actor>(
    type, "refuses work from agents that were cut off; takes no options",
    [times = std::move(times), slot = std::move(slot)](
      node_context& node,
      const caf::settings&) -> caf::expected<containment_guard_actor> {
      auto made = node.system->spawn<impl>(times);
      slot->set(made);
      return made;
    });
}

/// Hands on what is committed until the process ends.
void watch_verdicts(const std::vector<uint16_t>& ports, size_t first,
                    const guard_slot& slot) {
  auto next = int64_t{0};
  for (auto i = first;; ++i) {
    auto client = etcd_client{ports[i % ports.size()], connect_patience};
    static_cast<void>(
      client.watch(std::string{key_prefix}, next, [&](const etcd_event& event) {
        next = event.revision + 1;
        auto change = zone_changed{};
        change.subject = event.key.substr(key_prefix.size());
        const auto said = nlohmann::json::parse(event.value, nullptr, false);
        change.to = said.is_object() && said.value("to", "") == "ISOLATED"
                      ? trust_zone::isolated
                      : trust_zone::quarantined;
        if (const auto guard = slot())
          caf::anon_send(guard, std::move(change));
      }));
    std::this_thread::sleep_for(retry_pause);
  }
}

} // namespace

void serve_guard(const cluster_member::key_ptr& key, const peer_id& judge,
                 const std::vector<uint16_t>& etcd_ports, size_t first,
                 const child_process::say_fun& say,
                 const commanded_child::listen_fun& listen) {
  const auto modes = {std::string{"free"}, std::string{"consensus"}};
  auto times = std::map<std::string, std::shared_ptr<containment_times>>{};
  auto slots = std::map<std::string, std::shared_ptr<guard_slot>>{};
  auto catalog = std::make_shared<actor_catalog>();
  for (const auto& mode : modes) {
    times[mode] = std::make_shared<containment_times>();
    slots[mode] = std::make_shared<guard_slot>();
    if (auto failed = add_guard(*catalog, (mode + "-guard").c_str(),
                                times[mode], slots[mode]))
      return say("failed " + to_string(failed) + "\n");
  }
  auto member = cluster_member{key, {judge}, catalog, true};
  if (!member.address())
    return say("failed " + member.address().error().text + "\n");
  if (!etcd_ports.empty())
    std::thread{[&] {
      watch_verdicts(etcd_ports, first, *slots["consensus"]);
    }}.detach();
  say(*member.address() + "\n");
  while (const auto command = listen()) {
    const auto phase = command->substr(command->find(' ') + 1) + "-";
    auto text = std::string{};
    for (const auto& mode : modes) {
      for (const auto& [subject, at] : times[mode]->all())
        if (subject.starts_with(phase))
          text += fmt::format("cut {} {} {}\n", mode, subject, at);
      text += fmt::format("heard {} {}\n", mode, times[mode]->heard());
    }
    say(text + "done\n");
  }
  // Whoever asked is gone, and the watching thread never ends.
  ::_exit(0);
}

} // namespace starling::deploy
