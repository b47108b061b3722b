#include "actors/detector/burst_groups.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace starling::detector {

namespace {

/// A group has more rows than this: two meet by chance.
constexpr double rows_alone = 2.0;

double dot(std::span<const float> a, std::span<const float> b) {
  return static_cast<double>(
    std::inner_product(a.begin(), a.end(), b.begin(), 0.0F));
}

} // namespace

double trust_at(double share, double usual) {
  const auto excess = share / usual;
  return excess > 1.0 ? std::pow(excess, -4.0) : 1.0;
}

burst_groups::burst_groups(const options& opts) : opts_{opts} {
  assert(opts.features > 0);
}

void burst_groups::clear() {
  groups_.clear();
  lonely_ = {};
}

void burst_groups::show(std::span<const float> row) {
  assert(row.size() == opts_.features);
  const auto place = find(row);
  if (place == groups_.size()) {
    if (place >= opts_.groups_max)
      return;
    groups_.emplace_back().centre.resize(row.size());
  }
  auto& centre = groups_[place].centre;
  const auto factor = static_cast<float>(1.0 / std::sqrt(dot(row, row)));
  for (size_t i = 0; i < row.size(); ++i)
    centre[i] += factor * row[i];
}

void burst_groups::count(std::span<const float> row, bool is_wild) {
  const auto place = find(row);
  auto& target = place < groups_.size() ? groups_[place] : lonely_;
  target.rows += 1.0;
  target.wild_rows += is_wild ? 1.0 : 0.0;
}

void burst_groups::judge(size_t rows) {
  const auto all = static_cast<double>(rows);
  dissolve_small();
  auto rest = lonely_.tame();
  for (const auto& each : groups_)
    rest += each.tame();
  const auto trust = trust_at(rest, opts_.bursts_max * all);
  lonely_.trust = trust_at(lonely_.tame(), opts_.lonely_max * all);
  for (auto& each : groups_) {
    each.trust = trust_at(each.rows, opts_.bursts_max * all);
    if (each.wild_rows > opts_.wild_max * each.rows)
      each.trust = 0.0;
    if (each.trust < 1.0)
      rest -= each.tame();
  }
  if (trust < 1.0)
    doubt_largest(rest - opts_.rest_max * all, trust);
}

void burst_groups::dissolve_small() {
  std::erase_if(groups_, [this](const group& x) {
    if (x.rows > rows_alone)
      return false;
    lonely_.rows += x.rows;
    lonely_.wild_rows += x.wild_rows;
    return true;
  });
}

void burst_groups::doubt_largest(double excess, double trust) {
  auto order = std::vector<group*>{&lonely_};
  for (auto& each : groups_)
    if (each.trust == 1.0)
      order.push_back(&each);
  // What is wild of lonely rows is not believed anyhow.
  std::ranges::stable_sort(order, std::greater{}, [this](const group* x) {
    return x == &lonely_ ? x->tame() : x->rows;
  });
  for (auto* each : order) {
    if (excess <= 0.0)
      return;
    each->trust = std::min(each->trust, trust);
    excess -= each->tame();
  }
}

double burst_groups::trust(std::span<const float> row) const {
  const auto place = find(row);
  return place < groups_.size() ? groups_[place].trust : lonely_.trust;
}

size_t burst_groups::state_bytes() const {
  return sizeof(*this) + groups_.capacity() * sizeof(group)
         + groups_.size() * opts_.features * sizeof(float);
}

size_t burst_groups::find(std::span<const float> row) const {
  auto best = groups_.size();
  auto most = opts_.likeness;
  const auto length = std::sqrt(dot(row, row));
  for (size_t i = 0; i < groups_.size(); ++i) {
    const auto& centre = groups_[i].centre;
    const auto likeness
      = dot(row, centre) / (length * std::sqrt(dot(centre, centre)));
    if (likeness > most) {
      most = likeness;
      best = i;
    }
  }
  return best;
}

} // namespace starling::detector
