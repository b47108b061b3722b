#pragma once

#include "actors/experiment/run_table.hpp"

#include <string>
#include <utility>
#include <vector>

namespace starling::experiment::test {

/// A method whose measures all are those values, one an entity; smoothed ones
/// are half of them.
inline measured_method make_method(std::string name, bool is_detector,
                                   const std::vector<double>& values) {
  auto out = measured_method{std::move(name), is_detector, {}, {}, 2.5};
  for (auto x : values) {
    out.raw.push_back({x, x, x, x, x});
    out.smooth.push_back({x / 2, x / 2, x / 2, x / 2, x / 2});
  }
  return out;
}

inline measured_run make_run(std::string id, std::vector<std::string> cell,
                             size_t repeat,
                             std::vector<measured_method> methods) {
  auto out = measured_run{};
  out.id = std::move(id);
  out.cell = std::move(cell);
  out.repeat = repeat;
  out.seed = 1 + repeat;
  for (size_t i = 0; i < methods.front().raw.size(); ++i)
    out.entities.push_back("e-" + std::to_string(i));
  out.methods = std::move(methods);
  return out;
}

/// Two shares of poison, two repeats, a detector and a baseline, two entities.
inline run_table make_run_table() {
  auto out = run_table{"made", {"poison.share"}, {}};
  for (auto [share, value] : {std::pair{"0", 0.8}, std::pair{"0.2", 0.4}})
    for (size_t repeat = 0; repeat < 2; ++repeat) {
      const auto shift = repeat == 0 ? 0.0 : 0.1;
      out.runs.push_back(make_run(
        std::string{"run-"} + share + (repeat == 0 ? "a" : "b"), {share},
        repeat,
        {make_method("flock", true, {value + shift, value + shift - 0.2}),
         make_method("pca, \"old\"", false, {0.3, 0.5})}));
    }
  return out;
}

} // namespace starling::experiment::test
