#include "deploy/consensus/consensus_figures.hpp"

#include "deploy/bench/figures.hpp"

#include <algorithm>
#include <sstream>

namespace starling::deploy {

namespace {

/// What clients and members of etcd say to each other.
double etcd_bytes(const std::map<std::string, double>& metrics) {
  auto sum = 0.0;
  for (const auto* name : {"etcd_network_peer_sent_bytes_total",
                           "etcd_network_client_grpc_sent_bytes_total",
                           "etcd_network_client_grpc_received_bytes_total"})
    if (const auto found = metrics.find(name); found != metrics.end())
      sum += found->second;
  return sum;
}

} // namespace

result<bool> phase_record::take(const std::string& line) {
  auto in = std::istringstream{line};
  auto what = std::string{};
  auto mode = std::string{};
  auto one = verdict{};
  auto at = uint64_t{0};
  in >> what;
  if (what == "done")
    return false;
  if (what == "failed")
    return failure{ec::wrong_state, line};
  if (what == "began") {
    in >> at;
  } else if (what == "verdict") {
    in >> one.subject >> one.row >> one.alarm;
    verdicts.push_back(one);
  } else if (what == "commit") {
    in >> one.subject >> at;
    commits[one.subject] = at;
  } else if (what == "cut") {
    in >> mode >> one.subject >> at;
    cuts[mode][one.subject].push_back(at);
  } else if (what == "refused") {
    in >> mode;
    in >> refused[mode].first >> refused[mode].second;
  } else if (what == "heard") {
    in >> mode >> at;
    heard[mode] += at;
  } else if (what == "sent") {
    in >> session_bytes;
  } else {
    in.setstate(std::ios::failbit);
  }
  if (!in)
    return failure{ec::malformed_input, "not understood: " + line};
  return true;
}

delay_figures delays_of(std::vector<uint64_t> nanoseconds) {
  if (nanoseconds.empty())
    return {};
  auto result = delay_figures{};
  result.samples = nanoseconds.size();
  result.p50 = quantile(nanoseconds, 0.5) / 1e6;
  result.p99 = quantile(nanoseconds, 0.99) / 1e6;
  result.most = quantile(nanoseconds, 1.0) / 1e6;
  return result;
}

mode_figures figures_of(const phase_record& record, const std::string& mode,
                        size_t nodes) {
  auto result = mode_figures{};
  result.phase = record.name;
  result.mode = mode;
  auto each = std::vector<uint64_t>{};
  auto last = std::vector<uint64_t>{};
  auto rows = std::vector<uint64_t>{};
  auto commits = std::vector<uint64_t>{};
  auto ends = std::vector<uint64_t>{};
  const auto known = record.cuts.find(mode);
  for (const auto& verdict : record.verdicts) {
    if (verdict.alarm == 0) {
      ++result.missed;
      continue;
    }
    ++result.alarms;
    const auto broken = record.broken > 0 && verdict.alarm >= record.broken
                        && verdict.alarm < record.mended;
    result.alarms_broken += broken ? 1 : 0;
    if (const auto found = record.commits.find(verdict.subject);
        mode == "consensus" && found != record.commits.end())
      commits.push_back(found->second - verdict.alarm);
    if (known == record.cuts.end() || !known->second.contains(verdict.subject))
      continue;
    const auto& times = known->second.at(verdict.subject);
    for (auto at : times) {
      each.push_back(at - verdict.alarm);
      result.cuts_broken += broken && at < record.mended ? 1 : 0;
    }
    if (times.size() < nodes)
      continue;
    ++result.contained;
    const auto end = *std::ranges::max_element(times);
    last.push_back(end - verdict.alarm);
    rows.push_back(end - verdict.row);
    ends.push_back(end);
    result.contained_broken += broken && end < record.mended ? 1 : 0;
  }
  std::ranges::sort(ends);
  for (size_t i = 1; i < ends.size(); ++i)
    result.gap_ms = std::max(result.gap_ms,
                             static_cast<double>(ends[i] - ends[i - 1]) / 1e6);
  result.each_node = delays_of(std::move(each));
  result.last_node = delays_of(std::move(last));
  result.from_row = delays_of(std::move(rows));
  result.commit = delays_of(std::move(commits));
  if (const auto found = record.refused.find(mode);
      found != record.refused.end()) {
    result.refused = found->second.first;
    result.work_sent = found->second.second;
  }
  const auto count = [&](const char* name) {
    const auto found = record.etcd.find(name);
    return found != record.etcd.end() ? static_cast<uint64_t>(found->second)
                                      : 0;
  };
  if (const auto found = record.heard.find(mode); found != record.heard.end())
    result.messages = found->second;
  if (mode == "consensus") {
    result.messages = count("grpc_server_msg_received_total")
                      + count("grpc_server_msg_sent_total");
    result.bytes = etcd_bytes(record.etcd);
  } else {
    result.bytes = static_cast<double>(record.session_bytes);
  }
  return result;
}

} // namespace starling::deploy
