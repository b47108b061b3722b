#pragma once

#include "messages/trust_zone.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace starling::agent {

/// Which agent was in which zone at which row, as far as one listener was told.
///
/// Why a history and not the present zone: agents work at their own pace, and
/// what holds for a row is the zone at that row. So the same rows give the same
/// decisions, whoever is ahead.
class zone_timeline {
public:
  /// At most `changes_max` changes are kept of each agent; beyond that the
  /// oldest is forgotten.
  explicit zone_timeline(size_t changes_max = 10'000);

  /// Notes that the zone holds from that row on; a row noted before keeps the
  /// zone that was noted last.
  void note(std::string_view subject, uint64_t row, trust_zone zone);

  /// Returns TRUSTED for agents that nothing was said about.
  [[nodiscard]] trust_zone zone_at(std::string_view subject,
                                   uint64_t row) const;

  /// Returns the zone after all changes.
  [[nodiscard]] trust_zone latest(std::string_view subject) const;

  /// Returns the first row after `row` at which the zone of that agent changes;
  /// the greatest number if there is none.
  [[nodiscard]] uint64_t next_change(std::string_view subject,
                                     uint64_t row) const;

private:
  size_t changes_max_;
  std::map<std::string, std::map<uint64_t, trust_zone>, std::less<>> zones_;
};

} // namespace starling::agent
