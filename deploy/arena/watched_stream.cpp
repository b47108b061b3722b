#include "deploy/arena/watched_stream.hpp"

#include "actors/adversary/lot.hpp"
#include "actors/detector/row_judge.hpp"
#include "actors/zone/zone_book.hpp"

#include <cmath>
#include <utility>

namespace starling::arena {

namespace {

const std::string subject = "agent";

result<std::vector<trust_zone>> zones_of(const arena_options& opts,
                                         const std::vector<double>& levels) {
  auto book
    = zone::zone_book::make({.policy = {}, .row_interval = opts.row_interval});
  if (!book)
    return book.error();
  if (auto done = book->watch(std::span{&subject, 1}); !done)
    return done.error();
  const auto changes = book->judge(subject, 0, levels, true);
  if (!changes)
    return changes.error();
  auto zones = std::vector<trust_zone>(levels.size(), trust_zone::trusted);
  for (const auto& [row, change] : *changes)
    std::fill(zones.begin() + static_cast<std::ptrdiff_t>(row), zones.end(),
              change.to);
  return zones;
}

} // namespace

result<watched_stream> watch(const arena_options& opts, size_t agent,
                             const behaviour& own, const behaviour& model,
                             const adversary::attack* attack) {
  auto judge = detector::row_judge::make(
    opts.detector,
    {.features = own.features, .seed = adversary::lot({opts.seed, agent})}, {});
  if (!judge)
    return judge.error();
  for (size_t i = 0; i < opts.train_rows; ++i)
    judge->learn(own.row(i));
  judge->settle();
  auto out = watched_stream{};
  auto levels = std::vector<double>{};
  auto row = std::vector<double>(own.features);
  for (size_t i = 0; i < opts.rows; ++i) {
    const auto honest = own.row(opts.train_rows + i);
    row.assign(honest.begin(), honest.end());
    if (attack)
      attack->change_row({agent, i, own.spread, model.row(opts.train_rows + i)},
                         row);
    const auto found = judge->judge(row);
    levels.push_back(found.level);
    out.figures.push_back(std::log1p(found.score));
  }
  auto zones = zones_of(opts, levels);
  if (!zones)
    return zones.error();
  out.zones = std::move(*zones);
  return out;
}

} // namespace starling::arena
