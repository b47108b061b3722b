#include "runtime/session/session_options.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace std::chrono_literals;

namespace {

/// Applies one change to the defaults and returns what is said about it.
template <class Change>
std::string complaint_about(Change change) {
  auto opts = session_options{};
  change(opts);
  const auto checked = validate(opts);
  if (checked)
    return "";
  CHECK(checked.error().code == ec::invalid_option);
  return checked.error().text;
}

bool names(const std::string& text, std::string_view option) {
  return text.find(option) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("session/session_options");

TEST_CASE("the defaults are valid") {
  CHECK(validate(session_options{}));
}

TEST_CASE("an option out of its range is named") {
  using o = session_options;
  CHECK(names(complaint_about([](o& x) { x.handshake_timeout = 0s; }),
              "handshake_timeout"));
  CHECK(names(complaint_about([](o& x) { x.rotate_interval = -1s; }),
              "rotate_interval"));
  CHECK(names(complaint_about([](o& x) { x.rotate_interval = 100'000h; }),
              "ten years"));
  CHECK(
    names(complaint_about([](o& x) { x.rotate_bytes = 0; }), "rotate_bytes"));
  CHECK(names(complaint_about([](o& x) { x.rotate_bytes = key_bytes_max; }),
              "rotate_bytes"));
  CHECK(names(complaint_about([](o& x) { x.rotate_records = 0; }),
              "rotate_records"));
  CHECK(names(complaint_about([](o& x) { x.rotate_records = key_records_max; }),
              "rotate_records"));
  CHECK(
    names(complaint_about([](o& x) { x.kem_interval = 0s; }), "kem_interval"));
  CHECK(
    names(complaint_about([](o& x) { x.kem_timeout = 0s; }), "kem_timeout"));
  CHECK(names(complaint_about([](o& x) { x.kem_pause = 0s; }), "kem_pause"));
  CHECK(names(complaint_about([](o& x) { x.kem_peer_burst = 0; }),
              "kem_peer_burst"));
  CHECK(names(complaint_about([](o& x) { x.kem_peer_interval = 0s; }),
              "kem_peer_interval"));
  CHECK(names(complaint_about([](o& x) { x.record_payload_max = 0; }),
              "record_payload_max"));
  CHECK(names(complaint_about(
                [](o& x) { x.record_payload_max = record_payload_limit + 1; }),
              "record_payload_max"));
  CHECK(names(complaint_about([](o& x) { x.output_max = 100; }), "output_max"));
  CHECK(names(complaint_about([](o& x) { x.handshake_bytes_max = 100; }),
              "handshake_bytes_max"));
}

// 0x001d is X25519 and 0x0202 plain ML-KEM-1024 in the TLS registry.
TEST_CASE("only hybrid groups can be chosen, each once") {
  CHECK(complaint_about([](session_options& x) { x.groups = {0x11ec}; }) == "");
  CHECK(names(complaint_about([](session_options& x) { x.groups = {}; }),
              "groups"));
  CHECK(names(
    complaint_about([](session_options& x) { x.groups = {0x11ed, 0x001d}; }),
    "0x001d"));
  CHECK(names(complaint_about([](session_options& x) { x.groups = {0x0202}; }),
              "0x0202"));
  CHECK(names(
    complaint_about([](session_options& x) { x.groups = {0x11ed, 0x11ed}; }),
    "repetitions"));
}

TEST_SUITE_END();
