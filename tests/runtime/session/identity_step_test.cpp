#include "runtime/session/identity_step.hpp"

#include "tests/runtime/session/session_pair.hpp"

#include <botan/hash.h>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

namespace {

constexpr auto initiator_label = "starling/session/1/initiator";
constexpr auto responder_label = "starling/session/1/responder";

/// What a channel looks like to its initiator; the responder sees the two keys
/// the other way round.
channel_binding binding_of(role side, uint8_t channel = 1) {
  const auto initiators = bytes(48, 0x11);
  const auto responders = bytes(48, 0x22);
  const auto own = side == role::initiator;
  return {.exporter = bytes(64, channel),
          .own_key_hash = own ? initiators : responders,
          .peer_key_hash = own ? responders : initiators,
          .psk_id = {},
          .group = 0x11ed};
}

identity_step step_of(role side, const test_node& node,
                      std::optional<peer_id> expected = std::nullopt,
                      uint8_t channel = 1) {
  return {side, node.context, expected, binding_of(side, channel)};
}

bytes framed(const session_message& message) {
  const auto encoded = encode(message);
  auto out = bytes{};
  for (auto shift : {24, 16, 8, 0})
    out.push_back(static_cast<uint8_t>(encoded.size() >> shift & 0xff));
  out.insert(out.end(), encoded.begin(), encoded.end());
  return out;
}

std::vector<session_message> messages_in(const bytes& data) {
  auto result = std::vector<session_message>{};
  for (auto rest = std::span{data}; rest.size() >= 4;) {
    const auto size = size_t{rest[2]} << 8 | rest[3];
    result.push_back(*decode_session_message(rest.subspan(4, size)));
    rest = rest.subspan(4 + size);
  }
  return result;
}

bytes take(identity_step& step) {
  return std::exchange(step.output(), {});
}

/// The pieces of what a responder signs, put together here a second time, from
/// the description in the header and not by its code.
struct forged_responder {
  explicit forged_responder(const identity::private_key& signer) : key{signer} {
    hello = {.version_min = 1,
             .version_max = 1,
             .features = 5,
             .id = key.id(),
             .expected = {},
             .record_payload_max = 1000};
  }

  static void add(bytes& out, uint64_t x, size_t size) {
    while (size-- > 0)
      out.push_back(static_cast<uint8_t>(x >> (8 * size)));
  }

  static void add(bytes& out, const hello_message& x) {
    add(out, x.version_min, 2);
    add(out, x.version_max, 2);
    add(out, x.features, 8);
    add(out, x.record_payload_max, 4);
    out.insert(out.end(), x.id.bytes.begin(), x.id.bytes.end());
    out.push_back(x.expected.has_value());
    const auto expected = x.expected.value_or(peer_id{});
    out.insert(out.end(), expected.bytes.begin(), expected.bytes.end());
  }

  bytes transcript(const hello_message& from_initiator) const {
    auto out = bytes(64, exporter_byte);
    add(out, group, 2);
    out.insert(out.end(), 48, own_key_byte);
    out.insert(out.end(), 48, peer_key_byte);
    add(out, psk_id.size(), 4);
    out.insert(out.end(), psk_id.begin(), psk_id.end());
    add(out, hello);
    add(out, from_initiator);
    auto hash = Botan::HashFunction::create_or_throw("SHA-384");
    hash->update(signed_credential);
    const auto digest = hash->final_stdvec();
    out.insert(out.end(), digest.begin(), digest.end());
    return out;
  }

  /// Answers what an initiator says first.
  bytes answer(const bytes& said) const {
    const auto theirs = std::get<hello_message>(messages_in(said).at(0));
    auto rng = identity::seeded_rng{12};
    auto out = framed(shown_hello.value_or(hello));
    const auto auth = framed(
      auth_message{key.public_part().bytes(),
                   key.sign(label, transcript(theirs), rng), shown_credential});
    out.insert(out.end(), auth.begin(), auth.end());
    return out;
  }

  const identity::private_key& key;
  hello_message hello;
  /// Shown in place of the one that is signed.
  std::optional<hello_message> shown_hello;
  const char* label = responder_label;
  uint8_t exporter_byte = 1;
  uint8_t own_key_byte = 0x22;
  uint8_t peer_key_byte = 0x11;
  uint16_t group = 0x11ed;
  bytes psk_id;
  bytes signed_credential;
  bytes shown_credential;
};

/// Whether an initiator takes the answer for that of a genuine responder.
result<void> verdict_on(const forged_responder& forger) {
  auto node = test_node{0};
  auto step = step_of(role::initiator, node);
  const auto verdict = step.receive(forger.answer(take(step)));
  CHECK(node.policy.calls == (verdict ? 1 : 0));
  // Only who is genuine gets to see the credential.
  for (const auto& message : messages_in(take(step)))
    if (!verdict)
      CHECK(std::holds_alternative<reject_message>(message));
  return verdict;
}

bool refused(const forged_responder& forger) {
  const auto verdict = verdict_on(forger);
  return !verdict && verdict.error().code == ec::authentication_failed;
}

/// Carries messages both ways until there are none.
void settle(identity_step& a, identity_step& b, size_t cut = SIZE_MAX) {
  const auto carry = [&](identity_step& from, identity_step& to) {
    const auto data = take(from);
    auto ok = true;
    for (auto rest = std::span{data}; !rest.empty() && ok;) {
      const auto part = rest.first(std::min(cut, rest.size()));
      rest = rest.subspan(part.size());
      ok = static_cast<bool>(to.receive(part));
    }
    return !data.empty();
  };
  while (carry(a, b) | carry(b, a))
    ;
}

} // namespace

TEST_SUITE_BEGIN("session/identity_step");

TEST_CASE("both sides learn who is there and agree on everything") {
  for (auto cut : {SIZE_MAX, size_t{1}}) {
    auto alice = test_node{0};
    auto bob = test_node{1};
    auto a = step_of(role::initiator, alice, bob.id());
    auto b = step_of(role::responder, bob);
    settle(a, b, cut);
    REQUIRE(a.done());
    REQUIRE(b.done());
    CHECK(a.peer().id == bob.id());
    CHECK(b.peer().id == alice.id());
    CHECK(text_of(b.peer().credential) == "credential 0");
    CHECK(a.agreement() == b.agreement());
    CHECK(a.agreement().size() == 48);
  }
}

TEST_CASE("an answer made by the description is accepted") {
  auto forger = forged_responder{test_key(1)};
  CHECK(verdict_on(forger));
  forger.signed_credential = forger.shown_credential = bytes_of("credential");
  CHECK(verdict_on(forger));
}

TEST_CASE("a signature in the role of the other side is refused") {
  auto forger = forged_responder{test_key(1)};
  forger.label = initiator_label;
  CHECK(refused(forger));
}

TEST_CASE("a signature of another channel is refused") {
  auto forger = forged_responder{test_key(1)};
  SUBCASE("other keying material") {
    forger.exporter_byte = 2;
  }
  SUBCASE("other raw key here") {
    forger.peer_key_byte = 3;
  }
  SUBCASE("other raw key there") {
    forger.own_key_byte = 3;
  }
  SUBCASE("keys swapped") {
    std::swap(forger.own_key_byte, forger.peer_key_byte);
  }
  SUBCASE("other group") {
    forger.group = 0x11ec;
  }
  SUBCASE("with a pre-shared key") {
    forger.psk_id = bytes_of("key 1");
  }
  CHECK(refused(forger));
}

TEST_CASE("a signature beside another offer or credential is refused") {
  auto forger = forged_responder{test_key(1)};
  forger.shown_hello = forger.hello;
  SUBCASE("version") {
    forger.shown_hello->version_max = 2;
  }
  SUBCASE("features") {
    forger.shown_hello->features = 7;
  }
  SUBCASE("record length") {
    forger.shown_hello->record_payload_max = 1;
  }
  SUBCASE("credential") {
    forger.shown_credential = bytes_of("somebody else's");
  }
  SUBCASE("identity") {
    forger.shown_hello->id = test_key(2).id();
  }
  CHECK(refused(forger));
}

TEST_CASE("a genuine answer repeated on another channel is refused") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto first = step_of(role::initiator, alice, std::nullopt, 1);
  auto genuine = step_of(role::responder, bob, std::nullopt, 1);
  CHECK(genuine.receive(take(first)));
  const auto recorded = take(genuine);
  auto second = step_of(role::initiator, alice, std::nullopt, 2);
  CHECK(second.receive(recorded).error().code == ec::authentication_failed);
  // It is the channel that made the difference.
  CHECK(first.receive(recorded));
}

TEST_CASE("what an initiator says, sent back, is refused") {
  auto alice = test_node{0};
  auto step = step_of(role::initiator, alice);
  const auto reflected = step.receive(take(step));
  CHECK(reflected.error().code == ec::authentication_failed);
  CHECK(reflected.error().text.find("own identity") != std::string::npos);
}

TEST_CASE("no version in common is said to both") {
  auto alice = test_node{0};
  auto step = step_of(role::initiator, alice);
  auto forger = forged_responder{test_key(1)};
  forger.hello.version_min = forger.hello.version_max = 2;
  const auto verdict = step.receive(forger.answer(take(step)));
  CHECK(verdict.error().code == ec::negotiation_failed);
  const auto last = messages_in(take(step));
  CHECK(std::get<reject_message>(last.at(0)).code == ec::negotiation_failed);
}

TEST_CASE("a peer that expects another node is told who this is") {
  auto bob = test_node{1};
  auto step = step_of(role::responder, bob);
  auto hello = forged_responder{test_key(0)}.hello;
  hello.expected = test_key(2).id();
  const auto verdict = step.receive(framed(hello));
  CHECK(verdict.error().code == ec::authentication_failed);
  const auto said = std::get<reject_message>(messages_in(take(step)).at(0));
  CHECK(said.text.find(to_string(bob.id())) != std::string::npos);
}

TEST_CASE("messages at the wrong moment are refused") {
  const auto auth = auth_message{
    test_key(1).public_part().bytes(), bytes(identity::signature_size), {}};
  for (auto side : {role::initiator, role::responder}) {
    auto node = test_node{0};
    auto early_auth = step_of(side, node);
    CHECK(early_auth.receive(framed(auth)).error().code
          == ec::protocol_violation);
    auto early_accept = step_of(side, node);
    CHECK(early_accept.receive(framed(accept_message{})).error().code
          == ec::protocol_violation);
    auto twice = step_of(side, node);
    const auto hello = framed(forged_responder{test_key(1)}.hello);
    CHECK(twice.receive(hello));
    CHECK(twice.receive(hello).error().code == ec::protocol_violation);
    CHECK(!twice.receive(hello));
    CHECK(node.policy.calls == 0);
  }
}

TEST_CASE("accepting without a proof does not make a session") {
  auto bob = test_node{1};
  auto step = step_of(role::responder, bob);
  CHECK(step.receive(framed(forged_responder{test_key(0)}.hello)));
  CHECK(step.receive(framed(accept_message{})).error().code
        == ec::protocol_violation);
  CHECK(!step.done());
  CHECK(bob.policy.calls == 0);
}

TEST_CASE("a refusal is passed on as what the peer says") {
  auto alice = test_node{0};
  auto step = step_of(role::initiator, alice);
  const auto verdict
    = step.receive(framed(reject_message{ec::revoked, "gone since May"}));
  CHECK(verdict.error().code == ec::revoked);
  CHECK(verdict.error().text.find("the peer") == 0);
  CHECK(verdict.error().text.find("gone since May") != std::string::npos);
}

TEST_SUITE_END();
