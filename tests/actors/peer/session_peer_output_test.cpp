// What a session sends, and when: compression and credit. The bandwidth's test
// is tests/simulation/bandwidth_test.cpp.

#include "tests/actors/peer/session_peer_fixture.hpp"

#include <caf/binary_serializer.hpp>
#include <caf/io/basp/header.hpp>

#include <algorithm>

using namespace starling;
using namespace starling::peer;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

using fixture = session_peer_fixture;

struct compressing_fixture : fixture {
  compressing_fixture() : fixture{true} {
    // nop
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/peer/session_peer_output");

TEST_CASE_FIXTURE(compressing_fixture,
                  "what shrinks is compressed for a peer that wants it") {
  come_up(compression_lz4);
  CHECK(std::get<hello>(heard[0]).compression == compression_lz4);
  test.tell(uut, stream_bytes{5, to_buffer(bytes(10'000, 9))});
  pump();
  REQUIRE(compressed.size() == 1);
  CHECK(compressed[0].size() < 100);
  auto expander = frame_expander{10'000};
  auto restored = expander.expand(compressed[0]);
  REQUIRE(restored);
  CHECK(bytes{restored->begin(), restored->end()} == bytes(10'000, 9));
  // And what the peer compresses arrives as it was.
  send_frame(basp_channel, compressed[0], wire::frame_kind::data,
             frame_compressed);
  CHECK(basp == bytes(10'000, 9));
  send_frame(packet_channel, compressed[0], wire::frame_kind::packet,
             frame_compressed);
  REQUIRE(packets.size() == 1);
  CHECK(packets[0].packet.size() == 10'000);
}

TEST_CASE_FIXTURE(compressing_fixture,
                  "two messages are never compressed together") {
  come_up(compression_lz4);
  using namespace caf::io::basp;
  auto both = caf::byte_buffer{};
  for (caf::actor_id source : {7, 8}) {
    auto hdr = header{message_type::direct_message, 0, 1'000, 1, source, 9};
    auto sink = caf::binary_serializer{test.sys(), both};
    sink.seek(both.size());
    REQUIRE(sink.apply(hdr));
    both.resize(both.size() + 1'000, caf::byte{42});
  }
  test.tell(uut, stream_bytes{5, both});
  pump();
  REQUIRE(compressed.size() == 2);
  auto restored = bytes{};
  auto expander = frame_expander{10'000};
  for (const auto& each : compressed) {
    auto found = expander.expand(each);
    REQUIRE(found);
    CHECK(found->size() == header_size + 1'000);
    restored.insert(restored.end(), found->begin(), found->end());
  }
  CHECK(restored == from_buffer(both));
}

TEST_CASE_FIXTURE(compressing_fixture,
                  "a peer that does not say so gets nothing compressed") {
  come_up(0);
  test.tell(uut, stream_bytes{5, to_buffer(bytes(10'000, 9))});
  pump();
  CHECK(compressed.empty());
  CHECK(heard_basp == bytes(10'000, 9));
}

TEST_CASE_FIXTURE(fixture, "a node that does not compress takes nothing so") {
  come_up(compression_lz4);
  CHECK(std::get<hello>(heard[0]).compression == 0);
  test.tell(uut, stream_bytes{5, to_buffer(bytes(10'000, 9))});
  pump();
  CHECK(compressed.empty());
  send_frame(basp_channel, {3, 0, 0, 0, 0x30, 'a', 'b', 'c'},
             wire::frame_kind::data, frame_compressed);
  check_ended(ec::malformed_input, "flags that nobody agreed on");
}

TEST_CASE_FIXTURE(compressing_fixture,
                  "compressed frames that are hostile end the session") {
  SUBCASE("a bomb") {
    come_up(compression_lz4);
    send_frame(basp_channel, {0xff, 0xff, 0xff, 0xff, 0x1f, 0, 1, 0},
               wire::frame_kind::data, frame_compressed);
    check_ended(ec::limit_reached, "max_packet_size");
  }
  SUBCASE("damage") {
    come_up(compression_lz4);
    send_frame(basp_channel, {100, 0, 0, 0, 0x1f, 0, 1, 0},
               wire::frame_kind::data, frame_compressed);
    check_ended(ec::malformed_input, "damaged");
  }
  SUBCASE("on the control channel") {
    come_up(compression_lz4);
    send_frame(control_channel, {3, 0, 0, 0, 0x30, 'a', 'b', 'c'},
               wire::frame_kind::data, frame_compressed);
    check_ended(ec::protocol_violation, "where none may be");
  }
  SUBCASE("before the hello") {
    authenticate();
    send_frame(basp_channel, {3, 0, 0, 0, 0x30, 'a', 'b', 'c'},
               wire::frame_kind::data, frame_compressed);
    check_ended(ec::protocol_violation, "where none may be");
  }
  CHECK(basp.empty());
}

TEST_CASE_FIXTURE(fixture, "credit waits while memory is short") {
  come_up();
  heard.clear();
  const auto credit_heard = [this] {
    return std::count_if(heard.begin(), heard.end(), [](const auto& msg) {
      return std::holds_alternative<actor_credit>(msg);
    });
  };
  resources.set({.memory_exceeded = true});
  test.tell(uut, stream_credit{5, 13, 42});
  test.tell(uut, stream_credit{5, 13, 43});
  test.tell(uut, stream_credit{5, 14, 7});
  test.advance(5s);
  pump();
  CHECK(credit_heard() == 0);
  resources.set({});
  test.advance(1s);
  pump();
  // The last total says it all.
  CHECK(credit_heard() == 2);
  CHECK(std::count(heard.begin(), heard.end(),
                   control_message{actor_credit{13, 43}})
        == 1);
}

TEST_CASE_FIXTURE(fixture, "credit comes late while processors are short") {
  come_up();
  heard.clear();
  resources.set({.cpu_exceeded = true});
  test.tell(uut, stream_credit{5, 13, 42});
  pump();
  CHECK(heard.empty());
  test.advance(1s);
  pump();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0] == control_message{actor_credit{13, 42}});
}

TEST_SUITE_END();
