#include "actors/discovery/peer_cache.hpp"

#include "actors/discovery/peer_lines.hpp"

#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

namespace starling::discovery {

namespace {

failure full(const char* option, size_t count) {
  return {ec::limit_reached, "the peer cache holds " + std::to_string(count)
                               + " better endpoints (" + option + ")"};
}

/// Less is better.
auto rank_of(const candidate& x) {
  return std::tuple{x.failures > 0 && !x.succeeded, x.reach, x.failures,
                    -x.succeeded.value_or(time_point{}).time_since_epoch(),
                    -x.seen.time_since_epoch()};
}

/// Is `x` worth keeping rather than `y`? An endpoint that never worked is not
/// worth one that did, or else announcements could push out all peers.
bool is_better(const candidate& x, const candidate& y) {
  const auto worth = [](const candidate& z) {
    return std::tuple{z.succeeded.has_value(), z.failures == 0, z.seen};
  };
  return worth(x) > worth(y);
}

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= peer_cache::source_max
         && std::ranges::all_of(name, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '-' || c == '_';
            });
}

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

/// Reads an endpoint that can be dialled.
result<config::endpoint> dialled_endpoint(std::string_view text) {
  auto x = config::parse_endpoint(text);
  if (!x)
    return x.error();
  if (x->port == 0)
    return failure{ec::invalid_option,
                   "endpoint '" + config::to_string(*x)
                     + "' has port 0, where nobody can be dialled"};
  if (x->host.empty())
    return failure{ec::invalid_option,
                   "endpoint '" + config::to_string(*x) + "' names no host"};
  // Names of hosts have no case, paths of devices do.
  if (x->port)
    x->host = lower_case(std::move(x->host));
  return x;
}

} // namespace

peer_cache::peer_cache() : peer_cache{options{}} {
  // nop
}

peer_cache::peer_cache(const options& opts) : opts_{opts} {
  // nop
}

result<bool> peer_cache::add(std::string_view endpoint, std::string_view source,
                             time_point now) {
  if (!is_plain(source))
    return failure{ec::invalid_option, "a source of endpoints is named by 1 to "
                                         + std::to_string(source_max)
                                         + " letters a-z, digits, '-' and '_'"};
  auto where = dialled_endpoint(endpoint);
  if (!where)
    return where.error();
  auto x = candidate{};
  x.reach = reach_of(*where);
  x.where = std::move(*where);
  x.source = source;
  x.seen = now;
  x.due = now;
  return insert(std::move(x));
}

void peer_cache::succeeded(const config::endpoint& where, const peer_id& peer,
                           time_point now) {
  auto found = entries_.find(key_of(where));
  if (found == entries_.end())
    return;
  auto x = std::move(found->second);
  entries_.erase(found);
  x.where.peer = peer;
  x.succeeded = now;
  x.seen = std::max(x.seen, now);
  x.failures = 0;
  x.due = now;
  // It may be known with the peer's id as well; this is the better one.
  entries_.insert_or_assign(key_of(x.where), std::move(x));
}

void peer_cache::failed(const config::endpoint& where, time_point now,
                        std::mt19937_64& random) {
  const auto found = entries_.find(key_of(where));
  if (found == entries_.end())
    return;
  auto& x = found->second;
  auto rest = opts_.rest_first;
  for (uint32_t i = 0; i < x.failures && rest < opts_.rest_max; ++i)
    rest *= 2;
  rest = std::min(rest, opts_.rest_max);
  const auto half = static_cast<uint64_t>(rest.count() / 2);
  const auto more = random() % (half + 1);
  x.due = now + rest - std::chrono::milliseconds{more};
  if (x.failures < UINT32_MAX)
    ++x.failures;
}

std::vector<candidate> peer_cache::due(const criteria& wanted,
                                       time_point now) const {
  auto result = std::vector<candidate>{};
  for (const auto& [id, x] : entries_)
    if (x.due <= now && x.reach <= wanted.farthest
        && (!wanted.peer || x.where.peer == wanted.peer))
      result.push_back(x);
  std::ranges::stable_sort(result, {}, rank_of);
  if (result.size() > wanted.count_max)
    result.resize(wanted.count_max);
  return result;
}

std::optional<time_point> peer_cache::next_due() const {
  auto result = std::optional<time_point>{};
  for (const auto& [id, x] : entries_)
    result = std::min(result.value_or(x.due), x.due);
  return result;
}

size_t peer_cache::expire(time_point now) {
  return std::erase_if(entries_, [&](const auto& item) {
    return now - item.second.seen > opts_.lifetime;
  });
}

std::optional<candidate> peer_cache::find(const config::endpoint& where) const {
  const auto found = entries_.find(key_of(where));
  if (found == entries_.end())
    return std::nullopt;
  return found->second;
}

std::string peer_cache::encode() const {
  auto result = std::string{peer_lines_title};
  for (const auto& [id, x] : entries_)
    append_peer_line(result, x);
  return result;
}

result<peer_cache> peer_cache::decode(std::string_view text,
                                      const options& opts) {
  auto lines = parse_peer_lines(text, opts.entries_max);
  if (!lines)
    return lines.error();
  auto result = peer_cache{opts};
  for (auto& x : *lines) {
    auto where = dialled_endpoint(config::to_string(x.where));
    if (!where || !is_plain(x.source))
      return failure{ec::malformed_input,
                     "peer cache: '" + config::to_string(x.where) + "' from '"
                       + x.source + "' can't be dialled"};
    x.where = std::move(*where);
    x.reach = reach_of(x.where);
    if (auto inserted = result.insert(std::move(x)); !inserted)
      return inserted.error();
  }
  return result;
}

peer_cache::key peer_cache::key_of(const config::endpoint& x) {
  auto plain = x;
  plain.peer.reset();
  return {config::to_string(plain), x.peer};
}

result<bool> peer_cache::insert(candidate x) {
  const auto full_key = key_of(x.where);
  // An endpoint that says nothing new about one that is known.
  auto known = entries_.find(full_key);
  if (known == entries_.end() && !x.where.peer) {
    known = entries_.lower_bound(full_key);
    if (known != entries_.end() && known->first.first != full_key.first)
      known = entries_.end();
  }
  if (known != entries_.end()) {
    known->second.seen = std::max(known->second.seen, x.seen);
    return false;
  }
  // One that now says which peer has to answer.
  if (x.where.peer)
    if (auto bare = entries_.extract(key{full_key.first, std::nullopt})) {
      bare.key() = full_key;
      bare.mapped().where = x.where;
      bare.mapped().seen = std::max(bare.mapped().seen, x.seen);
      entries_.insert(std::move(bare));
      return false;
    }
  const auto crowded
    = x.where.peer && count_of(*x.where.peer) >= opts_.per_peer_max;
  if (crowded || entries_.size() >= opts_.entries_max) {
    const auto* worst = least_promising(crowded ? x.where.peer : std::nullopt);
    if (worst == nullptr || !is_better(x, *worst))
      return crowded ? full("per_peer_max", opts_.per_peer_max)
                     : full("entries_max", opts_.entries_max);
    entries_.erase(key_of(worst->where));
  }
  entries_.emplace(full_key, std::move(x));
  return true;
}

const candidate*
peer_cache::least_promising(const std::optional<peer_id>& peer) const {
  const candidate* result = nullptr;
  for (const auto& [id, x] : entries_)
    if (!peer || x.where.peer == peer)
      if (result == nullptr || is_better(*result, x))
        result = &x;
  return result;
}

size_t peer_cache::count_of(const peer_id& peer) const {
  return static_cast<size_t>(std::ranges::count_if(
    entries_, [&](const auto& item) { return item.first.second == peer; }));
}

} // namespace starling::discovery
