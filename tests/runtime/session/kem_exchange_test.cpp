#include "runtime/session/kem_exchange.hpp"

#include "runtime/session/session_options.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

namespace {

using kind = control_message::kind;

struct fixture {
  identity::seeded_rng rng{11};
  kem_exchange initiator{role::initiator, x25519_ml_kem_768};
  kem_exchange responder{role::responder, x25519_ml_kem_768};
};

} // namespace

TEST_SUITE_BEGIN("session/kem_exchange");

TEST_CASE_FIXTURE(fixture,
                  "both sides mix the same secret, each where it may") {
  auto& a = responder;
  auto& b = initiator;
  const auto offer = a.offer(rng);
  REQUIRE(offer);
  CHECK(offer->what == kind::kem_offer);
  const auto at_b = b.take(*offer, rng);
  REQUIRE(at_b);
  REQUIRE(at_b->answer);
  CHECK(at_b->answer->what == kind::kem_reply);
  CHECK(at_b->mix_outgoing);
  CHECK(!at_b->mix_incoming);
  CHECK(!at_b->complete);
  const auto at_a = a.take(*at_b->answer, rng);
  REQUIRE(at_a);
  REQUIRE(at_a->answer);
  CHECK(at_a->answer->what == kind::kem_done);
  CHECK(at_a->mix_incoming);
  CHECK(at_a->mix_outgoing);
  CHECK(at_a->complete);
  const auto last = b.take(*at_a->answer, rng);
  REQUIRE(last);
  CHECK(!last->answer);
  CHECK(last->mix_incoming);
  CHECK(!last->mix_outgoing);
  CHECK(last->complete);
  CHECK(!a.busy());
  CHECK(!b.busy());
  CHECK(at_a->fresh.size() == 64);
  CHECK(at_a->fresh == at_b->fresh);
  CHECK(at_a->fresh == last->fresh);
  CHECK(at_a->transcript_hash == at_b->transcript_hash);
  CHECK(at_a->transcript_hash == last->transcript_hash);
}

TEST_CASE_FIXTURE(fixture,
                  "when both offer at once the initiator's offer wins") {
  const auto from_initiator = initiator.offer(rng);
  const auto from_responder = responder.offer(rng);
  const auto ignored = initiator.take(*from_responder, rng);
  REQUIRE(ignored);
  CHECK(!ignored->answer);
  CHECK(!ignored->mix_incoming);
  CHECK(!ignored->mix_outgoing);
  const auto answered = responder.take(*from_initiator, rng);
  REQUIRE(answered);
  REQUIRE(answered->answer);
  const auto done = initiator.take(*answered->answer, rng);
  REQUIRE(done);
  CHECK(done->complete);
  CHECK(responder.take(*done->answer, rng)->complete);
}

TEST_CASE_FIXTURE(fixture, "what comes out of turn is refused") {
  const auto refused = [&](kem_exchange& x, kind what) {
    const auto taken = x.take({what, bytes(1120)}, rng);
    return !taken && taken.error().code == ec::protocol_violation;
  };
  CHECK(refused(initiator, kind::kem_reply));
  CHECK(refused(initiator, kind::kem_done));
  CHECK(refused(initiator, kind::key_changed));
  const auto offer = initiator.offer(rng);
  CHECK(refused(initiator, kind::kem_done));
  CHECK(responder.take(*offer, rng));
  const auto again = responder.take(*offer, rng);
  CHECK(again.error().code == ec::protocol_violation);
  CHECK(refused(responder, kind::kem_reply));
}

TEST_CASE_FIXTURE(fixture, "an offer or reply that is no key is refused") {
  CHECK(responder.take({kind::kem_offer, bytes(100)}, rng).error().code
        == ec::malformed_input);
  CHECK(initiator.offer(rng));
  CHECK(initiator.take({kind::kem_reply, bytes(100)}, rng).error().code
        == ec::malformed_input);
}

TEST_SUITE_END();
