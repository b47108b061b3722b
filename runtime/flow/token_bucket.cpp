#include "runtime/flow/token_bucket.hpp"

#include <algorithm>

namespace starling::flow {

namespace {

constexpr uint64_t nanoseconds_a_second = 1'000'000'000;

/// Thirty years: longer waits mean the same.
constexpr uint64_t seconds_max = 1'000'000'000;

} // namespace

token_bucket::token_bucket(const options& opts, clock::time_point now)
  : rate_{std::min(opts.rate, rate_max)},
    paid_until_{now} {
  if (rate_ == 0)
    return;
  burst_time_ = std::max(pay_for(std::max(opts.burst, uint64_t{1})),
                         std::chrono::nanoseconds{1});
  remainder_ = 0;
  paid_until_ = now - burst_time_;
}

bool token_bucket::take(uint64_t units, clock::time_point now) {
  if (rate_ == 0)
    return true;
  if (paid_until_ >= now)
    return false;
  paid_until_ = std::max(paid_until_, now - burst_time_) + pay_for(units);
  return true;
}

token_bucket::clock::time_point token_bucket::reserve(uint64_t units,
                                                      clock::time_point now) {
  if (rate_ == 0)
    return now;
  const auto when = open_at(now);
  paid_until_ = std::max(paid_until_, now - burst_time_) + pay_for(units);
  return when;
}

token_bucket::clock::time_point
token_bucket::open_at(clock::time_point now) const {
  if (rate_ == 0)
    return now;
  return std::max(now, paid_until_ + std::chrono::nanoseconds{1});
}

std::chrono::nanoseconds token_bucket::pay_for(uint64_t units) {
  // (rate - 1) 10^9 + rate fits into 64 bits up to `rate_max`.
  const auto part = units % rate_ * nanoseconds_a_second + remainder_;
  const auto whole
    = std::min(units / rate_, seconds_max) * nanoseconds_a_second;
  remainder_ = part % rate_;
  return std::chrono::nanoseconds{
    static_cast<std::chrono::nanoseconds::rep>(whole + part / rate_)};
}

} // namespace starling::flow
