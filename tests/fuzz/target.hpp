#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <span>
#include <string_view>
#include <vector>

/// What libFuzzer and `replay_main.cpp` call with each input; one definition a
/// target. Returns 0, or does not return: a fault ends the process.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace starling::fuzz {

/// Ends the process unless `holds`. Not `assert`, which release builds drop.
inline void require(bool holds, std::source_location where
                                = std::source_location::current()) {
  if (holds)
    return;
  std::fprintf(stderr, "%s:%u: a property does not hold\n", where.file_name(),
               static_cast<unsigned>(where.line()));
  std::abort();
}

inline std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What any decoder owes us: it refuses with a reason, or takes the input and
/// understands what our encoder makes of it in the same way.
template <class Decode, class Encode>
void check_stable(const Decode& decode, const Encode& encode,
                  std::span<const uint8_t> input) {
  const auto first = decode(input);
  if (!first) {
    require(!first.error().text.empty());
    return;
  }
  const auto bytes = encode(*first);
  const auto second = decode(bytes);
  require(static_cast<bool>(second));
  require(encode(*second) == bytes);
}

/// Reads a script of steps from an input; at its end everything is 0.
class script {
public:
  explicit script(std::span<const uint8_t> input) : rest_{input} {
    // nop
  }

  [[nodiscard]] bool at_end() const {
    return rest_.empty();
  }

  uint8_t byte() {
    const auto part = bytes(1);
    return part.empty() ? uint8_t{0} : part.front();
  }

  /// 16 bits, little-endian.
  size_t number() {
    const auto low = size_t{byte()};
    return low | size_t{byte()} << 8;
  }

  /// At most `count` bytes, fewer at the end.
  std::span<const uint8_t> bytes(size_t count) {
    const auto part = rest_.first(count < rest_.size() ? count : rest_.size());
    rest_ = rest_.subspan(part.size());
    return part;
  }

private:
  std::span<const uint8_t> rest_;
};

} // namespace starling::fuzz
