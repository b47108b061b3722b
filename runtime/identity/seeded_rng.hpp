#pragma once

#include <botan/rng.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace Botan {

class StreamCipher;

} // namespace Botan

namespace starling::identity {

/// A generator that gives the same bytes for the same seed: the ChaCha20 key
/// stream (RFC 8439) under the SHA-256 of the seed, on every machine.
///
/// For tests and simulation only. A 64-bit seed can be searched by anyone, so
/// keys made with this generator protect nothing. Production code takes
/// `Botan::AutoSeeded_RNG` or `Botan::System_RNG`.
///
/// Input (entropy, time stamps) is ignored, else runs would differ.
class seeded_rng final : public Botan::RandomNumberGenerator {
public:
  explicit seeded_rng(uint64_t seed);
  ~seeded_rng() override;

  std::string name() const override;
  bool accepts_input() const override;
  bool is_seeded() const override;

  /// Starts again from the seed.
  void clear() override;

private:
  void fill_bytes_with_input(std::span<uint8_t> output,
                             std::span<const uint8_t> input) override;

  uint64_t seed_;
  std::unique_ptr<Botan::StreamCipher> stream_;
};

} // namespace starling::identity
