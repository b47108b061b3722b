#include "actors/link/reliable_stream.hpp"
#include "actors/membership/gossip_codec.hpp"
#include "actors/membership/swim_message.hpp"
#include "actors/peer/credential.hpp"
#include "actors/peer/peer_control.hpp"
#include "actors/router/relay_header.hpp"
#include "actors/router/routing_error.hpp"
#include "messages/envelope.hpp"
#include "runtime/audit/record.hpp"
#include "runtime/identity/certificate.hpp"
#include "runtime/identity/join_token.hpp"
#include "runtime/identity/revocation.hpp"
#include "runtime/session/session_messages.hpp"
#include "runtime/wire/frame.hpp"
#include "runtime/wire/packet_codec.hpp"
#include "tests/fuzz/session_nodes.hpp"

#include <caf/binary_serializer.hpp>
#include <capnp/schema.capnp.h>

#include <filesystem>
#include <fstream>
#include <string>

/// Writes the seeds that our own encoders make; those of texts and scripts are
/// written by hand and lie beside them.
///
///     make_seeds tests/fuzz/seeds

using namespace starling;

namespace {

using bytes = std::vector<uint8_t>;

/// Signatures are not checked by decoders, and zeros stay small in an archive.
const auto signature = bytes(identity::signature_size);

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

class seed_writer {
public:
  explicit seed_writer(std::filesystem::path root) : root_{std::move(root)} {
    // nop
  }

  void write(const std::string& target, const std::string& name,
             std::span<const uint8_t> content) {
    const auto folder = root_ / target;
    std::filesystem::create_directories(folder);
    auto out = std::ofstream{folder / name, std::ios::binary};
    out.write(reinterpret_cast<const char*>(content.data()),
              static_cast<std::streamsize>(content.size()));
    out.close();
    ok_ = ok_ && out.good();
  }

  [[nodiscard]] bool ok() const {
    return ok_;
  }

private:
  std::filesystem::path root_;
  bool ok_ = true;
};

void write_packets(seed_writer& seeds) {
  auto plain = packet{};
  plain.source = node(1);
  plain.destination = node(9);
  plain.payload = {1, 2, 3, 4, 5};
  seeds.write("packet", "plain", wire::encode(plain));
  auto full = plain;
  full.flags = packet_flag::record_route | packet_flag::is_signed;
  full.hop_count = 3;
  full.route = {{node(2), "tcp", 250, 0.5F}, {node(3), "relay", 900, 1.0F}};
  full.signature = bytes(64);
  seeds.write("packet", "signed_with_route", wire::encode(full));
  auto frames = bytes{};
  wire::append_frame(frames, 3, wire::frame_kind::open, 0, plain.payload);
  wire::append_credit(frames, 3, 65'536);
  wire::append_frame(frames, 3, wire::frame_kind::data, 1, plain.payload);
  wire::append_frame(frames, 0, wire::frame_kind::packet, 0,
                     wire::encode(plain));
  wire::append_frame(frames, 3, wire::frame_kind::close, 0, {});
  seeds.write("frame", "each_kind", frames);
}

void write_session(seed_writer& seeds) {
  using namespace starling::session;
  const auto write = [&](const std::string& name, const bytes& content) {
    seeds.write("session_messages", name, content);
  };
  write("hello", encode(session_message{
                   hello_message{1, 1, 5, node(1), node(2), 65'536}}));
  write("auth",
        encode(session_message{auth_message{bytes(identity::public_key_size),
                                            signature, bytes{1, 2, 3}}}));
  write("accept", encode(session_message{accept_message{{1, 2, 3}}}));
  write("reject", encode(session_message{
                    reject_message{ec::revoked, "revoked on Monday"}}));
  write("key_changed", encode(control_message{}));
  write("kem_done",
        encode(control_message{control_message::kind::kem_done, {}}));
  write("kem_offer", encode(control_message{control_message::kind::kem_offer,
                                            bytes(1'568 + 97, 4)}));
  auto initiator = fuzz::session_end{role::initiator};
  auto responder = fuzz::session_end{role::responder};
  const auto first = initiator.take();
  seeds.write("handshake", "client_hello", first);
  static_cast<void>(
    responder.channel.receive(first, fuzz::session_start, responder));
  seeds.write("handshake", "server_flight", responder.take());
}

void write_membership(seed_writer& seeds) {
  using namespace starling::membership;
  auto x = member_record{};
  x.id = node(1);
  x.version = {1, 4'096'000};
  x.name = "alpha";
  x.endpoints = {"tcp://10.0.0.1:4711"};
  x.capabilities = {"detector", "spawner"};
  x.neighbours = {{node(2), 250, 0.5F, 1.0F, 1'000'000}};
  const auto record
    = sign_record(x, [](std::string_view, auto) { return bytes(64, 0x5a); });
  fuzz::require(static_cast<bool>(record));
  auto with_key = *record;
  with_key.key = bytes(32, 1);
  with_key.credential = {1, 2, 3};
  const auto view
    = digest{node(1), node(9), {{node(1), {1, 2}}, {node(5), {3, UINT64_MAX}}}};
  seeds.write("membership", "record", record->body);
  seeds.write("membership", "digest", encode(view));
  seeds.write("membership", "exchange",
              encode(record_exchange{{*record, with_key}, {node(3), node(4)}}));
  auto question = swim_message{swim_message::kind::ping_request,
                               7,
                               node(3),
                               {{node(4), 2, liveness::suspect}}};
  seeds.write("swim", "ping_request", encode(question));
  question.what = swim_message::kind::ping;
  question.target = {};
  seeds.write("swim", "ping", encode(question));
}

void write_identity(seed_writer& seeds) {
  using namespace starling::identity;
  const auto time = std::chrono::sys_seconds{std::chrono::seconds{1 << 30}};
  auto member = identity::membership{};
  member.body
    = {node(1), node(2), node(1), 7, time, time + std::chrono::hours{24},
       false,   "alpha"};
  member.signature = signature;
  seeds.write("identity", "member", encode(member));
  const auto& key = fuzz::keys_of(session::role::responder).node.public_part();
  auto sponsor = member.body;
  sponsor.subject = key.id();
  sponsor.may_sponsor = true;
  member.body.issuer = key.id();
  member.sponsor = identity::membership::sponsor_proof{key, sponsor, signature};
  seeds.write("identity", "sponsored_member", encode(member));
  seeds.write("identity", "revocation",
              encode(revocation{node(1), node(2), time, "lost", signature}));
  const auto token = to_string(
    join_token{node(1), node(2),
               Botan::secure_vector<uint8_t>(join_token::secret_size), time});
  seeds.write("identity", "token", bytes(token.begin(), token.end()));
}

void write_peer(seed_writer& seeds) {
  using namespace starling::peer;
  const auto write = [&](const std::string& name, const bytes& content) {
    seeds.write("peer", name, content);
  };
  write("no_credential", encode(credential{no_credential{}}));
  write("member", encode(credential{member_credential{{1, 2, 3}, {4, 5}}}));
  write("token", encode(credential{token_credential{"sjt1.abc"}}));
  write("hello",
        encode(control_message{
          hello{"node", "alpha", {"tcp://10.0.0.1:4711"}, {{"spawner", 7}}}}));
  write("services",
        encode(control_message{changed_services{{{"a", 1}, {"b", 2}}}}));
  write("ping", encode(control_message{ping{7}}));
  write("credit", encode(control_message{actor_credit{7, 4'096}}));
  write("goodbye", encode(control_message{goodbye{"going home"}}));
}

void write_routing(seed_writer& seeds) {
  using namespace starling::router;
  seeds.write("routing", "error",
              encode(routing_error{ec::unreachable, packet_id{}, node(9),
                                   node(2), "no way there"}));
  seeds.write("routing", "relay",
              encode(relay_header{packet_id{}, true}, bytes{1, 2, 3}));
}

void write_envelope(seed_writer& seeds) {
  using capnp::schema::Type;
  using capnp::schema::Value;
  const auto write = [&](const std::string& name, const envelope& x) {
    seeds.write(
      "envelope", name,
      {reinterpret_cast<const uint8_t*>(x.bytes().data()), x.bytes().size()});
    auto saved = caf::byte_buffer{};
    auto sink = caf::binary_serializer{nullptr, saved};
    fuzz::require(sink.apply(x));
    seeds.write("envelope", name + "_saved",
                {reinterpret_cast<const uint8_t*>(saved.data()), saved.size()});
  };
  write("type", *make_envelope<Type>([](Type::Builder x) {
          x.initList().initElementType().initStruct().setTypeId(7);
        }));
  write("value",
        *make_envelope<Value>([](Value::Builder x) { x.setText("hello"); }));
}

void write_audit(seed_writer& seeds) {
  auto x = audit::record{
    1, {{4'096'000}, "token.refused", "4fe2", {{"who", "\"z\"\n"}}}, {}, {}};
  x.hash = audit::hash_of(x);
  const auto line = audit::to_line(x);
  seeds.write("audit", "entry", bytes(line.begin(), line.end()));
}

/// Scripts: each step is a byte and a little-endian number of 16 bits.
void write_scripts(seed_writer& seeds) {
  // Both send, everything is delivered; then a bit is turned.
  seeds.write("tamper", "honest",
              bytes{0, 0,  0, 1, 0,  0,    0,  0, 0, 1, 0,  0, 12, 0xe8,
                    3, 13, 9, 1, 12, 0xff, 15, 2, 9, 0, 12, 7, 0});
  seeds.write(
    "tamper", "turned_bit",
    bytes{0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 12, 100, 0, 4, 50, 0, 8});
  seeds.write("tamper", "turned_hello", bytes{4, 90, 0, 0, 0, 0, 0});
  // Sends, loses a part, waits, reads, closes.
  seeds.write("stream", "losses",
              bytes{2, 0xff, 15,   0,  0x11, 0x51, 1,  0x55, 0x55,
                    6, 100,  0,    7,  100,  0,    9,  0,    0,
                    6, 200,  0,    8,  0,    0,    12, 0,    0,
                    0, 0x55, 0x55, 13, 0,    0,    1,  0x55, 0x55});
  auto segment = link::stream_segment{};
  segment.window = 4'096;
  segment.range_count = 1;
  segment.ranges[0] = {10, 20};
  auto invented = bytes{2, 100, 0, 0, 0x55, 0x55, 5, 48, 0};
  link::write_header(segment, invented);
  invented.insert(invented.end(), {1, 0x55, 0x55});
  seeds.write("stream", "invented", invented);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: make_seeds FOLDER\n", stderr);
    return 2;
  }
  auto seeds = seed_writer{argv[1]};
  write_packets(seeds);
  write_session(seeds);
  write_membership(seeds);
  write_identity(seeds);
  write_peer(seeds);
  write_routing(seeds);
  write_envelope(seeds);
  write_audit(seeds);
  write_scripts(seeds);
  return seeds.ok() ? 0 : 1;
}
