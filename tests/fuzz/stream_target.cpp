#include "actors/link/reliable_stream.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <string>

/// Two ends of a stream, and someone on the path who loses, doubles and invents
/// datagrams. The input is a script: a step and a number of 16 bits.

using namespace starling;
using namespace starling::fuzz;
using link::reliable_stream;

namespace {

constexpr auto opts = [] {
  auto result = reliable_stream::options{};
  result.datagram_max = 256;
  result.send_max = 8'192;
  result.receive_max = 4'096;
  return result;
};

constexpr size_t steps_max = 512;

struct path {
  /// Takes what an end wants to send; hands on what `kept` names.
  void pump(size_t from, size_t kept) {
    auto& source = ends[from];
    for (size_t i = 0; const auto out = source.poll_output(now); ++i) {
      // Windows are bounded, so this comes to an end.
      require(i < 10'000);
      require(out->size() <= opts().datagram_max);
      require(static_cast<bool>(link::read_segment(*out)));
      const auto datagram = std::vector<uint8_t>(out->begin(), out->end());
      for (auto copies = kept >> (2 * (i % 8)) & 3; copies > 0; --copies)
        take(1 - from, datagram);
    }
  }

  void take(size_t to, std::span<const uint8_t> datagram) {
    static_cast<void>(ends[to].on_datagram(datagram, now));
    require(ends[to].memory() <= 4 * (opts().send_max + opts().receive_max));
  }

  void read(size_t from) {
    ends[from].read([&](std::span<const uint8_t> part) {
      got[from].insert(got[from].end(), part.begin(), part.end());
    });
  }

  void send(size_t from, size_t count) {
    auto text = std::vector<uint8_t>(count);
    for (size_t i = 0; i < count; ++i)
      text[i] = static_cast<uint8_t>((sent[from] + i) * 31);
    const auto room = ends[from].room();
    const auto done = ends[from].send(text);
    require(done <= std::min(count, room));
    sent[from] += done;
  }

  void step(script& input) {
    const auto what = input.byte();
    const auto side = size_t{what & 1U};
    const auto number = input.number();
    switch (what >> 1 & 7) {
      case 0:
        return pump(side, number);
      case 1:
        return send(side, number % 4'096);
      case 2:
        invented = true;
        return take(side, input.bytes(number % 512));
      case 3:
        now += std::chrono::milliseconds{number % 10'000};
        return pump(side, 0x5555);
      case 4:
        return read(side);
      case 5:
        return ends[side].path_changed(now);
      case 6:
        return ends[side].close();
      default:
        return ends[side].abort();
    }
  }

  /// Without invented datagrams, what arrives is a beginning of what was sent.
  void check() const {
    if (invented)
      return;
    for (size_t from = 0; from < 2; ++from) {
      const auto& arrived = got[1 - from];
      require(arrived.size() <= sent[from]);
      for (size_t i = 0; i < arrived.size(); ++i)
        require(arrived[i] == static_cast<uint8_t>(i * 31));
    }
  }

  reliable_stream::time_point now{std::chrono::hours{1}};
  std::array<reliable_stream, 2> ends{reliable_stream{opts(), now},
                                      reliable_stream{opts(), now}};
  std::array<size_t, 2> sent{};
  std::array<std::vector<uint8_t>, 2> got;
  bool invented = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto input = script{{data, size}};
  auto between = path{};
  for (size_t i = 0; i < steps_max && !input.at_end(); ++i)
    between.step(input);
  for (const auto side : {size_t{0}, size_t{1}}) {
    between.pump(side, 0x5555);
    between.read(side);
  }
  between.check();
  return 0;
}
