#include "runtime/config/reader.hpp"

#include "runtime/config/nearest_key.hpp"
#include "runtime/config/toml.hpp"
#include "runtime/config/toml_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <tuple>

namespace starling::config {

namespace {

/// Returns " between MIN and MAX", leaving out a bound that no value reaches.
std::string range_text(std::optional<std::string> min,
                       std::optional<std::string> max) {
  if (min && max)
    return fmt::format(" between {} and {}", *min, *max);
  if (min)
    return fmt::format(" of at least {}", *min);
  return max ? fmt::format(" of at most {}", *max) : "";
}

template <class T, class Write>
std::optional<std::string> bound_text(T bound, T unreachable, Write write) {
  if (bound == unreachable)
    return std::nullopt;
  return std::string{write(bound)};
}

} // namespace

/// One table, and what was asked of it.
struct reader::state {
  shared* common = nullptr;
  /// Null for a table that is missing.
  const toml::table* content = nullptr;
  /// "[node]", "[[actor]]"; empty for the top.
  std::string section;
  /// The section's name without brackets.
  std::string path;
  std::vector<std::string> asked;
};

struct reader::shared {
  std::shared_ptr<const parsed_toml> tree;
  std::string file;
  std::vector<std::string> problems;
  std::vector<std::string> missing;
  /// A deque, since its elements stay where they are.
  std::deque<state> states;

  state& state_of(const toml::table* content, std::string section,
                  std::string path) {
    for (auto& known : states)
      if (content != nullptr && known.content == content)
        return known;
    return states.emplace_back(
      state{this, content, std::move(section), std::move(path), {}});
  }

  std::string place_of(const toml::node& x) const {
    return fmt::format("{}:{}", file, x.source().begin.line);
  }
};

/// A key that nobody asked for.
struct reader::unknown_key {
  toml::source_index line;
  toml::source_index column;
  std::string name;
  bool is_table;
  const state* owner;
};

/// What readers do with toml++, kept out of the header.
struct reader::access {
  static const toml::node* find(state& from, std::string_view key) {
    if (std::ranges::find(from.asked, key) == from.asked.end())
      from.asked.emplace_back(key);
    return from.content == nullptr ? nullptr : from.content->get(key);
  }

  static void refuse(state& from, std::string_view key, const toml::node& x,
                     std::string_view expected) {
    from.common->problems.push_back(fmt::format("{}: '{}' must be {}, not {}",
                                                from.common->place_of(x), key,
                                                expected, shown(x)));
  }

  /// Reads what `convert` can make of the node.
  template <class T, class Convert>
  static void read(state& from, std::string_view key, T& target,
                   std::string_view expected, Convert convert) {
    const auto* x = find(from, key);
    if (x == nullptr)
      return;
    if (auto found = convert(*x))
      target = std::move(*found);
    else
      refuse(from, key, *x, expected);
  }

  static std::string inner_path(const state& from, std::string_view key) {
    return from.path.empty() ? std::string{key}
                             : fmt::format("{}.{}", from.path, key);
  }

  /// Collects the keys of one table that nobody asked for.
  static void find_unknown(const state& from, std::vector<unknown_key>& found) {
    for (const auto& [key, x] : *from.content) {
      const auto name = std::string{key.str()};
      if (std::ranges::find(from.asked, name) != from.asked.end())
        continue;
      const auto& begin = key.source().begin;
      found.push_back({begin.line, begin.column, name, x.is_table(), &from});
    }
  }

  static std::string describe(const unknown_key& x) {
    const auto& from = *x.owner;
    const auto what = from.path.empty() && x.is_table ? "table" : "key";
    auto text
      = fmt::format("{}:{}:{}: unknown {} '{}'", from.common->file, x.line,
                    x.column, what, shortened(x.name, shown_max));
    if (!from.section.empty())
      text += " in " + from.section;
    if (const auto nearest = nearest_key(x.name, from.asked))
      return fmt::format("{}; did you mean '{}'?", text, *nearest);
    for (const auto& other : from.common->states)
      if (std::ranges::find(other.asked, x.name) != other.asked.end())
        return fmt::format("{}; it belongs in {}", text,
                           other.section.empty() ? "the top of the file"
                                                 : other.section);
    return text;
  }
};

reader reader::over(std::shared_ptr<const parsed_toml> tree, std::string file) {
  auto common = std::make_shared<shared>();
  common->tree = std::move(tree);
  common->file = std::move(file);
  auto& top = common->state_of(&common->tree->root, "", "");
  return reader{std::shared_ptr<state>{common, &top}};
}

reader& reader::read(std::string_view key, bool& target) {
  access::read(*state_, key, target, "true or false",
               [](const toml::node& x) { return x.value_exact<bool>(); });
  return *this;
}

reader& reader::read(std::string_view key, std::string& target) {
  access::read(*state_, key, target, "a string", [](const toml::node& x) {
    return x.value_exact<std::string>();
  });
  return *this;
}

reader& reader::read(std::string_view key, std::string& target,
                     std::span<const std::string_view> choices) {
  auto expected = std::string{};
  for (const auto& choice : choices)
    expected
      += (expected.empty() ? "one of " : ", ") + quoted(std::string{choice});
  access::read(*state_, key, target, expected, [&](const toml::node& x) {
    auto text = x.value_exact<std::string>();
    if (text && std::ranges::find(choices, *text) == choices.end())
      text.reset();
    return text;
  });
  return *this;
}

reader& reader::read(std::string_view key, std::vector<std::string>& target) {
  access::read(*state_, key, target, "an array of strings", strings_of);
  return *this;
}

reader& reader::read(std::string_view key,
                     std::map<std::string, double>& target) {
  access::read(*state_, key, target, "a table of numbers", numbers_of);
  return *this;
}

reader& reader::read(std::string_view key, value_map& target) {
  access::read(*state_, key, target,
               "a table of booleans, numbers, strings and arrays of strings",
               values_of);
  return *this;
}

reader& reader::read(std::string_view key, double& target, double min,
                     double max) {
  using limits = std::numeric_limits<double>;
  const auto write = [](double x) { return fmt::to_string(x); };
  const auto expected = "a number"
                        + range_text(bound_text(min, limits::lowest(), write),
                                     bound_text(max, limits::max(), write));
  access::read(*state_, key, target, expected, [&](const toml::node& x) {
    auto number = number_of(x);
    // Written so that NaN is refused.
    if (number && !(*number >= min && *number <= max))
      number.reset();
    return number;
  });
  return *this;
}

reader& reader::read(std::string_view key, byte_size& target, byte_size min,
                     byte_size max) {
  auto number = int64_t{0};
  if (read_bytes(key, number, min.bytes, max.bytes, false))
    target.bytes = static_cast<uint64_t>(number);
  return *this;
}

reader& reader::read(std::string_view key, byte_rate& target, byte_rate min,
                     byte_rate max) {
  auto number = int64_t{0};
  if (read_bytes(key, number, min.bytes_per_second, max.bytes_per_second, true))
    target.bytes_per_second = static_cast<uint64_t>(number);
  return *this;
}

bool reader::read_integer(std::string_view key, int64_t& target, int64_t min,
                          int64_t max) {
  using limits = std::numeric_limits<int64_t>;
  const auto write = [](int64_t x) { return fmt::to_string(x); };
  const auto expected = "an integer"
                        + range_text(bound_text(min, limits::min(), write),
                                     bound_text(max, limits::max(), write));
  auto read = false;
  access::read(*state_, key, target, expected, [&](const toml::node& x) {
    auto number = x.value_exact<int64_t>();
    if (number && (*number < min || *number > max))
      number.reset();
    read = number.has_value();
    return number;
  });
  return read;
}

bool reader::read_bytes(std::string_view key, int64_t& target, uint64_t min,
                        uint64_t max, bool is_rate) {
  constexpr auto limit = uint64_t{std::numeric_limits<int64_t>::max()};
  const auto write = [is_rate](uint64_t x) {
    return is_rate ? to_text(byte_rate{x}) : to_text(byte_size{x});
  };
  const auto expected = fmt::format(
    "{}{}, such as \"64KiB{}\"", is_rate ? "a rate" : "a number of bytes",
    range_text(bound_text(min, uint64_t{0}, write),
               bound_text(max, limit, write)),
    is_rate ? "/s" : "");
  auto read = false;
  access::read(*state_, key, target, expected, [&](const toml::node& x) {
    const auto number = bytes_of(x, is_rate);
    read = number && *number >= min && *number <= max;
    return read ? std::optional{static_cast<int64_t>(*number)} : std::nullopt;
  });
  return read;
}

bool reader::read_duration(std::string_view key,
                           std::chrono::nanoseconds& target,
                           std::chrono::nanoseconds min,
                           std::chrono::nanoseconds max,
                           std::chrono::nanoseconds step) {
  const auto expected = fmt::format(
    "a duration between {} and {} in steps of {}, such as \"30s\"",
    to_text(min), to_text(max), to_text(step));
  auto read = false;
  access::read(*state_, key, target, expected, [&](const toml::node& x) {
    auto found = duration_of(x);
    if (found && (*found < min || *found > max || *found % step != step.zero()))
      found.reset();
    read = found.has_value();
    return found;
  });
  return read;
}

void reader::demand(std::string_view key) {
  if (access::find(*state_, key) == nullptr)
    state_->common->missing.push_back(
      fmt::format("{}: '{}' is missing{}", place(key), key,
                  state_->section.empty() ? "" : " in " + state_->section));
}

bool reader::has(std::string_view key) {
  return access::find(*state_, key) != nullptr;
}

reader reader::table(std::string_view key) {
  const auto* x = access::find(*state_, key);
  const auto* content = x == nullptr ? nullptr : x->as_table();
  const auto path = access::inner_path(*state_, key);
  if (x != nullptr && content == nullptr)
    access::refuse(*state_, key, *x, fmt::format("a table, [{}]", path));
  auto& inner
    = state_->common->state_of(content, fmt::format("[{}]", path), path);
  return reader{std::shared_ptr<state>{state_, &inner}};
}

std::vector<reader> reader::tables(std::string_view key) {
  auto result = std::vector<reader>{};
  const auto* x = access::find(*state_, key);
  if (x == nullptr)
    return result;
  const auto path = access::inner_path(*state_, key);
  const auto* items = x->as_array();
  const auto is_table = [](const toml::node& item) { return item.is_table(); };
  if (items == nullptr
      || !std::all_of(items->begin(), items->end(), is_table)) {
    access::refuse(*state_, key, *x,
                   fmt::format("an array of tables, [[{}]]", path));
    return result;
  }
  for (const auto& item : *items) {
    auto& inner = state_->common->state_of(item.as_table(),
                                           fmt::format("[[{}]]", path), path);
    result.push_back(reader{std::shared_ptr<state>{state_, &inner}});
  }
  return result;
}

std::vector<std::string> reader::keys() const {
  auto result = std::vector<std::string>{};
  if (state_->content != nullptr)
    for (const auto& [key, x] : *state_->content)
      result.emplace_back(key.str());
  std::ranges::sort(result);
  return result;
}

void reader::reject(std::string_view key, std::string_view text) {
  state_->common->problems.push_back(
    fmt::format("{}: '{}' {}", place(key), key, text));
}

std::string reader::place(std::string_view key) const {
  const auto& common = *state_->common;
  if (state_->content == nullptr)
    return common.file;
  if (const auto* x = state_->content->get(key))
    return common.place_of(*x);
  // The top table has no place of its own.
  return state_->path.empty() ? common.file : common.place_of(*state_->content);
}

result<void> reader::finish() const {
  const auto& common = *state_->common;
  if (!common.problems.empty())
    return failure{ec::invalid_option, common.problems.front()};
  auto unknown = std::vector<unknown_key>{};
  for (const auto& table : common.states)
    if (table.content != nullptr)
      access::find_unknown(table, unknown);
  if (!unknown.empty()) {
    const auto by_place = [](const unknown_key& a, const unknown_key& b) {
      return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    };
    return failure{
      ec::invalid_option,
      access::describe(*std::ranges::min_element(unknown, by_place))};
  }
  if (!common.missing.empty())
    return failure{ec::invalid_option, common.missing.front()};
  return {};
}

} // namespace starling::config
