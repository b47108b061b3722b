#include "runtime/wire/frame.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <optional>

using namespace starling;
using namespace starling::fuzz;

namespace {

struct outcome {
  std::vector<uint8_t> frames;
  std::optional<ec> error;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// Feeds the input `cut` bytes at a time and writes down what comes out.
outcome read(std::span<const uint8_t> input, size_t cut) {
  constexpr auto limits = wire::frame_limits{4'096, 1};
  auto reader = wire::frame_reader{limits};
  auto seen = outcome{};
  const auto note = [&](const wire::frame_view& x) {
    require(x.payload.size() <= limits.frame_max);
    if (x.kind == wire::frame_kind::credit)
      require(wire::credit_of(x) != 0);
    wire::append_frame(seen.frames, x.channel, x.kind, x.flags, x.payload);
  };
  while (!input.empty()) {
    const auto part = input.first(std::min(cut, input.size()));
    input = input.subspan(part.size());
    if (auto fed = reader.feed(part, note); !fed) {
      seen.error = fed.error().code;
      // Nothing comes out after an error.
      const auto count = seen.frames.size();
      require(!reader.feed(input, note));
      require(seen.frames.size() == count);
      return seen;
    }
    require(reader.waiting() <= wire::frame_header_size + limits.frame_max);
  }
  return seen;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto input = std::span{data, size};
  const auto whole = read(input, SIZE_MAX);
  require(whole.frames.size() <= size);
  require(std::ranges::equal(whole.frames, input.first(whole.frames.size())));
  for (const auto cut : {size_t{1}, size_t{7}, size_t{64}})
    require(read(input, cut) == whole);
  return 0;
}
