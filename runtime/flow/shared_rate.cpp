#include "runtime/flow/shared_rate.hpp"

#include <algorithm>

namespace starling::flow {

namespace {

/// What `rate` bytes a second make in that time.
uint64_t share_of(uint64_t rate, std::chrono::milliseconds time) {
  return std::min(rate, token_bucket::rate_max) / 1'000
         * static_cast<uint64_t>(time.count());
}

} // namespace

shared_rate::shared_rate(const options& opts, clock::time_point now)
  : turn_{opts.rate == 0 ? opts.turn_max
                         : std::clamp(share_of(opts.rate, opts.turn_time),
                                      opts.turn_min, opts.turn_max)},
    burst_{opts.rate == 0
             ? token_bucket::rate_max
             : std::max(turn_, share_of(opts.rate, opts.burst_time))},
    bucket_{{opts.rate, burst_}, now} {
  // nop
}

} // namespace starling::flow
