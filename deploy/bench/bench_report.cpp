#include "deploy/bench/bench_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace starling::deploy {

namespace {

/// Four significant digits, or all before the point.
std::string number(double x) {
  if (std::abs(x) >= 1000)
    return fmt::format("{:.0f}", x);
  return fmt::format("{:.4g}", x);
}

} // namespace

std::string to_table(const bench_conditions& how,
                     const std::vector<figure>& figures) {
  auto result = fmt::format(
    "processor {}, {} thread{} for actors a node, medians of {} round{}{}\n"
    "{:<42} {:>9}  {:<10} {:>11} {:<5} {:>9}\n",
    how.processor, how.threads, how.threads == 1 ? "" : "s", how.rounds,
    how.rounds == 1 ? "" : "s", how.quick ? ", quick: for a first look" : "",
    "what", "payload", "who", "value", "", "x raw TCP");
  for (const auto& x : figures)
    result
      += fmt::format("{:<42} {:>9}  {:<10} {:>11} {:<5} {:>9}\n", x.name,
                     x.payload > 0 ? fmt::format("{} B", x.payload) : "", x.who,
                     number(x.value), x.unit,
                     x.to_raw_tcp ? fmt::format("{:.3g}", *x.to_raw_tcp) : "");
  return result;
}

std::string to_json(const bench_conditions& how,
                    const std::vector<figure>& figures) {
  auto list = nlohmann::json::array();
  for (const auto& x : figures) {
    auto entry = nlohmann::json{
      {"name", x.name}, {"who", x.who}, {"unit", x.unit}, {"value", x.value}};
    if (x.payload > 0)
      entry["payload"] = x.payload;
    if (x.to_raw_tcp)
      entry["to_raw_tcp"] = *x.to_raw_tcp;
    list.push_back(std::move(entry));
  }
  const auto whole = nlohmann::json{{"quick", how.quick},
                                    {"processor", how.processor},
                                    {"rounds", how.rounds},
                                    {"threads", how.threads},
                                    {"figures", std::move(list)}};
  return whole.dump(2) + '\n';
}

} // namespace starling::deploy
