#include "actors/zone/peer_keeper.hpp"

#include "messages/mesh.hpp"
#include "messages/router.hpp"
#include "runtime/metrics/registry.hpp"
#include "runtime/outlive_refusals.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>

#include <utility>

namespace starling::zone {

namespace {

constexpr const char* gauge_name = "starling_peer_reputation";
constexpr const char* gauge_help
  = "What a peer is worth to this node, from 0 to 1; strangers have 0.5.";

result<peer_id> subject_of(const std::string& text) {
  if (auto id = parse_peer_id(text))
    return *id;
  return failure{ec::malformed_input,
                 "a peer is named by the 64 hexadecimal digits of its id"};
}

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

} // namespace

peer_keeper_state::peer_keeper_state(peer_keeper_actor::pointer self,
                                     peer_keeper_options opts)
  : self_{self},
    opts_{std::move(opts)} {
  // nop
}

peer_keeper_actor::behavior_type peer_keeper_state::make_behavior() {
  outlive_refusals(*self_);
  look();
  return {
    [this](const release_agent& msg) -> caf::result<void> {
      auto subject = subject_of(msg.subject);
      if (!subject)
        return to_error(subject.error());
      if (auto done = opts_.release(*subject); !done)
        return to_error(done.error());
      return caf::unit;
    },
    [this](const query_zone& msg) -> caf::result<zone_status> {
      auto subject = subject_of(msg.subject);
      if (!subject)
        return to_error(subject.error());
      auto status = zone_status{};
      status.zone = opts_.node->standing_of(*subject).zone;
      return status;
    },
  };
}

void peer_keeper_state::look() {
  for (const auto& change : opts_.take_changes())
    tell(change);
  avoid();
  cut_off();
  measure();
  self_->run_delayed(opts_.interval, [this] { look(); });
}

void peer_keeper_state::tell(const peer_book::change& what) {
  opts_.node->audit("peer.zone", to_string(what.peer),
                    {{"from", std::string{name_of(what.what.from)}},
                     {"to", std::string{name_of(what.what.to)}},
                     {"level", fmt::format("{:.3f}", what.what.level)},
                     {"reputation", fmt::format("{:.3f}", what.reputation)},
                     {"reason", what.what.reason}});
}

void peer_keeper_state::avoid() {
  const auto router = opts_.node->router();
  auto wanted = opts_.at_least(trust_zone::quarantined);
  auto now = std::set<peer_id>{wanted.begin(), wanted.end()};
  const auto is_new = router && router.address() != router_;
  // A fresh router avoids nobody.
  if (!router || (now == avoided_ && !(is_new && !now.empty())))
    return;
  router_ = router.address();
  avoided_ = std::move(now);
  self_->send(router, avoid_peers{std::move(wanted)});
}

void peer_keeper_state::cut_off() {
  const auto mesh = opts_.node->mesh();
  if (!mesh)
    return;
  const auto wanted = opts_.at_least(trust_zone::isolated);
  const auto now = std::set<peer_id>{wanted.begin(), wanted.end()};
  for (const auto& peer : now)
    if (!blocked_.contains(peer))
      self_->send(mesh, block_peer{peer, "isolated for what it did"});
  for (const auto& peer : blocked_)
    if (!now.contains(peer))
      self_->send(mesh, unblock_peer{peer});
  blocked_ = now;
}

void peer_keeper_state::measure() {
  auto* metrics = opts_.node->metrics;
  if (!metrics)
    return;
  auto now = std::set<peer_id>{};
  for (const auto& entry : opts_.all()) {
    if (now.size() >= opts_.gauges_max)
      break;
    now.insert(entry.peer);
    if (auto gauge = metrics->add_gauge(gauge_name, gauge_help,
                                        {{"peer", to_string(entry.peer)}}))
      gauge->set(entry.now.reputation);
  }
  for (const auto& peer : shown_)
    if (!now.contains(peer))
      metrics->remove(gauge_name, {{"peer", to_string(peer)}});
  shown_ = std::move(now);
}

} // namespace starling::zone
