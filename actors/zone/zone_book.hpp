#pragma once

#include "actors/zone/zone_policy.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starling::zone {

/// The agents that one node judges, each with its zone and how far it has been
/// judged.
///
/// Time is the time of the data: row t happens at t times `row_interval`. So
/// zones follow from the levels alone, and an agent that is streamed again
/// after a failure goes through the same zones again.
class zone_book {
public:
  struct options {
    zone_policy::options policy;
    /// Time between two rows of an agent, above zero.
    std::chrono::nanoseconds row_interval = std::chrono::minutes{5};
    /// More agents than this are refused.
    size_t agents_max = 100'000;
  };

  /// No agent has rows to come.
  static constexpr uint64_t no_row = std::numeric_limits<uint64_t>::max();

  /// A change and the row that made it.
  struct dated_change {
    uint64_t row = 0;
    zone_change change;
  };

  struct entry {
    zone_policy policy;
    /// Rows judged.
    uint64_t rows = 0;
    /// The row since which the zone is what it is.
    uint64_t since = 0;
    bool ended = false;
  };

  /// Errors: invalid_option.
  [[nodiscard]] static result<zone_book> make(const options& opts);

  /// Judges these agents and no others from now on; those known already stay as
  /// they are. Errors: limit_reached, invalid_option (an agent without name).
  result<void> watch(std::span<const std::string> subjects);

  /// Takes levels of rows from `first` on. Rows judged before are skipped.
  /// Errors: unknown_name, malformed_input (a gap; a level outside [0, 1]).
  [[nodiscard]] result<std::vector<dated_change>>
  judge(std::string_view subject, uint64_t first,
        std::span<const double> levels, bool last);

  /// An operator's verdict, at the row judged last.
  /// Errors: unknown_name, wrong_state.
  [[nodiscard]] result<dated_change> release(std::string_view subject);

  /// Returns nothing for agents that are not watched.
  [[nodiscard]] const entry* find(std::string_view subject) const;

  /// Returns the least row that some agent has still to be judged at, `no_row`
  /// if all have ended.
  [[nodiscard]] uint64_t horizon() const;

private:
  zone_book(const options& opts, zone_policy fresh);

  [[nodiscard]] zone_policy::clock::time_point time_of(uint64_t row) const;

  options opts_;
  /// The policy of an agent of which nothing is known.
  zone_policy fresh_;
  std::map<std::string, entry, std::less<>> entries_;
};

} // namespace starling::zone
