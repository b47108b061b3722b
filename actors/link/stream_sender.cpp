#include "actors/link/stream_sender.hpp"

#include <algorithm>

namespace starling::link {

namespace {

/// RFC 9438, section 4.6: what a loss leaves of the window.
constexpr size_t shrink_to = 7;
constexpr size_t shrink_of = 10;

/// Parts that always may be in flight: fewer leave nothing that could arrive
/// later than a lost one and prove it lost.
constexpr size_t parts_least = 4;

/// Upper bound of the patience with reordering, quarters of a round trip.
constexpr int patience_max = 8;

/// Least wait for a tail probe: covers the other side's delay of answers.
constexpr auto tail_probe_least = std::chrono::milliseconds{10};

/// Doublings of the timeout that make a difference before its upper bound.
constexpr unsigned doublings_max = 16;

/// RFC 8985, section 6.2.1: that many later arrivals prove a loss.
constexpr size_t later_arrivals = 3;

void keep_earlier(std::optional<stream_sender::time_point>& target,
                  stream_sender::time_point other) {
  if (!target || other < *target)
    target = other;
}

} // namespace

stream_sender::stream_sender(const options& opts)
  : opts_{opts},
    rtt_{opts.rtt},
    right_edge_{opts.first_window},
    window_{opts.parts_initial * opts.part_max},
    threshold_{opts.flight_max} {
  // nop
}

size_t stream_sender::push(std::span<const uint8_t> bytes) {
  const auto taken = bytes.first(std::min(bytes.size(), room()));
  kept_.write(stream_end_, taken);
  stream_end_ += taken.size();
  return taken.size();
}

// -- acknowledgements ---------------------------------------------------------

bool stream_sender::acknowledge(const stream_segment& from, time_point now) {
  if (from.ack > sent_up_to())
    return false;
  for (size_t i = 0; i < from.range_count; ++i)
    if (from.ranges[i].end > next_)
      return false;
  right_edge_ = std::max(right_edge_, from.ack + from.window);
  if (right_edge_ > next_)
    probe_at_.reset();
  const auto news = drop_acked(from.ack, now) + note_ranges(from, now);
  if (news > 0) {
    timeouts_in_a_row_ = 0;
    timeout_at_ = now + timeout();
    tail_probed_ = false;
    grow(news);
  }
  if (flight_.empty())
    timeout_at_.reset();
  arm_tail_probe(now);
  find_losses(now);
  return true;
}

/// Returns how many bytes that is news of.
size_t stream_sender::drop_acked(uint64_t ack, time_point now) {
  auto news = size_t{0};
  while (!flight_.empty() && flight_.front().what.offset < ack) {
    auto& first = flight_.front();
    if (first.after() <= ack) {
      if (!first.arrived) {
        news += first.what.size + (first.what.end ? 1 : 0);
        has_arrived(first, now);
      }
      end_acked_ = end_acked_ || first.what.end;
      --arrived_count_;
      flight_.pop_front();
      continue;
    }
    // The other side's window ended inside this part.
    const auto head
      = std::min(static_cast<size_t>(ack - first.what.offset), first.what.size);
    if (!first.arrived && !first.lost)
      in_flight_ -= head;
    first.what.offset += head;
    first.what.size -= head;
    news += head;
    break;
  }
  acked_ = std::max(acked_, std::min(ack, stream_end_));
  kept_.forget_before(acked_);
  return news;
}

size_t stream_sender::note_ranges(const stream_segment& from, time_point now) {
  auto news = size_t{0};
  for (size_t i = 0; i < from.range_count; ++i) {
    const auto& range = from.ranges[i];
    auto at = std::ranges::lower_bound(
      flight_, range.begin, {},
      [](const sent_part& one) { return one.what.offset; });
    for (; at != flight_.end() && at->what.offset + at->what.size <= range.end;
         ++at) {
      if (at->arrived || at->what.size == 0)
        continue;
      news += at->what.size;
      has_arrived(*at, now);
    }
  }
  return news;
}

void stream_sender::has_arrived(sent_part& which, time_point now) {
  if (which.arrived)
    return;
  which.arrived = true;
  ++arrived_count_;
  if (which.lost) {
    which.lost = false;
    --lost_count_;
  } else {
    in_flight_ -= which.what.size;
  }
  if (which.times == 1 && which.after() < highest_arrived_)
    reorders_ = true;
  highest_arrived_ = std::max(highest_arrived_, which.after());
  // The answer may be to an earlier copy, which says nothing about this one.
  const auto round_trip = now - which.at;
  if (which.times > 1 && round_trip < rtt_.smoothed() / 2) {
    was_not_lost();
    return;
  }
  if (which.at > newest_sent_
      || (which.at == newest_sent_ && which.after() > newest_after_)) {
    newest_sent_ = which.at;
    newest_after_ = which.after();
    newest_round_trip_ = round_trip;
  }
}

// -- losses -------------------------------------------------------------------

void stream_sender::find_losses(time_point now) {
  loss_check_at_.reset();
  const auto sent_before_newest = [this](const sent_part& one) {
    return one.at < newest_sent_
           || (one.at == newest_sent_ && one.after() < newest_after_);
  };
  // The usual case, without a look at each part: all in order.
  if (flight_.empty()
      || (arrived_count_ == 0 && !sent_before_newest(flight_.front())))
    return;
  const auto patient = reorders_ || arrived_count_ < later_arrivals;
  const auto grace = patient ? rtt_.smoothed() * patience_ / 4 : duration{0};
  for (auto& one : flight_) {
    if (one.arrived || one.lost || !sent_before_newest(one))
      continue;
    const auto lost_at = one.at + newest_round_trip_ + grace;
    if (lost_at <= now)
      mark_lost(one);
    else
      keep_earlier(loss_check_at_, lost_at);
  }
}

void stream_sender::mark_lost(sent_part& which) {
  which.lost = true;
  ++lost_count_;
  in_flight_ -= which.what.size;
  if (which.what.offset < recovery_end_)
    return;
  recovery_end_ = next_;
  first_resend_ = true;
  shrink();
}

/// A part was sent again although it was only late: waits longer from now on
/// (RFC 8985, section 6.2.1) and takes back what was done to the window.
void stream_sender::was_not_lost() {
  reorders_ = true;
  patience_ = std::min(patience_ + 1, patience_max);
  window_ = std::max(window_, window_before_);
  threshold_ = std::max(threshold_, threshold_before_);
}

void stream_sender::shrink() {
  window_before_ = window_;
  threshold_before_ = threshold_;
  threshold_
    = std::max(window_ * shrink_to / shrink_of, parts_least * opts_.part_max);
  window_ = threshold_;
}

void stream_sender::grow(size_t bytes) {
  if (acked_ < recovery_end_)
    return;
  if (window_ < threshold_)
    window_ += bytes;
  else
    window_ += std::max<size_t>(opts_.part_max * bytes / window_, 1);
  window_ = std::min(window_, opts_.flight_max);
}

void stream_sender::tick(time_point now) {
  if (loss_check_at_ && *loss_check_at_ <= now)
    find_losses(now);
  if (tail_probe_at_ && *tail_probe_at_ <= now) {
    tail_probe_at_.reset();
    tail_probed_ = true;
    tail_probe_due_ = true;
  }
  if (!timeout_at_ || *timeout_at_ > now)
    return;
  ++timeouts_in_a_row_;
  for (auto& one : flight_)
    if (!one.arrived && !one.lost) {
      one.lost = true;
      ++lost_count_;
    }
  in_flight_ = 0;
  if (timeouts_in_a_row_ == 1)
    threshold_ = std::max(window_ / 2, parts_least * opts_.part_max);
  window_ = opts_.part_max;
  window_before_ = threshold_before_ = 0;
  recovery_end_ = next_;
  timeout_at_ = now + timeout();
}

/// When the last parts of a burst are lost, nothing arrives later and proves
/// it. So after two silent round trips the last part is sent again: its answer
/// tells, long before the timeout and without its harsh consequences.
/// Source: RFC 8985, section 7 (tail loss probe).
void stream_sender::arm_tail_probe(time_point now) {
  tail_probe_at_.reset();
  if (tail_probed_ || flight_.empty() || rtt_.smoothed().count() == 0)
    return;
  const auto wait = 2 * rtt_.smoothed()
                    + std::max<duration>(tail_probe_least, rtt_.smoothed() / 4);
  tail_probe_at_ = now + wait;
}

std::optional<stream_sender::part>
stream_sender::next_tail_probe(time_point now) {
  tail_probe_due_ = false;
  for (auto last = flight_.rbegin(); last != flight_.rend(); ++last)
    if (!last->arrived && !last->lost) {
      ++last->times;
      ++resent_;
      last->at = now;
      return last->what;
    }
  return std::nullopt;
}

void stream_sender::path_changed(time_point now) {
  for (auto& one : flight_)
    if (!one.arrived && !one.lost) {
      one.lost = true;
      ++lost_count_;
    }
  in_flight_ = 0;
  rtt_.reset();
  timeouts_in_a_row_ = 0;
  window_ = std::max(window_, opts_.parts_initial * opts_.part_max);
  threshold_ = opts_.flight_max;
  recovery_end_ = next_;
  reorders_ = false;
  patience_ = 1;
  loss_check_at_.reset();
  tail_probe_at_.reset();
  tail_probed_ = false;
  if (!flight_.empty())
    timeout_at_ = now + timeout();
  if (probe_at_)
    probe_at_ = now;
}

// -- sending ------------------------------------------------------------------

std::optional<stream_sender::part> stream_sender::next(time_point now) {
  if (tail_probe_due_)
    if (auto probe = next_tail_probe(now))
      return probe;
  auto result = lost_count_ > 0 ? next_lost(now) : next_new(now);
  if (!result)
    return result;
  if (!timeout_at_)
    timeout_at_ = now + timeout();
  arm_tail_probe(now);
  return result;
}

std::optional<stream_sender::part> stream_sender::next_lost(time_point now) {
  const auto lost
    = std::ranges::find_if(flight_, [](auto& one) { return one.lost; });
  if (lost == flight_.end() || (!first_resend_ && !fits(lost->what.size)))
    return std::nullopt;
  first_resend_ = false;
  lost->lost = false;
  --lost_count_;
  ++lost->times;
  lost->at = now;
  in_flight_ += lost->what.size;
  ++resent_;
  return lost->what;
}

std::optional<stream_sender::part> stream_sender::next_new(time_point now) {
  const auto unsent = stream_end_ - next_;
  const auto allowed = right_edge_ > next_ ? right_edge_ - next_ : 0;
  const auto size = static_cast<size_t>(
    std::min({unsent, allowed, uint64_t{opts_.part_max}}));
  const auto end = finished_ && !end_sent_ && size == unsent;
  if (size == 0 && !end) {
    if (unsent > 0 && flight_.empty() && !probe_at_)
      probe_at_ = now + timeout();
    return std::nullopt;
  }
  // Small parts because of a small window would stay small for ever.
  const auto cramped = size < opts_.part_max && size < unsent;
  if (!fits(size) || (cramped && !flight_.empty()))
    return std::nullopt;
  const auto result = part{next_, size, end};
  flight_.push_back({result, now});
  in_flight_ += size;
  next_ += size;
  end_sent_ = end_sent_ || end;
  return result;
}

void stream_sender::copy(const part& what, std::vector<uint8_t>& out) const {
  for (auto at = what.offset; at < what.offset + what.size;) {
    const auto left = static_cast<size_t>(what.offset + what.size - at);
    const auto piece = kept_.piece(at, left);
    out.insert(out.end(), piece.begin(), piece.end());
    at += piece.size();
  }
}

bool stream_sender::take_probe(time_point now) {
  if (!probe_at_ || *probe_at_ > now)
    return false;
  timeouts_in_a_row_ = std::min(timeouts_in_a_row_ + 1, doublings_max);
  probe_at_ = now + timeout();
  return true;
}

std::optional<stream_sender::time_point> stream_sender::deadline() const {
  auto result = timeout_at_;
  if (loss_check_at_)
    keep_earlier(result, *loss_check_at_);
  if (tail_probe_at_)
    keep_earlier(result, *tail_probe_at_);
  if (probe_at_)
    keep_earlier(result, *probe_at_);
  return result;
}

bool stream_sender::fits(size_t size) const {
  return in_flight_ == 0 || in_flight_ + size <= window_;
}

stream_sender::duration stream_sender::timeout() const {
  const auto doublings = std::min(timeouts_in_a_row_, doublings_max);
  return std::min(rtt_.timeout() * (int64_t{1} << doublings),
                  opts_.rtt.rto_max);
}

} // namespace starling::link
