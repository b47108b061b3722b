#include "tests/actors/link/lossy_path.hpp"

using namespace starling;
using namespace starling::link;
using namespace starling::test;
using namespace std::literals;

namespace {

using state = reliable_stream::state;

/// Moves bytes from left to right; returns the virtual seconds it took.
double move(lossy_path& path, transfer& job,
            std::chrono::seconds most = 10min) {
  const auto start = path.now;
  CHECK(path.run(most, [&] { return job.pump(); }));
  CHECK(job.intact);
  CHECK(job.received == job.total);
  return std::chrono::duration<double>(path.now - start).count();
}

} // namespace

TEST_SUITE_BEGIN("actors/link/reliable_stream");

TEST_CASE("a good path carries bytes at the window's speed") {
  auto path = lossy_path{{}};
  auto job = transfer{path, path.left, path.right, 20'000'000};
  const auto seconds = move(path, job);
  // 1 MiB a round trip of 20 ms is 52 MB/s, so .38 s and a slow start.
  CHECK(seconds < 1.0);
  CHECK(path.left.resent() == 0);
}

TEST_CASE("both directions work at a time, and end apart") {
  auto path = lossy_path{{.loss = 0.05, .jitter = 5ms, .stream = {}}};
  auto there = transfer{path, path.left, path.right, 300'000};
  auto back = transfer{path, path.right, path.left, 500'000};
  CHECK(path.run(1min, [&] {
    const auto one = there.pump();
    const auto other = back.pump();
    return one && other;
  }));
  CHECK(there.intact);
  CHECK(back.intact);
  path.run(5s);
  CHECK(path.left.status() == state::closed);
  CHECK(path.right.status() == state::closed);
  CHECK(path.left.waiting() == 0);
}

TEST_CASE("a closed direction leaves the other one open") {
  auto path = lossy_path{{}};
  path.left.close();
  path.run(1s);
  CHECK(path.right.at_end());
  CHECK(path.left.status() == state::open);
  auto back = transfer{path, path.right, path.left, 100'000};
  move(path, back);
  path.run(1s);
  CHECK(path.left.status() == state::closed);
  CHECK(path.right.status() == state::closed);
}

TEST_CASE("any loss, doubling and reordering leaves the stream intact") {
  for (auto loss : {0.0, 0.01, 0.1, 0.3})
    for (auto jitter : {0ms, 30ms})
      for (size_t datagram : {1'200u, 16'384u})
        for (uint64_t seed = 1; seed <= 3; ++seed) {
          CAPTURE(loss);
          CAPTURE(jitter.count());
          CAPTURE(datagram);
          CAPTURE(seed);
          auto opts = lossy_path::options{};
          opts.loss = loss;
          opts.doubled = 0.05;
          opts.jitter = jitter;
          opts.seed = seed;
          opts.stream.datagram_max = datagram;
          auto path = lossy_path{opts};
          auto job = transfer{path, path.left, path.right, 400'000};
          const auto seconds = move(path, job);
          // A few times what was measured at worst.
          CHECK(seconds < (loss > 0.2 ? 150.0 : loss > 0.05 ? 15.0 : 5.0));
          path.left.close();
          path.right.close();
          path.run(30s);
          CHECK(path.left.status() == state::closed);
          CHECK(path.right.status() == state::closed);
        }
}

TEST_CASE("small messages are acknowledged together, full ones in pairs") {
  auto opts = reliable_stream::options{};
  opts.ack_delay = 25ms;
  opts.datagram_max = 1'200;
  const auto start = reliable_stream::time_point{} + 1h;
  auto sender = reliable_stream{opts, start};
  auto receiver = reliable_stream{opts, start};
  auto now = start;
  const auto pass = [&](size_t bytes) {
    REQUIRE(sender.send(std::vector<uint8_t>(bytes)) == bytes);
    while (const auto datagram = sender.poll_output(now))
      REQUIRE(receiver.on_datagram(*datagram, now));
  };
  const auto acks = [&] {
    auto result = 0;
    while (receiver.poll_output(now))
      ++result;
    return result;
  };
  for (auto i = 0; i < 5; ++i) {
    pass(100);
    CHECK(acks() == 0);
    now += 4ms;
  }
  now += 5ms;
  CHECK(acks() == 1);
  // RFC 5681, section 4.2: at least every second full-sized segment.
  pass(1'104);
  CHECK(acks() == 0);
  pass(1'104);
  CHECK(acks() == 1);
}

TEST_CASE("a narrow path is used well, without flooding its queue") {
  auto opts = lossy_path::options{};
  opts.bandwidth = 1e6;
  opts.queue_max = 50e3;
  opts.stream.datagram_max = 1'200;
  auto path = lossy_path{opts};
  auto job = transfer{path, path.left, path.right, 5'000'000};
  const auto seconds = move(path, job);
  // 5 MB and 8 % of headers at 1 MB/s are 5.4 s.
  CHECK(seconds < 7.0);
  CHECK(path.left.resent() < 400);
}

TEST_CASE("a path that fails for two seconds is used again") {
  auto path = lossy_path{{}};
  auto job = transfer{path, path.left, path.right, 40'000'000};
  path.run(200ms, [&] { return job.pump(); });
  CHECK(job.received < job.total);
  path.set_down(true);
  path.run(2s, [&] { return job.pump(); });
  const auto before = job.received;
  path.set_down(false);
  SUBCASE("at once when the owner says so") {
    path.left.path_changed(path.now);
    path.right.path_changed(path.now);
    path.run(25ms, [&] { return job.pump(); });
    CHECK(job.received > before);
  }
  SUBCASE("after a timeout otherwise") {
    path.run(2s, [&] { return job.pump(); });
    CHECK(job.received > before);
  }
  move(path, job);
}

TEST_CASE("a reader that stops bounds what is under way") {
  auto opts = lossy_path::options{};
  opts.loss = 0.1;
  opts.stream.datagram_max = 1'200;
  opts.stream.send_max = 100'000;
  opts.stream.receive_max = 60'000;
  auto path = lossy_path{opts};
  auto job = transfer{path, path.left, path.right, 1'000'000};
  job.reading = false;
  path.run(20s, [&] { return job.pump(); });
  CHECK(path.right.readable() == 60'000);
  CHECK(job.sent == 160'000);
  // Nothing but questions whether the window has opened.
  const auto before = path.datagrams();
  path.run(50s, [&] { return job.pump(); });
  CHECK(path.datagrams() - before < 50);
  CHECK(path.left.status() == state::open);
  job.reading = true;
  move(path, job);
  // Powers of two above the limits.
  CHECK(job.memory <= 131'072 + 65'536);
}

TEST_CASE("a window that opens again is noticed although the news is lost") {
  auto opts = lossy_path::options{};
  opts.stream.receive_max = 20'000;
  auto path = lossy_path{opts};
  auto job = transfer{path, path.left, path.right, 100'000};
  job.reading = false;
  path.run(5s, [&] { return job.pump(); });
  path.set_down(true);
  job.reading = true;
  path.run(1s, [&] { return job.pump(); });
  path.set_down(false);
  move(path, job);
}

TEST_CASE("a side that is gone is noticed after silence_max") {
  auto opts = lossy_path::options{};
  opts.stream.silence_max = 10s;
  auto path = lossy_path{opts};
  const auto text = std::vector<uint8_t>(100);
  path.left.send(text);
  path.run(1s);
  path.set_down(true);
  SUBCASE("when it owes an acknowledgement") {
    path.left.send(text);
    path.run(9s);
    CHECK(path.left.status() == state::open);
    path.run(2s);
    CHECK(path.left.status() == state::silent);
    CHECK(!path.left.next_deadline());
  }
  SUBCASE("but not when nobody asked it") {
    path.run(1h);
    CHECK(path.left.status() == state::open);
  }
}

TEST_CASE("keep-alive asks a quiet side") {
  auto opts = lossy_path::options{};
  opts.stream.silence_max = 10s;
  opts.stream.keep_alive = 5s;
  auto path = lossy_path{opts};
  path.run(10min);
  CHECK(path.left.status() == state::open);
  CHECK(path.right.status() == state::open);
  path.set_down(true);
  path.run(16s);
  CHECK(path.left.status() == state::silent);
  CHECK(path.right.status() == state::silent);
}

TEST_CASE("a reset ends both sides, even if it is lost at first") {
  auto path = lossy_path{{}};
  auto job = transfer{path, path.left, path.right, 10'000'000};
  path.run(100ms, [&] { return job.pump(); });
  path.set_down(true);
  path.right.abort();
  path.exchange();
  path.set_down(false);
  path.run(5s);
  CHECK(path.right.status() == state::reset);
  CHECK(path.left.status() == state::reset);
  CHECK(path.left.send(std::vector<uint8_t>(1)) == 0);
}

TEST_CASE("a reset that does not know the stream is refused") {
  auto path = lossy_path{{}};
  auto job = transfer{path, path.left, path.right, 10'000'000};
  path.run(300ms, [&] { return job.pump(); });
  auto forged = stream_segment{};
  forged.reset = true;
  auto bytes = std::vector<uint8_t>{};
  write_header(forged, bytes);
  const auto outcome = path.right.on_datagram(bytes, path.now);
  REQUIRE(!outcome);
  CHECK(outcome.error().code == ec::protocol_violation);
  CHECK(path.right.status() == state::open);
  move(path, job);
}

TEST_CASE("an acknowledgement of what was never sent is refused") {
  auto uut = reliable_stream{{}, reliable_stream::time_point{1h}};
  auto forged = stream_segment{};
  forged.ack = 1;
  auto bytes = std::vector<uint8_t>{};
  write_header(forged, bytes);
  const auto outcome = uut.on_datagram(bytes, reliable_stream::time_point{1h});
  REQUIRE(!outcome);
  CHECK(outcome.error().code == ec::protocol_violation);
}

TEST_CASE("random and damaged datagrams do no harm") {
  auto engine = std::mt19937{11};
  const auto rng = [&] { return static_cast<uint32_t>(engine()); };
  auto opts = lossy_path::options{};
  opts.stream.receive_max = 60'000;
  auto path = lossy_path{opts};
  path.left.send(std::vector<uint8_t>(50'000));
  for (auto round = 0; round < 20'000; ++round) {
    auto segment = stream_segment{};
    segment.end_of_stream = rng() % 50 == 0;
    segment.answer = rng() % 4 == 0;
    segment.window = rng() % 100'000;
    segment.offset = rng() % 80'000;
    segment.ack = rng() % 60'000;
    segment.clock = rng();
    segment.echo = rng();
    segment.range_count = rng() % 5;
    for (auto& range : segment.ranges) {
      range.begin = rng() % 60'000;
      range.end = range.begin + rng() % 3'000;
    }
    auto bytes = std::vector<uint8_t>{};
    write_header(segment, bytes);
    bytes.resize(bytes.size() + rng() % 2'000);
    if (rng() % 2 == 0)
      bytes[rng() % bytes.size()] ^= static_cast<uint8_t>(rng());
    // Some are right by chance; none may break the bookkeeping.
    static_cast<void>(path.left.on_datagram(bytes, path.now));
    path.now += 1ms;
    while (path.left.poll_output(path.now))
      ; // nop
    if (path.left.status() != state::open)
      path = lossy_path{opts};
  }
  CHECK(path.left.memory() <= 65'536 + 65'536);
}

TEST_SUITE_END();
