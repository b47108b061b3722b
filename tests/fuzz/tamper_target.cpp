#include "tests/fuzz/session_nodes.hpp"

#include <algorithm>
#include <array>

/// Someone on the wire between two honest nodes.
///
/// The input is a script: a step (bit 0: which direction, bits 1 to 3: what is
/// done) and a number of 16 bits. Whatever is done, each side delivers a
/// beginning of what the other one has sent, and without tampering all of it.

using namespace starling::fuzz;
namespace session = starling::session;

namespace {

constexpr size_t steps_max = 64;

struct wire_tapper {
  void note_output() {
    for (size_t i = 0; i < 2; ++i) {
      const auto fresh = ends[i].take();
      pipes[i].insert(pipes[i].end(), fresh.begin(), fresh.end());
    }
  }

  /// Hands on `count` bytes of what side `from` has sent.
  void deliver(size_t from, size_t count) {
    auto& pipe = pipes[from];
    count = std::min(count, pipe.size());
    const auto part = std::vector<uint8_t>(
      pipe.begin(), pipe.begin() + static_cast<ptrdiff_t>(count));
    pipe.erase(pipe.begin(), pipe.begin() + static_cast<ptrdiff_t>(count));
    auto& to = ends[1 - from];
    static_cast<void>(to.channel.receive(part, now, to));
    note_output();
  }

  void send(size_t from, size_t count) {
    auto text = std::vector<uint8_t>(count);
    for (size_t i = 0; i < count; ++i)
      text[i] = static_cast<uint8_t>((sent[from].size() + i) * 31);
    if (ends[from].channel.send(text, now))
      sent[from].insert(sent[from].end(), text.begin(), text.end());
    note_output();
  }

  void step(script& input) {
    const auto what = input.byte();
    const auto from = size_t{what & 1U};
    const auto number = input.number();
    auto& pipe = pipes[from];
    const auto place
      = pipe.begin()
        + static_cast<ptrdiff_t>(pipe.empty() ? 0 : number % pipe.size());
    switch (what >> 1 & 7) {
      case 0:
        return deliver(from, SIZE_MAX);
      case 1:
        return deliver(from, number);
      case 2:
        if (pipe.empty())
          return;
        touched = true;
        *place ^= static_cast<uint8_t>(input.byte() | 1);
        return;
      case 3: {
        touched = true;
        const auto extra = input.bytes(number % 64);
        pipe.insert(place, extra.begin(), extra.end());
        return;
      }
      case 4:
        touched = true;
        pipe.erase(place, pipe.end());
        return;
      case 5:
        touched = true;
        now += std::chrono::milliseconds{number};
        for (auto& end : ends)
          static_cast<void>(end.channel.tick(now));
        return note_output();
      case 6:
        return send(from, number % 4'096);
      default:
        touched = true;
        ends[from].channel.close();
        return note_output();
    }
  }

  void run(script& input) {
    note_output();
    for (size_t i = 0; i < steps_max && !input.at_end(); ++i)
      step(input);
    for (auto i = 0; i < 64 && !(pipes[0].empty() && pipes[1].empty()); ++i) {
      deliver(0, SIZE_MAX);
      deliver(1, SIZE_MAX);
    }
  }

  void check() const {
    for (size_t i = 0; i < 2; ++i) {
      const auto& got = ends[1 - i].payload;
      require(got.size() <= sent[i].size());
      require(std::equal(got.begin(), got.end(), sent[i].begin()));
      if (touched)
        continue;
      require(ends[i].channel.established() && !ends[i].channel.error());
      require(got.size() == sent[i].size());
    }
  }

  std::array<session_end, 2> ends{session_end{session::role::initiator},
                                  session_end{session::role::responder}};
  /// What side i has sent and nobody has delivered yet.
  std::array<std::vector<uint8_t>, 2> pipes;
  std::array<std::vector<uint8_t>, 2> sent;
  session_time now = session_start;
  bool touched = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto input = script{{data, size}};
  auto tapper = wire_tapper{};
  tapper.run(input);
  tapper.check();
  return 0;
}
