#include "actors/membership/gossip.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace starling::membership {

namespace {

peer_id greatest_id() {
  auto result = peer_id{};
  result.bytes.fill(0xff);
  return result;
}

/// Returns the id after `id`; after the last one comes the first.
peer_id successor(peer_id id) {
  for (auto byte = id.bytes.rbegin(); byte != id.bytes.rend(); ++byte)
    if (++*byte != 0)
      break;
  return id;
}

/// What one record adds to a message, bytes: its parts, rounded up to words,
/// and the pointers to them.
size_t size_of(const signed_record& x) {
  return x.body.size() + x.signature.size() + x.key.size() + x.credential.size()
         + 48;
}

/// Fills a message up to its bounds.
class filler {
public:
  filler(record_exchange& to, size_t bytes_max, size_t entries_max)
    : to_{to},
      bytes_left_{bytes_max},
      entries_max_{entries_max} {
    // nop
  }

  void offer(const signed_record& x) {
    if (full_)
      return;
    add(x, size_of(x));
  }

  /// Offers a newer record of a node whose key the receiver has.
  void offer_update(const signed_record& x) {
    if (full_)
      return;
    auto bare = signed_record{x.content, x.body, x.signature};
    const auto size = size_of(bare);
    add(std::move(bare), size);
  }

  void want(const peer_id& id) {
    if (to_.wanted.size() < entries_max_)
      to_.wanted.push_back(id);
  }

private:
  void add(signed_record x, size_t size) {
    if ((size > bytes_left_ && !to_.records.empty())
        || to_.records.size() >= entries_max_) {
      // Not the next smaller one instead: large records would wait for ever.
      full_ = true;
      return;
    }
    to_.records.push_back(std::move(x));
    bytes_left_ -= std::min(size, bytes_left_);
  }

  record_exchange& to_;
  size_t bytes_left_;
  size_t entries_max_;
  bool full_ = false;
};

} // namespace

gossip::gossip(const options& opts) : opts_{opts} {
  // nop
}

gossip::gossip() : gossip{options{}} {
  // nop
}

digest gossip::next_digest(const membership_table& table) {
  auto result = digest{cursor_, greatest_id(), {}, {}};
  const auto& records = table.records();
  for (auto at = records.lower_bound(cursor_); at != records.end(); ++at) {
    if (result.entries.size() == opts_.entries_max) {
      result.last = result.entries.back().id;
      break;
    }
    result.entries.push_back({at->first, at->second.content.version});
  }
  cursor_ = successor(result.last);
  return result;
}

record_exchange gossip::answer(const digest& theirs,
                               const membership_table& table) const {
  assert(theirs.first <= theirs.last);
  auto result = record_exchange{};
  auto fill = filler{result, opts_.bytes_max, opts_.entries_max};
  const auto& records = table.records();
  auto ours = records.lower_bound(theirs.first);
  const auto end = records.upper_bound(theirs.last);
  for (const auto& entry : theirs.entries) {
    for (; ours != end && ours->first < entry.id; ++ours)
      fill.offer(ours->second);
    if (ours == end || entry.id < ours->first) {
      fill.want(entry.id);
      continue;
    }
    const auto& version = ours->second.content.version;
    if (version < entry.version)
      fill.want(entry.id);
    else if (entry.version < version)
      fill.offer_update(ours->second);
    ++ours;
  }
  for (; ours != end; ++ours)
    fill.offer(ours->second);
  return result;
}

record_exchange gossip::fulfil(std::span<const peer_id> wanted,
                               const membership_table& table) const {
  auto result = record_exchange{};
  auto fill = filler{result, opts_.bytes_max, opts_.entries_max};
  for (const auto& id : wanted)
    if (const auto* record = table.find(id))
      fill.offer(*record);
  return result;
}

} // namespace starling::membership
