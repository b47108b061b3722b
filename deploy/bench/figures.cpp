#include "deploy/bench/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <map>
#include <tuple>

namespace starling::deploy {

namespace {

constexpr std::string_view reference = "raw TCP";

/// What makes two figures of different rounds the same.
auto key_of(const figure& x) {
  return std::tie(x.name, x.who, x.payload);
}

/// The lower one of the two in the middle of an even number.
double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

/// Latencies of nothing in particular compare with the smallest round trip.
const figure* reference_of(const std::vector<figure>& round, const figure& x) {
  auto found = std::find_if(round.begin(), round.end(), [&](const auto& y) {
    return y.who == reference && y.name == x.name && y.payload == x.payload;
  });
  return found != round.end() ? &*found : nullptr;
}

} // namespace

double quantile(std::vector<uint64_t>& samples, double part) {
  assert(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const auto last = static_cast<double>(samples.size() - 1);
  return static_cast<double>(samples[static_cast<size_t>(part * last)]);
}

std::vector<figure> latency_figures(const std::string& what,
                                    const std::string& who, size_t payload,
                                    std::vector<uint64_t> nanoseconds) {
  auto result = std::vector<figure>{};
  for (auto [name, part] : {std::pair{"p50", .5}, {"p99", .99}, {"p999", .999}})
    result.push_back({what + ' ' + name, who, payload, "us",
                      quantile(nanoseconds, part) / 1e3, std::nullopt});
  return result;
}

std::vector<figure> rate_figures(const std::string& what,
                                 const std::string& who, size_t payload,
                                 uint64_t messages, uint64_t nanoseconds) {
  const auto seconds = static_cast<double>(nanoseconds) / 1e9;
  const auto rate = static_cast<double>(messages) / seconds;
  auto result = std::vector<figure>{};
  result.push_back({what, who, payload, "1/s", rate, std::nullopt});
  if (payload > 0)
    result.push_back({what + " bytes", who, payload, "MB/s",
                      rate * static_cast<double>(payload) / 1e6, std::nullopt});
  return result;
}

std::string to_line(const figure& x) {
  return fmt::format("{}\t{}\t{}\t{}\t{:.6g}\n", x.name, x.who, x.payload,
                     x.unit, x.value);
}

std::optional<figure> parse_line(std::string_view line) {
  auto fields = std::vector<std::string_view>{};
  while (!line.empty() && line.back() == '\n')
    line.remove_suffix(1);
  for (auto end = line.find('\t'); end != line.npos; end = line.find('\t')) {
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  fields.push_back(line);
  if (fields.size() != 5)
    return std::nullopt;
  auto result = figure{std::string{fields[0]},
                       std::string{fields[1]},
                       0,
                       std::string{fields[3]},
                       0.0,
                       std::nullopt};
  const auto read = [](std::string_view text, auto& value) {
    auto [rest, error]
      = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && rest == text.data() + text.size();
  };
  if (!read(fields[2], result.payload) || !read(fields[4], result.value))
    return std::nullopt;
  return result;
}

void relate_to_raw_tcp(std::vector<figure>& round) {
  for (auto& x : round)
    if (const auto* raw = reference_of(round, x); raw && raw->value > 0)
      x.to_raw_tcp = x.value / raw->value;
}

std::vector<figure> medians_of(const std::vector<std::vector<figure>>& rounds) {
  auto result = std::vector<figure>{};
  auto values
    = std::vector<std::pair<std::vector<double>, std::vector<double>>>{};
  for (const auto& round : rounds)
    for (const auto& x : round) {
      auto same = [&](const auto& y) { return key_of(x) == key_of(y); };
      auto at
        = std::find_if(result.begin(), result.end(), same) - result.begin();
      const auto index = static_cast<size_t>(at);
      if (index == result.size()) {
        result.push_back(x);
        values.emplace_back();
      }
      values[index].first.push_back(x.value);
      if (x.to_raw_tcp)
        values[index].second.push_back(*x.to_raw_tcp);
    }
  for (auto i = size_t{0}; i < result.size(); ++i) {
    auto& [absolute, relative] = values[i];
    result[i].value = median(std::move(absolute));
    if (!relative.empty())
      result[i].to_raw_tcp = median(std::move(relative));
  }
  return result;
}

} // namespace starling::deploy
