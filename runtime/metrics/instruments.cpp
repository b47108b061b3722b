#include "runtime/metrics/instruments.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::metrics {

namespace {

/// Numbers are read for display only, no other memory hangs on their order.
constexpr auto relaxed = std::memory_order_relaxed;

} // namespace

void counter::add(double amount) {
  if (amount > 0.0)
    content_->value.fetch_add(amount, relaxed);
}

double counter::value() const {
  return content_->value.load(relaxed);
}

void gauge::set(double value) {
  content_->value.store(value, relaxed);
}

void gauge::add(double amount) {
  content_->value.fetch_add(amount, relaxed);
}

double gauge::value() const {
  return content_->value.load(relaxed);
}

void histogram::observe(double value) {
  if (std::isnan(value))
    return;
  const auto& bounds = content_->bounds;
  const auto bucket = std::ranges::lower_bound(bounds, value) - bounds.begin();
  content_->counts[static_cast<size_t>(bucket)].fetch_add(1, relaxed);
  content_->value.fetch_add(value, relaxed);
}

uint64_t histogram::count() const {
  auto result = uint64_t{0};
  for (const auto& bucket : content_->counts)
    result += bucket.load(relaxed);
  return result;
}

double histogram::sum() const {
  return content_->value.load(relaxed);
}

std::vector<double> exponential_bounds(double start, double factor,
                                       size_t count) {
  assert(start > 0.0);
  assert(factor > 1.0);
  auto result = std::vector<double>{};
  result.reserve(count);
  for (auto bound = start; result.size() < count; bound *= factor)
    result.push_back(bound);
  return result;
}

} // namespace starling::metrics
