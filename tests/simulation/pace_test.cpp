// What a virtual minute costs. Processor time is printed, for people to read;
// what fails is a number of signatures, handshakes or messages, which is the
// same on every machine.

#include "tests/simulation/cluster_actors.hpp"
#include "tests/support/cpu_time.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string_view>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t nodes = 10;

/// What all nodes of a cluster have done so far.
struct work {
  explicit work(simulated_cluster& cluster)
    : opened{sum(cluster, "starling_sessions_opened_total")},
      established{sum(cluster, "starling_sessions_established_total")},
      records_signed{sum(cluster, "starling_gossip_records_signed_total")},
      records_verified{sum(cluster, "starling_gossip_records_verified_total")} {
    // nop
  }

  static uint64_t sum(simulated_cluster& cluster, std::string_view name) {
    auto result = 0.0;
    for (size_t i = 0; i < cluster.size(); ++i) {
      auto counter = cluster.node(i).metrics().add_counter(name, "");
      REQUIRE(counter);
      result += counter->value();
    }
    return static_cast<uint64_t>(result);
  }

  uint64_t opened;
  uint64_t established;
  uint64_t records_signed;
  uint64_t records_verified;
};

void print(const char* what, std::chrono::duration<double, std::milli> cpu,
           const work& done, const work& before) {
  MESSAGE(fmt::format(
    "{}: {:.0f} ms of processor time, {} sessions opened, {} records signed, "
    "{} verified",
    what, cpu.count(), done.opened - before.opened,
    done.records_signed - before.records_signed,
    done.records_verified - before.records_verified));
}

} // namespace

TEST_SUITE_BEGIN("simulation/pace");

TEST_CASE("ten nodes sign and verify what is new, once") {
  const auto begin = cpu_time();
  auto cluster = simulated_cluster{nodes, 7, {}, know_the_first};
  cluster.advance(10s);
  const auto up = cpu_time();
  const auto start = work{cluster};
  cluster.advance(50s);
  const auto minute = cpu_time();
  const auto later = work{cluster};
  cluster.advance(1min);
  const auto second = cpu_time();
  const auto end = work{cluster};
  auto none = start;
  none.opened = none.records_signed = none.records_verified = 0;
  print("ten nodes up", up - begin, start, none);
  print("the first minute, start included", minute - begin, later, none);
  print("the second minute", second - minute, end, later);

  // Each pair of nodes has one session, and opened no other; both ends count.
  CHECK(later.opened == nodes * (nodes - 1));
  CHECK(later.established == nodes * (nodes - 1));
  // A node signs a record of itself, again when it has its sessions, and when
  // it knows how far the others are.
  CHECK(later.records_signed <= 5 * nodes);
  // Nobody verifies a record twice, nor its own.
  CHECK(later.records_verified <= (nodes - 1) * later.records_signed);
  // Where nothing happens there is nothing to sign.
  CHECK(end.opened == later.opened);
  CHECK(end.records_signed == later.records_signed);
  CHECK(end.records_verified == later.records_verified);
}

TEST_SUITE_END();
