// What the program finds when it loads neighbours.so.

#include "actors/detector/scorer_detector.hpp"
#include "neighbour_scorer.hpp"
#include "runtime/plugin/plugin_abi.hpp"

#include <memory>
#include <string>

namespace neighbours {

namespace {

using starling::failure;
using starling::detector::scorer;

/// Reads a whole number from 1 to `rows_max`, if it is there.
starling::result<void> read(const caf::settings& input, const std::string& key,
                            size_t& target) {
  const auto found = input.find(key);
  if (found == input.end())
    return {};
  const auto value = caf::get_as<int64_t>(found->second);
  if (!value || *value < 1
      || *value > static_cast<int64_t>(neighbour_scorer::rows_max))
    return failure{starling::ec::invalid_option,
                   "neighbours: " + key + " has to be a whole number from 1 to "
                     + std::to_string(neighbour_scorer::rows_max)};
  target = static_cast<size_t>(*value);
  return {};
}

starling::result<std::unique_ptr<scorer>> make(const scorer::options& opts,
                                               const caf::settings& input) {
  auto own = neighbour_scorer::settings{};
  if (auto done = read(input, "neighbour", own.neighbour); !done)
    return done.error();
  if (auto done = read(input, "rows", own.rows); !done)
    return done.error();
  return std::unique_ptr<scorer>{std::make_unique<neighbour_scorer>(opts, own)};
}

caf::error add(starling::actor_catalog& catalog) {
  return starling::detector::add_detector(
    catalog, {.name = "neighbours",
              .description = "scores rows by their distance from rows kept",
              .options = {"neighbour", "rows"},
              .make = make});
}

} // namespace

} // namespace neighbours

STARLING_PLUGIN("neighbours", "1.0.0", neighbours::add)
