#include "runtime/clock/hybrid_clock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::clock {

namespace {

constexpr auto micros_max
  = int64_t{(uint64_t{1} << (64 - timestamp::counter_bits)) - 1};

double in_milliseconds(std::chrono::microseconds x) {
  return std::chrono::duration<double, std::milli>{x}.count();
}

} // namespace

timestamp timestamp::from(physical_time time) {
  const auto micros
    = std::clamp(time.time_since_epoch().count(), int64_t{0}, micros_max);
  return {static_cast<uint64_t>(micros) << counter_bits};
}

physical_time timestamp::physical() const {
  return physical_time{
    std::chrono::microseconds{static_cast<int64_t>(bits >> counter_bits)}};
}

uint32_t timestamp::counter() const {
  return static_cast<uint32_t>(bits & ((1u << counter_bits) - 1));
}

timestamp hybrid_clock::now(physical_time physical) {
  last_ = std::max(timestamp{last_.bits + 1}, timestamp::from(physical));
  return last_;
}

result<timestamp> hybrid_clock::now(timestamp remote, physical_time physical) {
  const auto lead = remote.physical() - physical;
  if (lead > opts_.drift_max)
    return failure{
      ec::protocol_violation,
      fmt::format(
        "the remote clock is {:.1f} ms ahead of the local one, {:.1f} "
        "ms are allowed: synchronise both nodes' clocks (NTP)",
        in_milliseconds(lead), in_milliseconds(opts_.drift_max))};
  last_ = std::max(last_, remote);
  return now(physical);
}

void hybrid_clock::resume_after(timestamp last) {
  last_ = std::max(last_, last);
}

std::chrono::microseconds hybrid_clock::ahead(physical_time physical) const {
  return std::max(last_.physical() - physical, std::chrono::microseconds{0});
}

} // namespace starling::clock
