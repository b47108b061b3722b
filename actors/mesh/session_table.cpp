#include "actors/mesh/session_table.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace starling::mesh {

namespace {

bool is_stranger(const session_entry& x) {
  return !x.id && !x.dialled && !x.evicted;
}

/// Returns an address without its port.
std::string_view host_of(std::string_view address) {
  const auto host = address.find("://");
  const auto port = address.rfind(':');
  if (host == std::string_view::npos || port <= host)
    return address;
  return address.substr(0, port);
}

} // namespace

session_table::session_table(const peer_id& self, const session_limits& limits)
  : self_{self},
    limits_{limits} {
  // nop
}

std::optional<uint64_t> session_table::add(session_entry entry) {
  auto evicted = entry.dialled ? std::nullopt : make_room();
  const auto session = entry.session;
  entries_.emplace(session, std::move(entry));
  return evicted;
}

std::optional<uint64_t> session_table::make_room() {
  auto strangers = size_t{0};
  auto from = std::map<std::string_view, size_t>{};
  for (const auto& [session, entry] : entries_)
    if (is_stranger(entry)) {
      ++strangers;
      ++from[host_of(entry.address)];
    }
  if (strangers < limits_.handshakes_max)
    return std::nullopt;
  const auto right_to_stay = [&](const session_entry& x) {
    const auto alone
      = from[host_of(x.address)] * 4 <= limits_.handshakes_max ? 1 : 0;
    return std::pair{alone, x.heard ? 1 : 0};
  };
  session_entry* found = nullptr;
  // Numbers grow, so that of equals the oldest is found.
  for (auto& [session, entry] : entries_)
    if (is_stranger(entry)
        && (!found || right_to_stay(entry) < right_to_stay(*found)))
      found = &entry;
  if (!found)
    return std::nullopt;
  found->evicted = true;
  return found->session;
}

result<session_verdict> session_table::authenticated(uint64_t session,
                                                     const peer_id& id) {
  auto found = entries_.find(session);
  if (found == entries_.end())
    return failure{ec::unknown_name, "no such session"};
  auto& added = found->second;
  added.id = id;
  if (auto serving = serving_.find(id); serving != serving_.end()) {
    const auto& old = entries_.at(serving->second);
    if (!loses(old, added))
      return session_verdict{false, std::nullopt};
    const auto replaced = std::exchange(serving->second, session);
    return session_verdict{true, replaced};
  }
  const auto count
    = std::count_if(serving_.begin(), serving_.end(), [&](const auto& item) {
        return entries_.at(item.second).relayed == added.relayed;
      });
  const auto bound = added.relayed ? limits_.relayed_max : limits_.peers_max;
  if (static_cast<size_t>(count) >= bound)
    return failure{ec::limit_reached,
                   (added.relayed ? "no room for another relayed session ("
                                  : "max_peers is reached (")
                     + std::to_string(bound) + ")"};
  serving_.emplace(id, session);
  return session_verdict{true, std::nullopt};
}

bool session_table::loses(const session_entry& old,
                          const session_entry& added) const {
  if (old.relayed != added.relayed)
    return old.relayed;
  if (old.dialled == added.dialled)
    return true;
  const auto& added_dialler = added.dialled ? self_ : *added.id;
  const auto& old_dialler = old.dialled ? self_ : *old.id;
  return added_dialler < old_dialler;
}

void session_table::set_ready(uint64_t session) {
  if (auto found = entries_.find(session); found != entries_.end())
    found->second.ready = true;
}

void session_table::set_heard(uint64_t session) {
  if (auto found = entries_.find(session); found != entries_.end())
    found->second.heard = true;
}

std::optional<session_entry> session_table::remove(uint64_t session) {
  auto found = entries_.find(session);
  if (found == entries_.end())
    return std::nullopt;
  auto gone = std::move(found->second);
  entries_.erase(found);
  if (gone.id)
    if (auto serving = serving_.find(*gone.id);
        serving != serving_.end() && serving->second == session)
      serving_.erase(serving);
  return gone;
}

const session_entry* session_table::find(uint64_t session) const {
  auto found = entries_.find(session);
  return found != entries_.end() ? &found->second : nullptr;
}

const session_entry* session_table::find(const peer_id& id) const {
  auto found = serving_.find(id);
  return found != serving_.end() ? find(found->second) : nullptr;
}

const std::map<uint64_t, session_entry>& session_table::all() const {
  return entries_;
}

} // namespace starling::mesh
