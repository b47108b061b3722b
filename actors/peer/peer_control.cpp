#include "actors/peer/peer_control.hpp"

#include "messages/wire/peer.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>
#include <kj/exception.h>

#include <cstring>

namespace starling::peer {

namespace {

// -- writing ------------------------------------------------------------------

void write(capnp::List<wire::Service>::Builder out,
           const std::vector<offered_service>& services) {
  for (unsigned i = 0; i < out.size(); ++i) {
    out[i].setName(services[i].name);
    out[i].setActor(services[i].actor);
  }
}

void write(wire::PeerControl::Builder to, const hello& x) {
  auto out = to.initHello();
  out.setNode(x.node);
  out.setName(x.name);
  auto endpoints = out.initEndpoints(static_cast<unsigned>(x.endpoints.size()));
  for (unsigned i = 0; i < endpoints.size(); ++i)
    endpoints.set(i, x.endpoints[i]);
  write(out.initServices(static_cast<unsigned>(x.services.size())), x.services);
  out.setCompression(x.compression);
}

void write(wire::PeerControl::Builder to, const changed_services& x) {
  write(to.initServices(static_cast<unsigned>(x.services.size())), x.services);
}

void write(wire::PeerControl::Builder to, const ping& x) {
  to.setPing(x.number);
}

void write(wire::PeerControl::Builder to, const pong& x) {
  to.setPong(x.number);
}

void write(wire::PeerControl::Builder to, const actor_credit& x) {
  auto out = to.initCredit();
  out.setActor(x.actor);
  out.setConsumed(x.consumed);
}

void write(wire::PeerControl::Builder to, const goodbye& x) {
  to.setGoodbye(x.reason);
}

// -- reading ------------------------------------------------------------------

failure too_much(const char* what) {
  return {ec::limit_reached,
          std::string{"control message with too many or too long "} + what};
}

result<std::vector<offered_service>>
read_services(capnp::List<wire::Service>::Reader in,
              const control_limits& limits) {
  if (in.size() > limits.services_max)
    return too_much("services");
  auto result = std::vector<offered_service>{};
  for (auto service : in) {
    if (service.getName().size() > limits.text_max)
      return too_much("services");
    result.push_back({service.getName(), service.getActor()});
  }
  return result;
}

result<control_message> read_hello(wire::Hello::Reader in,
                                   const control_limits& limits) {
  auto services = read_services(in.getServices(), limits);
  if (!services)
    return services.error();
  if (in.getEndpoints().size() > limits.endpoints_max)
    return too_much("endpoints");
  auto result = hello{
    in.getNode(), in.getName(), {}, std::move(*services), in.getCompression()};
  if (result.node.size() > limits.text_max
      || result.name.size() > limits.text_max)
    return too_much("texts");
  for (auto endpoint : in.getEndpoints()) {
    if (endpoint.size() > limits.text_max)
      return too_much("endpoints");
    result.endpoints.emplace_back(endpoint);
  }
  return control_message{std::move(result)};
}

result<control_message> read(wire::PeerControl::Reader in,
                             const control_limits& limits) {
  switch (in.which()) {
    case wire::PeerControl::HELLO:
      return read_hello(in.getHello(), limits);
    case wire::PeerControl::SERVICES: {
      auto services = read_services(in.getServices(), limits);
      if (!services)
        return services.error();
      return control_message{changed_services{std::move(*services)}};
    }
    case wire::PeerControl::PING:
      return control_message{ping{in.getPing()}};
    case wire::PeerControl::PONG:
      return control_message{pong{in.getPong()}};
    case wire::PeerControl::CREDIT:
      return control_message{
        actor_credit{in.getCredit().getActor(), in.getCredit().getConsumed()}};
    case wire::PeerControl::GOODBYE:
      if (in.getGoodbye().size() > limits.text_max)
        return too_much("texts");
      return control_message{goodbye{in.getGoodbye()}};
  }
  return failure{ec::malformed_input, "control message of an unknown kind"};
}

} // namespace

std::vector<uint8_t> encode(const control_message& x) {
  auto builder = capnp::MallocMessageBuilder{};
  auto root = builder.initRoot<wire::PeerControl>();
  std::visit([&root](const auto& content) { write(root, content); }, x);
  auto words = capnp::messageToFlatArray(builder);
  auto bytes = words.asBytes();
  return {bytes.begin(), bytes.end()};
}

result<control_message> decode_control(std::span<const uint8_t> bytes,
                                       const control_limits& limits) {
  if (bytes.size() > limits.bytes_max)
    return failure{ec::limit_reached, "control message of "
                                        + std::to_string(bytes.size())
                                        + " bytes"};
  // The input need not be aligned; the reader's words have to be.
  auto words = kj::heapArray<capnp::word>((bytes.size() + 7) / 8);
  if (!bytes.empty())
    std::memcpy(words.begin(), bytes.data(), bytes.size());
  try {
    auto reader
      = capnp::FlatArrayMessageReader{words, {limits.bytes_max / 8 + 64, 8}};
    return read(reader.getRoot<wire::PeerControl>(), limits);
  } catch (const kj::Exception&) {
    return failure{ec::malformed_input, "control message is damaged"};
  }
}

} // namespace starling::peer
