#include "actors/link/relay_link.hpp"

#include "runtime/wire/packet_codec.hpp"
#include "tests/actors/link/tcp_fixture.hpp"

#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

/// Two ends and a router between them that loses every third packet.
struct fixture {
  deterministic_system system;
  node_context contexts[2];
  relay_actor ends[2];
  heard by[2];
  std::vector<caf::actor> to_end;
  bool is_cut = false;
  size_t count = 0;

  fixture() {
    for (auto i : {0, 1}) {
      auto& node = contexts[i];
      node.system = &system.sys();
      node.self.bytes[0] = static_cast<uint8_t>(i + 1);
      node.wall_clock = [this] {
        return std::chrono::system_clock::time_point{
          std::chrono::duration_cast<std::chrono::system_clock::duration>(
            system.now().time_since_epoch())};
      };
    }
    for (auto i : {0, 1})
      ends[i] = spawn(i);
  }

  ~fixture() {
    ends[0] = ends[1] = nullptr;
    for (auto& one : to_end)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    to_end.clear();
    system.run();
  }

  relay_actor spawn(int index) {
    auto router = system.sys().spawn(
      [this, index](caf::event_based_actor* self) -> caf::behavior {
        return {[this, index, self](const mesh_packet& msg) {
          if (is_cut || ++count % 3 == 0)
            return;
          const auto* first
            = reinterpret_cast<const uint8_t*>(msg.packet.data());
          const auto x = wire::decode({first, msg.packet.size()});
          REQUIRE(x);
          CHECK(x->destination == contexts[1 - index].self);
          const auto* begin
            = reinterpret_cast<const caf::byte*>(x->payload.data());
          self->run_delayed(
            1ms, [this, index,
                  data = caf::byte_buffer(begin, begin + x->payload.size())] {
              if (ends[1 - index])
                caf::anon_send(ends[1 - index], relay_datagram{data});
            });
        }};
      });
    to_end.push_back(router);
    auto opts = link::relay_link_options{};
    opts.node = &contexts[index];
    opts.router = caf::actor_cast<router_actor>(router);
    opts.other = contexts[1 - index].self;
    opts.seed = static_cast<uint64_t>(index);
    opts.wrap = [](std::span<const uint8_t> datagram) {
      return std::vector<uint8_t>(datagram.begin(), datagram.end());
    };
    using impl = relay_actor::stateful_impl<link::relay_link_state>;
    auto made = relay_actor{system.sys().spawn<impl>(std::move(opts))};
    to_end.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

  void open(int index) {
    auto listener = system.sys().spawn(heard::listen, &by[index]);
    to_end.push_back(caf::actor_cast<caf::actor>(listener));
    system.tell(ends[index], link_open{listener});
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/relay_link");

TEST_CASE_FIXTURE(fixture, "bytes arrive whole although packets get lost") {
  open(0);
  open(1);
  const auto text = std::string(300'000, 'x') + "end";
  system.tell(ends[0], link_bytes{bytes_of(text)});
  system.advance(20s);
  CHECK(by[1].bytes == text);
  // It was above the low water mark, and came below it once.
  CHECK(by[0].drained.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "bytes that never pile up are reported too") {
  open(0);
  open(1);
  // Who counts what it handed over would wait for ever without a report.
  for (auto i = 0; i < 100; ++i) {
    system.tell(ends[0], link_bytes{bytes_of(std::string(1'024, 'x'))});
    system.advance(1s);
  }
  CHECK(by[1].bytes.size() == 102'400);
  CHECK(by[0].drained.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "what came before the listener is kept") {
  open(0);
  system.tell(ends[0], link_bytes{bytes_of("early")});
  system.advance(1s);
  open(1);
  CHECK(by[1].bytes == "early");
}

TEST_CASE_FIXTURE(fixture, "a closing link sends what waits") {
  open(0);
  open(1);
  system.tell(ends[0], link_bytes{bytes_of("last words")});
  system.tell(ends[0], link_close{});
  system.advance(10s);
  CHECK(by[1].bytes == "last words");
  CHECK(by[1].closed == caf::error{});
  CHECK(by[0].closed == caf::error{});
}

TEST_CASE_FIXTURE(fixture, "a link that nobody opens ends") {
  system.self()->monitor(ends[1]);
  system.advance(11s);
  CHECK(system.self()->has_next_message());
  system.self()->receive(
    [](const caf::down_msg& down) { CHECK(down.reason == ec::timed_out); });
}

TEST_CASE_FIXTURE(fixture, "another side that falls silent is noticed") {
  open(0);
  open(1);
  system.tell(ends[0], link_bytes{bytes_of("hello")});
  system.advance(1s);
  is_cut = true;
  // 15 s until a sign of life is asked for, and 30 s for it to come.
  system.advance(50s);
  REQUIRE(by[0].closed);
  CHECK(*by[0].closed == ec::unreachable);
}

TEST_CASE_FIXTURE(fixture, "a stopped link tells its listener") {
  open(0);
  caf::anon_send_exit(ends[0], caf::exit_reason::kill);
  ends[0] = nullptr;
  to_end.erase(to_end.begin() + 1);
  system.run();
  REQUIRE(by[0].closed);
  CHECK(*by[0].closed == ec::connection_closed);
}

TEST_SUITE_END();
