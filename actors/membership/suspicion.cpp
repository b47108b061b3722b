#include "actors/membership/suspicion.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::membership {

suspicion::suspicion(const options& opts, const peer_id& accuser,
                     clock::time_point now)
  : opts_{opts},
    since_{now},
    accusers_{accuser} {
  assert(opts.shortest <= opts.longest);
}

bool suspicion::confirm(const peer_id& accuser) {
  if (confirmations() >= opts_.confirmations_max
      || std::ranges::find(accusers_, accuser) != accusers_.end())
    return false;
  accusers_.push_back(accuser);
  return true;
}

suspicion::clock::time_point suspicion::deadline() const {
  if (opts_.confirmations_max == 0)
    return since_ + opts_.shortest;
  const auto share = std::log1p(static_cast<double>(confirmations()))
                     / std::log1p(static_cast<double>(opts_.confirmations_max));
  const auto range
    = static_cast<double>((opts_.longest - opts_.shortest).count());
  const auto less = std::chrono::nanoseconds{std::llround(share * range)};
  return since_ + std::max(opts_.shortest, opts_.longest - less);
}

} // namespace starling::membership
