#include "runtime/metrics/registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace starling::metrics {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name(std::string_view name) {
  const auto fits
    = [](char c) { return is_letter(c) || is_digit(c) || c == ':'; };
  return !name.empty() && !is_digit(name[0]) && std::ranges::all_of(name, fits);
}

bool is_label_name(std::string_view name) {
  return is_name(name) && name.find(':') == std::string_view::npos
         && !name.starts_with("__");
}

/// HELP texts escape backslash and line feed, label values also the quote.
std::string escaped(std::string_view text, bool quote_too) {
  auto result = std::string{};
  result.reserve(text.size());
  for (auto c : text) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '\\' || (c == '"' && quote_too))
      result += '\\';
    result += c;
  }
  return result;
}

std::string label_text(const labels& where) {
  auto result = std::string{};
  for (const auto& [name, value] : where)
    fmt::format_to(std::back_inserter(result), "{}{}=\"{}\"",
                   result.empty() ? "" : ",", name, escaped(value, true));
  return result;
}

std::string number_text(double x) {
  if (std::isnan(x))
    return "NaN";
  if (std::isinf(x))
    return x > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", x);
}

std::string_view name_of(kind type) {
  switch (type) {
    case kind::counter:
      return "counter";
    case kind::gauge:
      return "gauge";
    case kind::histogram:
      return "histogram";
  }
  return "untyped";
}

void append_line(std::string& out, std::string_view name,
                 std::string_view where, std::string_view number) {
  fmt::format_to(std::back_inserter(out), "{}{}{}{} {}\n", name,
                 where.empty() ? "" : "{", where, where.empty() ? "" : "}",
                 number);
}

void append_histogram(std::string& out, std::string_view name,
                      const std::string& where, const cell& content) {
  const auto comma = where.empty() ? "" : ",";
  auto seen = uint64_t{0};
  for (size_t i = 0; i < content.counts.size(); ++i) {
    seen += content.counts[i].load(std::memory_order_relaxed);
    const auto bound = i < content.bounds.size()
                         ? number_text(content.bounds[i])
                         : std::string{"+Inf"};
    append_line(out, fmt::format("{}_bucket", name),
                fmt::format("{}{}le=\"{}\"", where, comma, bound),
                fmt::to_string(seen));
  }
  append_line(out, fmt::format("{}_sum", name), where,
              number_text(content.value.load(std::memory_order_relaxed)));
  // Not a second reading of the buckets: +Inf and _count have to agree.
  append_line(out, fmt::format("{}_count", name), where, fmt::to_string(seen));
}

} // namespace

result<counter> registry::add_counter(std::string_view name,
                                      std::string_view help,
                                      const labels& where) {
  auto content = add(kind::counter, name, help, where, {});
  if (!content)
    return content.error();
  return counter{*content};
}

result<gauge> registry::add_gauge(std::string_view name, std::string_view help,
                                  const labels& where) {
  auto content = add(kind::gauge, name, help, where, {});
  if (!content)
    return content.error();
  return gauge{*content};
}

result<histogram> registry::add_histogram(std::string_view name,
                                          std::string_view help,
                                          const std::vector<double>& bounds,
                                          const labels& where) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (bounds.size() > opts_.buckets_max || !std::ranges::all_of(bounds, finite)
      || std::ranges::adjacent_find(bounds, std::greater_equal{})
           != bounds.end())
    return failure{ec::invalid_option,
                   fmt::format("metric '{}': bucket bounds must be finite, "
                               "ascending and at most {}",
                               name, opts_.buckets_max)};
  auto content = add(kind::histogram, name, help, where, bounds);
  if (!content)
    return content.error();
  return histogram{*content};
}

result<std::shared_ptr<cell>>
registry::add(kind type, std::string_view name, std::string_view help,
              const labels& where, const std::vector<double>& bounds) {
  if (auto ok = check(type, name, where); !ok)
    return ok.error();
  const auto key = label_text(where);
  auto lock = std::lock_guard{mutex_};
  auto pos = families_.find(name);
  if (pos != families_.end()) {
    const auto& known = pos->second;
    if (known.type != type || known.bounds != bounds)
      return failure{
        ec::duplicate_name,
        fmt::format("metric '{}' exists as a {} already{}", name,
                    name_of(known.type),
                    known.type == type ? " with other buckets" : "")};
    if (auto series = known.series.find(key); series != known.series.end())
      return series->second;
  }
  if (size_ >= opts_.series_max)
    return failure{ec::limit_reached,
                   fmt::format("metric '{}': all {} series are in use; remove "
                               "some or raise series_max",
                               name, opts_.series_max)};
  if (pos == families_.end())
    pos = families_
            .emplace(std::string{name},
                     family{type, std::string{help}, bounds, {}})
            .first;
  auto content = std::make_shared<cell>(bounds);
  pos->second.series.emplace(key, content);
  ++size_;
  return content;
}

result<void> registry::check(kind type, std::string_view name,
                             const labels& where) const {
  const auto refuse = [&](const std::string& why) {
    return failure{ec::invalid_option,
                   fmt::format("metric '{}': {}", escaped(name, true), why)};
  };
  if (!is_name(name))
    return refuse("the name must match [a-zA-Z_:][a-zA-Z0-9_:]*");
  if (where.size() > opts_.labels_max)
    return refuse(fmt::format("at most {} labels are allowed, {} were given",
                              opts_.labels_max, where.size()));
  for (const auto& [label, value] : where) {
    if (!is_label_name(label) || (type == kind::histogram && label == "le"))
      return refuse(
        fmt::format("'{}' can't name a label", escaped(label, true)));
    if (value.size() > opts_.label_value_max)
      return refuse(
        fmt::format("label '{}' has {} bytes, at most {} are allowed", label,
                    value.size(), opts_.label_value_max));
  }
  return {};
}

bool registry::remove(std::string_view name, const labels& where) {
  auto lock = std::lock_guard{mutex_};
  const auto pos = families_.find(name);
  if (pos == families_.end()
      || pos->second.series.erase(label_text(where)) == 0)
    return false;
  --size_;
  if (pos->second.series.empty())
    families_.erase(pos);
  return true;
}

size_t registry::size() const {
  auto lock = std::lock_guard{mutex_};
  return size_;
}

std::string registry::text() const {
  auto lock = std::lock_guard{mutex_};
  auto result = std::string{};
  for (const auto& [name, content] : families_) {
    fmt::format_to(std::back_inserter(result), "# HELP {} {}\n# TYPE {} {}\n",
                   name, escaped(content.help, false), name,
                   name_of(content.type));
    for (const auto& [where, numbers] : content.series) {
      if (content.type == kind::histogram)
        append_histogram(result, name, where, *numbers);
      else
        append_line(
          result, name, where,
          number_text(numbers->value.load(std::memory_order_relaxed)));
    }
  }
  return result;
}

} // namespace starling::metrics
