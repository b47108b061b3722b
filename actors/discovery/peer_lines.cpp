#include "actors/discovery/peer_lines.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace starling::discovery {

namespace {

/// The year 2262, where clocks that count nanoseconds end.
constexpr uint64_t milliseconds_max = 9'223'372'036'854;

constexpr std::string_view never = "-";

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number max) {
  auto result = Number{0};
  const auto* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, result);
  if (error != std::errc{} || last != end || result > max)
    return std::nullopt;
  return result;
}

std::optional<time_point> parse_time(std::string_view text) {
  const auto count = parse_number<uint64_t>(text, milliseconds_max);
  if (!count)
    return std::nullopt;
  return time_point{std::chrono::milliseconds{*count}};
}

std::string text_of(time_point x) {
  return std::to_string(std::max<int64_t>(x.time_since_epoch().count(), 0));
}

/// Cuts off what comes before the first separator, and the separator.
std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto result = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return result;
}

std::optional<candidate> parse_line(std::string_view line) {
  auto fields = std::array<std::string_view, 5>{};
  for (auto& field : fields)
    field = take_until(line, ' ');
  if (!line.empty())
    return std::nullopt;
  const auto& [endpoint, source, seen, succeeded, failures] = fields;
  auto where = config::parse_endpoint(endpoint);
  const auto seen_at = parse_time(seen);
  const auto failure_count = parse_number<uint32_t>(failures, UINT32_MAX);
  if (!where || !seen_at || !failure_count)
    return std::nullopt;
  auto x = candidate{};
  if (succeeded != never) {
    x.succeeded = parse_time(succeeded);
    if (!x.succeeded)
      return std::nullopt;
  }
  x.where = std::move(*where);
  x.source = source;
  x.seen = *seen_at;
  x.due = *seen_at;
  x.failures = *failure_count;
  return x;
}

} // namespace

void append_peer_line(std::string& to, const candidate& x) {
  to += config::to_string(x.where) + ' ' + x.source + ' ' + text_of(x.seen)
        + ' ' + (x.succeeded ? text_of(*x.succeeded) : std::string{never}) + ' '
        + std::to_string(x.failures) + '\n';
}

result<std::vector<candidate>> parse_peer_lines(std::string_view text,
                                                size_t lines_max) {
  const auto wrong = [](size_t line, const char* what) {
    return failure{ec::malformed_input,
                   "peer cache, line " + std::to_string(line) + ": " + what};
  };
  if (!text.starts_with(peer_lines_title))
    return wrong(1, "this is not a peer cache of version 1");
  text.remove_prefix(peer_lines_title.size());
  auto result = std::vector<candidate>{};
  for (auto number = size_t{2}; !text.empty(); ++number) {
    if (result.size() == lines_max)
      return failure{ec::limit_reached, "peer cache: more than "
                                          + std::to_string(lines_max)
                                          + " endpoints (entries_max)"};
    auto x = parse_line(take_until(text, '\n'));
    if (!x)
      return wrong(number, "not an endpoint, a source, two times and a count");
    result.push_back(std::move(*x));
  }
  return result;
}

} // namespace starling::discovery
