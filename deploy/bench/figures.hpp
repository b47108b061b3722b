#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::deploy {

/// One measured number.
struct figure {
  /// What was measured, e.g. "round-trip p50".
  std::string name;
  /// Who was measured: "starling", "plain CAF", "raw TCP".
  std::string who;
  /// Bytes of payload a message; 0 where there is none.
  size_t payload = 0;
  /// "us", "1/s", "MB/s" (10^6 bytes).
  std::string unit;
  double value = 0;
  /// `value` over that of raw TCP in the same round, where it has one.
  std::optional<double> to_raw_tcp;
};

/// Returns the value that the share `part` of the samples do not exceed.
/// Sorts. @pre `samples` is not empty, `part` is in [0, 1]
[[nodiscard]] double quantile(std::vector<uint64_t>& samples, double part);

/// Returns the three quantiles of a latency, in microseconds.
/// @pre `nanoseconds` is not empty
[[nodiscard]] std::vector<figure>
latency_figures(const std::string& what, const std::string& who, size_t payload,
                std::vector<uint64_t> nanoseconds);

/// Returns messages and bytes per second.
[[nodiscard]] std::vector<figure>
rate_figures(const std::string& what, const std::string& who, size_t payload,
             uint64_t messages, uint64_t nanoseconds);

/// A figure as a line of text and back, to carry it between processes.
[[nodiscard]] std::string to_line(const figure& x);
[[nodiscard]] std::optional<figure> parse_line(std::string_view line);

/// Sets the ratios to raw TCP within one round.
void relate_to_raw_tcp(std::vector<figure>& round);

/// Returns each figure with the medians of its values and ratios over all
/// rounds, in the order of their first appearance.
[[nodiscard]] std::vector<figure>
medians_of(const std::vector<std::vector<figure>>& rounds);

} // namespace starling::deploy
