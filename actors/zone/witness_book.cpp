#include "actors/zone/witness_book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace starling::zone {

namespace {

failure full(const char* what, size_t max) {
  return {ec::limit_reached,
          fmt::format("witness book: more than {} {}", max, what)};
}

} // namespace

result<witness_book> witness_book::make(const options& opts) {
  // Written so that NaN fails too.
  if (!(opts.first > 0.0 && opts.first <= 1.0)
      || !(opts.first_words > 0.0 && opts.first_words <= 1e6))
    return failure{ec::invalid_option,
                   "witness book: 'first' must be above 0, up to 1, and "
                   "'first_words' above 0"};
  if (!(opts.lie_weight >= 1.0 && opts.half_life > 0.0))
    return failure{ec::invalid_option,
                   "witness book: 'lie_weight' must be 1 or more, and "
                   "'half_life' above 0"};
  if (!(opts.heard_from >= 0.0 && opts.heard_from < 1.0))
    return failure{ec::invalid_option,
                   "witness book: 'heard_from' must be 0 or more, below 1"};
  return witness_book{opts};
}

witness_book::witness_book(const options& opts) : opts_{opts} {
  // nop
}

result<void> witness_book::see(uint64_t subject, trust_zone zone) {
  if (seen_.size() >= opts_.subjects_max && !seen_.contains(subject))
    return full("agents", opts_.subjects_max);
  seen_.insert_or_assign(subject, zone);
  return {};
}

result<void> witness_book::hear(uint64_t witness, uint64_t subject,
                                std::optional<trust_zone> zone) {
  if (!witnesses_.contains(witness)) {
    if (witnesses_.size() >= opts_.witnesses_max)
      return full("witnesses", opts_.witnesses_max);
    witnesses_.emplace(witness, record{});
  }
  if (words_.size() >= opts_.subjects_max && !words_.contains(subject))
    return full("agents", opts_.subjects_max);
  auto& words = words_[subject];
  std::erase_if(words, [=](const word& x) { return x.witness == witness; });
  if (zone)
    words.push_back({witness, *zone});
  return {};
}

void witness_book::check() {
  const auto kept = std::exp2(-1.0 / opts_.half_life);
  for (const auto& [subject, zone] : seen_) {
    const auto found = words_.find(subject);
    if (found == words_.end())
      continue;
    for (const auto& said : found->second) {
      auto& about = witnesses_.at(said.witness);
      about.truths *= kept;
      about.lies *= kept;
      // Shades are opinion; being cut off or not is a fact.
      (is_cut_off(said.zone) == is_cut_off(zone) ? about.truths : about.lies)
        += 1.0;
    }
  }
}

trust_zone witness_book::verdict(uint64_t subject) const {
  if (auto own = seen_.find(subject); own != seen_.end())
    return own->second;
  const auto found = words_.find(subject);
  if (found == words_.end())
    return trust_zone::trusted;
  auto weights = std::array<double, 4>{};
  auto total = 0.0;
  for (const auto& said : found->second) {
    if (!is_heard(said.witness))
      continue;
    const auto believed = credibility(said.witness);
    const auto weight = believed * believed * believed;
    weights[static_cast<size_t>(said.zone)] += weight;
    total += weight;
  }
  // In doubt the better zone.
  auto passed = 0.0;
  for (size_t i = 0; i < weights.size(); ++i) {
    passed += weights[i];
    if (passed >= total / 2.0)
      return static_cast<trust_zone>(i);
  }
  return trust_zone::trusted;
}

double witness_book::credibility(uint64_t witness) const {
  auto known = record{};
  if (auto found = witnesses_.find(witness); found != witnesses_.end())
    known = found->second;
  const auto truths = opts_.first * opts_.first_words + known.truths;
  return truths
         / (opts_.first_words + known.truths + opts_.lie_weight * known.lies);
}

} // namespace starling::zone
