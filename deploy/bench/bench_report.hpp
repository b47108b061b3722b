#pragma once

#include "deploy/bench/figures.hpp"

#include <string>
#include <vector>

namespace starling::deploy {

/// How the figures came about.
struct bench_conditions {
  bool quick = false;
  /// The processor that everything ran on, or "any".
  std::string processor;
  size_t rounds = 0;
  size_t threads = 0;
};

/// Returns a table for people, with the line's end.
[[nodiscard]] std::string to_table(const bench_conditions& how,
                                   const std::vector<figure>& figures);

/// Returns one JSON object, with the line's end.
[[nodiscard]] std::string to_json(const bench_conditions& how,
                                  const std::vector<figure>& figures);

} // namespace starling::deploy
