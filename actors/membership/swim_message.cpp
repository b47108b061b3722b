#include "actors/membership/swim_message.hpp"

#include "messages/wire/membership.capnp.h"
#include "runtime/wire/flat_message.hpp"

#include <string>
#include <utility>

namespace starling::membership {

namespace {

/// More than `rumours_max` rumours take.
constexpr size_t bytes_max = 8'192;

result<swim_message> read(wire::SwimMessage::Reader from) {
  const auto updates = from.getUpdates();
  if (updates.size() > rumours_max)
    return failure{ec::limit_reached,
                   "failure detection: " + std::to_string(updates.size())
                     + " rumours in a message, at most "
                     + std::to_string(rumours_max) + " are taken"};
  auto x = swim_message{};
  x.sequence = from.getSequence();
  for (auto update : updates) {
    if (update.getState() > static_cast<uint8_t>(liveness_last))
      return failure{ec::malformed_input,
                     "failure detection: unknown state "
                       + std::to_string(update.getState())};
    x.rumours.push_back({wire::read_id(update.getId()), update.getIncarnation(),
                         static_cast<liveness>(update.getState())});
  }
  switch (from.which()) {
    case wire::SwimMessage::PING:
      x.what = swim_message::kind::ping;
      return x;
    case wire::SwimMessage::ACK:
      x.what = swim_message::kind::ack;
      return x;
    case wire::SwimMessage::PING_REQ:
      x.what = swim_message::kind::ping_request;
      x.target = wire::read_id(from.getPingReq());
      return x;
  }
  return failure{ec::malformed_input,
                 "failure detection: a message of unknown kind"};
}

} // namespace

std::string_view name_of(liveness x) {
  switch (x) {
    case liveness::alive:
      return "alive";
    case liveness::suspect:
      return "suspect";
    case liveness::dead:
      return "dead";
  }
  return "unknown";
}

std::vector<uint8_t> encode(const swim_message& x) {
  auto message = capnp::MallocMessageBuilder{};
  auto root = message.initRoot<wire::SwimMessage>();
  root.setSequence(x.sequence);
  auto updates = root.initUpdates(static_cast<unsigned>(x.rumours.size()));
  for (auto i = 0U; i < updates.size(); ++i) {
    wire::write_id(updates[i].initId(), x.rumours[i].id);
    updates[i].setIncarnation(x.rumours[i].incarnation);
    updates[i].setState(static_cast<uint8_t>(x.rumours[i].state));
  }
  switch (x.what) {
    case swim_message::kind::ping:
      root.setPing();
      break;
    case swim_message::kind::ack:
      root.setAck();
      break;
    case swim_message::kind::ping_request:
      wire::write_id(root.initPingReq(), x.target);
      break;
  }
  return wire::canonical_bytes<wire::SwimMessage>(root.asReader());
}

result<swim_message> decode_swim_message(std::span<const uint8_t> bytes) {
  return wire::read_flat<wire::SwimMessage>("failure detection message", bytes,
                                            bytes_max, false, read);
}

} // namespace starling::membership
