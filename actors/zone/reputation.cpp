#include "actors/zone/reputation.hpp"

#include <algorithm>
#include <cmath>

namespace starling::zone {

reputation::reputation(const options& opts, clock::time_point now)
  : opts_{opts},
    valued_at_{now},
    next_good_{now},
    next_silence_{now} {
  // nop
}

void reputation::note(conduct what, clock::time_point now) {
  value_ = value(now);
  valued_at_ = now;
  if (what == conduct::unanswered) {
    if (now < next_silence_ || value_ <= opts_.silence_least)
      return;
    next_silence_ = now + opts_.good_interval;
    value_ = std::max(value_ * (1.0 - opts_.unanswered), opts_.silence_least);
    return;
  }
  if (is_bad(what)) {
    value_ -= weight_of(what) * value_;
    return;
  }
  if (now < next_good_)
    return;
  next_good_ = now + opts_.good_interval;
  value_ += weight_of(what) * (1.0 - value_);
}

double reputation::value(clock::time_point now) const {
  const auto hours
    = std::chrono::duration<double, std::ratio<3600>>{now - valued_at_}.count();
  const auto kept = std::pow(1.0 - opts_.decay_per_hour, std::max(hours, 0.0));
  return neutral + (value_ - neutral) * kept;
}

void reputation::lift(double least, clock::time_point now) {
  value_ = std::max(value(now), least);
  valued_at_ = now;
}

bool reputation::is_bad(conduct what) {
  return what != conduct::answered && what != conduct::sound_news;
}

double reputation::weight_of(conduct what) const {
  switch (what) {
    case conduct::answered:
      return opts_.answered;
    case conduct::sound_news:
      return opts_.sound_news;
    case conduct::unanswered:
      return opts_.unanswered;
    case conduct::refused_news:
      return opts_.refused_news;
    case conduct::forged:
      return opts_.forged;
    case conduct::violation:
      return opts_.violation;
    case conduct::agent_cut_off:
      return opts_.agent_cut_off;
  }
  return 0.0;
}

} // namespace starling::zone
