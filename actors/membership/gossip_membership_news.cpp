// What a node tells others and hears from them: its own record, and gossip.

#include "actors/membership/gossip_codec.hpp"
#include "actors/membership/gossip_membership.hpp"
#include "actors/membership/gossip_membership_buffers.hpp"
#include "runtime/basp/node_name.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace starling::membership {

namespace {

caf::error error_of(const failure& x) {
  return caf::make_error(x.code, x.text);
}

/// Is the difference worth a new record? Small ones are noise.
bool differs(const neighbour_record& x, const neighbour_record& y) {
  const auto a = static_cast<double>(x.latency_us);
  const auto b = static_cast<double>(y.latency_us);
  return x.id != y.id || std::abs(a - b) > 200.0 + 0.5 * std::max(a, b)
         || std::abs(x.reliability - y.reliability) > 0.2F;
}

} // namespace

// -- gossip -------------------------------------------------------------------

caf::result<gossip_records>
gossip_membership_state::compare(const gossip_digest& msg) {
  auto theirs = decode_digest(bytes_of(msg.data));
  if (!theirs) {
    if (const auto* from = sender())
      opts_.node->note_conduct(*from, conduct::violation);
    return error_of(theirs.error());
  }
  auto answer = gossip_.answer(*theirs, table_);
  compare_revocations(theirs->revocations, revocations(), answer);
  return gossip_records{buffer_of(encode(answer))};
}

caf::result<void> gossip_membership_state::take(const gossip_records& msg) {
  auto news = decode_exchange(bytes_of(msg.data));
  const auto* from = sender();
  if (!news) {
    if (from)
      opts_.node->note_conduct(*from, conduct::violation);
    return error_of(news.error());
  }
  if (auto done = take_revocations(*news, from); !done)
    return error_of(done.error());
  auto absorbed = absorb(*news, from);
  if (from && !news->wanted.empty())
    fulfil(neighbours_.at(*from).service, news->wanted);
  if (!absorbed)
    return error_of(absorbed.error());
  return caf::unit;
}

void gossip_membership_state::exchange_with(const peer_id& id) {
  auto found = neighbours_.find(id);
  if (found == neighbours_.end() || !found->second.service
      || std::exchange(found->second.exchanging, true))
    return;
  const auto service = found->second.service;
  const auto done = [this, id] {
    if (auto near = neighbours_.find(id); near != neighbours_.end())
      near->second.exchanging = false;
  };
  auto own = gossip_.next_digest(table_);
  own.revocations = fingerprint_of(revocations());
  self_
    ->request(service, opts_.request_timeout,
              gossip_digest{buffer_of(encode(own))})
    .then(
      [this, id, service, done,
       asked = self_->clock().now()](const gossip_records& msg) {
        done();
        // A neighbour without a figure yet gets one now, in time for the record
        // that tells of it, in place of another one a ping later.
        if (auto near = neighbours_.find(id); near != neighbours_.end())
          near->second.gauge.first_trip(self_->clock().now() - asked);
        auto news = decode_exchange(bytes_of(msg.data));
        if (!news) {
          opts_.node->note_conduct(id, conduct::violation);
          refuse(id, news.error().text);
          return;
        }
        if (!take_revocations(*news, &id))
          return;
        const auto absorbed = absorb(*news, &id);
        fulfil(service, news->wanted);
        // What did not fit into one message is fetched at once.
        if (absorbed && *absorbed > 0)
          exchange_with(id);
      },
      [done](const caf::error&) { done(); });
}

void gossip_membership_state::fulfil(const membership_actor& to,
                                     const std::vector<peer_id>& wanted) {
  if (!to || wanted.empty())
    return;
  auto records = gossip_.fulfil(wanted, table_);
  if (!records.records.empty())
    self_->send(to, gossip_records{buffer_of(encode(records))});
}

result<size_t> gossip_membership_state::absorb(record_exchange& news,
                                               const peer_id* from) {
  if (auto sound = sift(news.records, from); !sound)
    return sound.error();
  auto added = size_t{0};
  auto touched = std::set<peer_id>{};
  const auto source = from ? std::optional{*from} : std::nullopt;
  for (auto& record : news.records) {
    const auto id = record.content.id;
    auto outcome = merge(std::move(record));
    if (!outcome) {
      refuse(id, outcome.error().text);
      continue;
    }
    if (*outcome == merge_outcome::ignored)
      continue;
    const auto is_new = *outcome == merge_outcome::added;
    added += is_new ? 1 : 0;
    touched.insert(id);
    news_[id] = news_[id] || is_new;
    news_from_ = source;
  }
  if (!touched.empty()) {
    if (from)
      opts_.node->note_conduct(*from, conduct::sound_news);
    schedule_push();
    refresh(std::move(touched));
  }
  return added;
}

result<void> gossip_membership_state::sift(std::vector<signed_record>& records,
                                           const peer_id* from) {
  // An honest neighbour has made the same checks before it passed them on.
  const auto bad_max = static_cast<size_t>(
    (1.0 - opts_.validation_threshold) * static_cast<double>(records.size())
    + 1e-9);
  auto kept = std::vector<signed_record>{};
  auto bad = size_t{0};
  for (auto& record : records) {
    const auto id = record.content.id;
    auto checked = check(record);
    if (checked && *checked)
      kept.push_back(std::move(record));
    if (checked)
      continue;
    refuse(id, checked.error().text);
    const auto code = checked.error().code;
    // Others may have reasons of their own to admit a node.
    if (code == ec::permission_denied || ++bad <= bad_max)
      continue;
    if (from) {
      opts_.node->note_conduct(*from, code == ec::authentication_failed
                                        ? conduct::forged
                                        : conduct::refused_news);
      refuse(*from,
             "its gossip is refused as a whole: " + checked.error().text);
    }
    return checked.error();
  }
  records = std::move(kept);
  return {};
}

result<bool> gossip_membership_state::check(signed_record& x) {
  const auto id = x.content.id;
  const auto* known = table_.find(id);
  if (id == opts_.node->self) {
    heard_of_self(x);
    return false;
  }
  if (opts_.is_revoked && opts_.is_revoked(id))
    return false;
  if (known
      && (x.content.version < known->content.version
          || (x.content.version == known->content.version
              && x.body == known->body)))
    return false;
  if (x.key.empty() && known) {
    x.key = known->key;
    x.credential = known->credential;
  }
  // It comes again with its key when tables are compared.
  if (x.key.empty())
    return false;
  if (auto added = keys_.add(id, x.key, x.credential); !added)
    return failure{ec::permission_denied, added.error().text};
  const auto verify = [this](const auto&... args) {
    counters_.note_verified();
    return keys_.verify(args...);
  };
  if (!is_authentic(x, verify))
    return failure{ec::authentication_failed,
                   "record of node " + short_name(id)
                     + " is forged: its signature is not that of the node"};
  if (!has_own_name(x.content))
    return failure{ec::protocol_violation,
                   "node " + short_name(id) + " claims the CAF node "
                     + x.content.caf_node + ", which is not its own"};
  return true;
}

result<merge_outcome> gossip_membership_state::merge(signed_record x) {
  const auto id = x.content.id;
  const auto incarnation = x.content.version.incarnation;
  auto outcome = table_.merge(std::move(x), wall_time(),
                              [](const auto&...) { return true; });
  if (!outcome || *outcome == merge_outcome::ignored)
    return outcome;
  if (*outcome == merge_outcome::left) {
    swim_.remove(id);
    return outcome;
  }
  if (neighbours_.contains(id))
    act_on(swim_.add(id, incarnation));
  return outcome;
}

void gossip_membership_state::heard_of_self(const signed_record& x) {
  const auto* own = table_.find(opts_.node->self);
  if (!own || x.content.version <= own->content.version)
    return;
  // One of an earlier life that was ahead of our clock; only if it is really
  // ours.
  const auto key = identity::public_key::parse(opts_.public_key);
  if (!key || !key->verify(record_context, x.body, x.signature))
    return;
  incarnation_ = std::max(incarnation_, x.content.version.incarnation + 1);
  schedule_publish();
}

bool gossip_membership_state::has_own_name(const member_record& x) {
  auto name = caf::node_id{};
  return x.caf_node.empty()
         || (!caf::parse(x.caf_node, name) && basp::is_name_of(name, x.id));
}

void gossip_membership_state::refuse(const peer_id& id,
                                     const std::string& why) {
  if (refused_.size() >= opts_.refusals_max)
    refused_.clear();
  if (refused_.insert(id).second)
    opts_.node->audit("membership.refused", to_string(id), {{"reason", why}});
}

void gossip_membership_state::push() {
  push_is_due_ = false;
  auto news = record_exchange{};
  for (const auto& [id, is_new] : std::exchange(news_, {})) {
    const auto* record = table_.find(id);
    if (!record)
      continue;
    news.records.push_back(*record);
    if (!is_new) {
      news.records.back().key.clear();
      news.records.back().credential.clear();
    }
    // What does not fit is found when tables are compared.
    if (news.records.size() >= opts_.push_max)
      break;
  }
  auto targets = std::vector<peer_id>{};
  for (const auto& [id, near] : neighbours_)
    if (near.service && id != news_from_)
      targets.push_back(id);
  std::ranges::shuffle(targets, random_);
  // Whoever leaves may not be there for a second round.
  if (!has_left_)
    targets.resize(std::min(targets.size(), opts_.fan_out));
  const auto bytes = buffer_of(encode(news));
  for (const auto& id : targets)
    self_->send(neighbours_.at(id).service, gossip_records{bytes});
}

// -- this node ----------------------------------------------------------------

std::vector<neighbour_record> gossip_membership_state::own_neighbours() const {
  auto result = std::vector<neighbour_record>{};
  for (const auto& [id, near] : neighbours_) {
    if (swim_.state_of(id) == liveness::dead
        || result.size() >= record_limits::neighbours_max)
      continue;
    result.push_back(
      {id, near.gauge.latency_us(), near.gauge.reliability(), 0.0F, 0});
  }
  return result;
}

bool gossip_membership_state::needs_publishing() const {
  const auto* own = table_.find(opts_.node->self);
  if (!own || wall_time() - published_ > opts_.table.lifetime / 4)
    return true;
  if (own->content.endpoints != opts_.endpoints()
      || own->credential != opts_.credential())
    return true;
  return !std::ranges::equal(
    own->content.neighbours, own_neighbours(),
    [](const auto& x, const auto& y) { return !differs(x, y); });
}

void gossip_membership_state::publish() {
  publish_is_due_ = false;
  auto x = member_record{};
  x.id = opts_.node->self;
  published_ = wall_time();
  x.version = {incarnation_, clock_.now(published_).bits};
  x.name = opts_.node->name;
  x.endpoints = opts_.endpoints();
  x.capabilities = opts_.capabilities;
  x.caf_node = opts_.caf_node;
  x.left = has_left_;
  if (!has_left_)
    x.neighbours = own_neighbours();
  counters_.note_signed();
  auto record = sign_record(std::move(x), opts_.sign);
  if (!record) {
    opts_.node->audit("membership.not_published", to_string(opts_.node->self),
                      {{"reason", record.error().text}});
    return;
  }
  record->key = opts_.public_key;
  record->credential = opts_.credential();
  const auto known = table_.find(opts_.node->self);
  const auto is_new = !known || known->credential != record->credential;
  auto merged = table_.merge(std::move(*record), published_,
                             [](const auto&...) { return true; });
  if (!merged)
    return;
  news_[opts_.node->self] = is_new;
  news_from_.reset();
  schedule_push();
  refresh({opts_.node->self});
}

caf::result<void> gossip_membership_state::leave() {
  if (!is_local())
    return caf::make_error(ec::permission_denied,
                           "only the node itself can announce that it leaves");
  has_left_ = true;
  publish();
  news_.clear();
  auto answer = self_->make_response_promise<void>();
  auto open = std::make_shared<size_t>(1);
  // A copy each time, since delivering changes the promise.
  const auto finish = [answer, open] {
    if (--*open == 0)
      caf::typed_response_promise<void>{answer}.deliver();
  };
  auto news = record_exchange{};
  if (const auto* own = table_.find(opts_.node->self))
    news.records.push_back(*own);
  const auto bytes = buffer_of(encode(news));
  for (const auto& [id, near] : neighbours_) {
    if (!near.service)
      continue;
    ++*open;
    self_->request(near.service, opts_.leave_timeout, gossip_records{bytes})
      .then([finish] { finish(); }, [finish](const caf::error&) { finish(); });
  }
  finish();
  return answer;
}

} // namespace starling::membership
