// What this node thinks of others, and why.

#include "deploy/control/node_service.hpp"
#include "runtime/audit/log_history.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace starling::control {

namespace {

/// Entries of the log that are told: more is what the log is for.
constexpr size_t events_max = 50;

/// Kinds of entries that say how somebody is treated.
bool tells_why(const std::string& kind) {
  return kind == "zone.change" || kind == "peer.zone"
         || kind == "session.refused" || kind == "session.ended"
         || kind == "messages.dropped" || kind == "node.revoked";
}

json to_json(const audit::record& x) {
  const auto time
    = std::chrono::floor<std::chrono::seconds>(x.what.time.physical());
  return {{"time", fmt::format("{:%FT%TZ}", time)},
          {"entry", x.seq},
          {"kind", x.what.kind},
          {"detail", x.what.detail}};
}

json to_json(const zone::peer_book::entry& x) {
  auto deeds = json::object();
  for (size_t i = 0; i < x.seen.size(); ++i)
    if (x.seen[i] > 0)
      deeds[std::string{name_of(static_cast<conduct>(i))}] = x.seen[i];
  return {{"zone", std::string{name_of(x.now.zone)}},
          {"in_zone_s", std::chrono::duration<double>{x.in_zone}.count()},
          {"reputation", x.now.reputation},
          {"proven", x.now.proven},
          {"strikes", x.strikes},
          {"deeds", std::move(deeds)}};
}

} // namespace

/// The name of a node, or of an agent that is judged on this one. Nothing here
/// was asked of others: what they think is theirs.
result<json> node_service::why(const request& asked) {
  const auto name = asked.path.substr(asked.path.rfind('/') + 1);
  auto body = json{{"name", name},
                   {"by", context().name},
                   {"by_id", to_string(context().self)}};
  auto peer = std::optional<peer_id>{};
  if (auto found = node_called(name)) {
    peer = *found;
    body["id"] = to_string(*peer);
    auto held = zone::peer_book::entry{};
    held.peer = *peer;
    held.now = parts_.node->trust().of(*peer);
    for (const auto& entry : parts_.node->trust().all())
      if (entry.peer == *peer)
        held = entry;
    // Nobody keeps a book on itself.
    if (*peer != context().self)
      body["peer"] = to_json(held);
  } else if (found.error().code != ec::unknown_peer) {
    return found.error();
  }
  const auto subject = peer ? to_string(*peer) : std::string{};
  auto events = audit::last_entries(
    deploy::node_paths{*context().options}.audit, events_max,
    [&](const audit::record& x) {
      return tells_why(x.what.kind)
             && (x.what.subject == name || (peer && x.what.subject == subject));
    });
  if (!events)
    return events.error();
  if (!peer && events->empty())
    return failure{ec::unknown_name,
                   fmt::format("node {} knows no node '{}' and has judged no "
                               "agent of that name",
                               context().name, name.substr(0, 64))};
  auto list = json::array();
  for (const auto& event : *events)
    list.push_back(to_json(event));
  body["events"] = std::move(list);
  return result<json>{std::move(body)};
}

result<json> node_service::release(const request& asked) {
  auto node = std::string{};
  if (auto ok = fields{asked.body}.need("node", node).finish(); !ok)
    return ok.error();
  auto id = node_called(node);
  if (!id)
    return id.error();
  if (auto done = parts_.node->trust().release(*id); !done)
    return done.error();
  return result<json>{
    json{{"by", context().name},
         {"id", to_string(*id)},
         {"zone", std::string{name_of(parts_.node->trust().of(*id).zone)}}}};
}

} // namespace starling::control
