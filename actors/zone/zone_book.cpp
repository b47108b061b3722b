#include "actors/zone/zone_book.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::zone {

namespace {

/// Data time must fit into 63 bits of nanoseconds: about 290 years.
constexpr auto row_interval_max = std::chrono::hours{24 * 366};

failure unknown(std::string_view subject) {
  return {ec::unknown_name,
          fmt::format("zone keeper: agent '{}' is not judged on this node",
                      subject.substr(0, 64))};
}

} // namespace

result<zone_book> zone_book::make(const options& opts) {
  if (opts.row_interval <= std::chrono::nanoseconds::zero()
      || opts.row_interval > row_interval_max)
    return failure{ec::invalid_option,
                   "zone keeper: row_interval must be above 0, up to a year"};
  auto fresh = zone_policy::make(opts.policy);
  if (!fresh)
    return fresh.error();
  return zone_book{opts, std::move(*fresh)};
}

zone_book::zone_book(const options& opts, zone_policy fresh)
  : opts_{opts},
    fresh_{std::move(fresh)} {
  // nop
}

result<void> zone_book::watch(std::span<const std::string> subjects) {
  if (subjects.size() > opts_.agents_max)
    return failure{ec::limit_reached,
                   fmt::format("zone keeper: {} agents, at most {} "
                               "(agents_max)",
                               subjects.size(), opts_.agents_max)};
  if (std::ranges::any_of(subjects, &std::string::empty))
    return failure{ec::invalid_option, "zone keeper: an agent has no name"};
  auto kept = std::map<std::string, entry, std::less<>>{};
  for (const auto& subject : subjects) {
    auto known = entries_.extract(subject);
    if (known)
      kept.insert(std::move(known));
    else
      kept.try_emplace(subject, entry{fresh_});
  }
  entries_ = std::move(kept);
  return {};
}

result<std::vector<zone_book::dated_change>>
zone_book::judge(std::string_view subject, uint64_t first,
                 std::span<const double> levels, bool last) {
  const auto found = entries_.find(subject);
  if (found == entries_.end())
    return unknown(subject);
  auto& agent = found->second;
  if (first > agent.rows)
    return failure{ec::malformed_input,
                   fmt::format("zone keeper: levels of '{}' from row {} on, "
                               "expected row {}",
                               subject, first, agent.rows)};
  const auto known = [](double x) { return x >= 0.0 && x <= 1.0; };
  if (!std::ranges::all_of(levels, known))
    return failure{
      ec::malformed_input,
      fmt::format("zone keeper: a level of '{}' is outside [0, 1]", subject)};
  auto changes = std::vector<dated_change>{};
  for (auto i = agent.rows - first; i < levels.size(); ++i) {
    const auto row = agent.rows++;
    if (auto change = agent.policy.observe(levels[i], time_of(row))) {
      agent.since = row;
      changes.push_back({row, std::move(*change)});
    }
  }
  agent.ended = agent.ended || last;
  return changes;
}

result<zone_book::dated_change> zone_book::release(std::string_view subject) {
  const auto found = entries_.find(subject);
  if (found == entries_.end())
    return unknown(subject);
  auto& agent = found->second;
  const auto row = agent.rows > 0 ? agent.rows - 1 : 0;
  auto change = agent.policy.release(time_of(row));
  if (!change)
    return failure{ec::wrong_state,
                   fmt::format("zone keeper: '{}' is {}, which needs no "
                               "release",
                               subject, name_of(agent.policy.current()))};
  agent.since = row;
  return dated_change{row, std::move(*change)};
}

const zone_book::entry* zone_book::find(std::string_view subject) const {
  const auto found = entries_.find(subject);
  return found == entries_.end() ? nullptr : &found->second;
}

uint64_t zone_book::horizon() const {
  auto result = no_row;
  for (const auto& [name, agent] : entries_)
    if (!agent.ended)
      result = std::min(result, agent.rows);
  return result;
}

zone_policy::clock::time_point zone_book::time_of(uint64_t row) const {
  const auto rows_max = static_cast<uint64_t>(std::chrono::nanoseconds::max()
                                              / opts_.row_interval);
  return zone_policy::clock::time_point{
    opts_.row_interval * static_cast<int64_t>(std::min(row, rows_max))};
}

} // namespace starling::zone
