#pragma once

#include "runtime/config/quantity.hpp"
#include "runtime/config/value.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starling::config {

/// The tree behind a document; only document.cpp and reader.cpp know toml++.
struct parsed_toml;

template <class T>
concept whole_number = std::integral<T> && !std::same_as<T, bool>;

/// Reads one table of a TOML file into variables that hold their defaults: a
/// missing key leaves its variable alone. Problems are collected, so that call
/// sites are plain lists, and come out of `finish`:
///
///     auto in = doc->root();
///     auto node = in.table("node");
///     node.read("name", opts.name).read("max_peers", opts.max_peers, 1,
///     10000); if (auto done = in.finish(); !done)
///       return done.error();
///
/// All readers that come from one root share its list of problems. Copies are
/// cheap and read the same table.
class reader {
public:
  reader& read(std::string_view key, bool& target);
  reader& read(std::string_view key, std::string& target);
  reader& read(std::string_view key, std::vector<std::string>& target);
  reader& read(std::string_view key, std::map<std::string, double>& target);

  /// Reads a table of anything but dates, tables and mixed arrays.
  reader& read(std::string_view key, value_map& target);

  /// Reads a finite number; whole numbers will do.
  reader& read(std::string_view key, double& target,
               double min = std::numeric_limits<double>::lowest(),
               double max = std::numeric_limits<double>::max());

  /// Reads one of the words in `choices`.
  reader& read(std::string_view key, std::string& target,
               std::span<const std::string_view> choices);

  /// Reads "10MB" or a whole number of bytes.
  reader& read(std::string_view key, byte_size& target, byte_size min = {},
               byte_size max = {std::numeric_limits<int64_t>::max()});

  /// Reads "100MB/s", or a whole number of bytes per second.
  reader& read(std::string_view key, byte_rate& target, byte_rate min = {},
               byte_rate max = {std::numeric_limits<int64_t>::max()});

  template <whole_number T>
  reader& read(std::string_view key, T& target,
               T min = std::numeric_limits<T>::min(),
               T max = std::numeric_limits<T>::max()) {
    auto number = int64_t{0};
    if (read_integer(key, number, clamped(min), clamped(max)))
      target = static_cast<T>(number);
    return *this;
  }

  /// Reads "30s", "250ms" and so on, or a whole number of seconds.
  template <class Rep, class Period>
  reader& read(std::string_view key, std::chrono::duration<Rep, Period>& target,
               std::type_identity_t<std::chrono::duration<Rep, Period>> min
               = std::chrono::duration<Rep, Period>::zero(),
               std::type_identity_t<std::chrono::duration<Rep, Period>> max
               = std::chrono::hours{24 * 365 * 100}) {
    using unit = std::chrono::duration<Rep, Period>;
    auto number = std::chrono::nanoseconds{};
    constexpr auto step
      = std::chrono::duration_cast<std::chrono::nanoseconds>(unit{1});
    if (read_duration(key, number, min, max, step))
      target = std::chrono::duration_cast<unit>(number);
    return *this;
  }

  /// Notes a problem if the key is missing.
  void demand(std::string_view key);

  /// As `read`, but the key has to be there.
  template <class T, class... Bounds>
  reader& required(std::string_view key, T& target, const Bounds&... bounds) {
    demand(key);
    return read(key, target, bounds...);
  }

  /// Returns whether the key is there. The key counts as known from now on.
  [[nodiscard]] bool has(std::string_view key);

  /// Returns a reader over the table of that name; an empty one if it is
  /// missing.
  [[nodiscard]] reader table(std::string_view key);

  /// Returns a reader for each table of an array of tables, in file order.
  [[nodiscard]] std::vector<reader> tables(std::string_view key);

  /// Returns all keys of this table, sorted.
  [[nodiscard]] std::vector<std::string> keys() const;

  /// Notes that a key's value is wrong in a way only the caller sees; `text`
  /// continues the sentence "FILE:LINE: 'key' ...", e.g. "must name a file".
  void reject(std::string_view key, std::string_view text);

  /// Returns "FILE:LINE" of the key, or of this table if the key is missing.
  [[nodiscard]] std::string place(std::string_view key) const;

  /// Returns the first problem of all readers that share this one's root: first
  /// wrong values in reading order, then keys nobody asked for in file order,
  /// then missing ones. Errors: invalid_option.
  [[nodiscard]] result<void> finish() const;

private:
  friend class document;

  struct access;
  struct shared;
  struct state;
  struct unknown_key;

  static reader over(std::shared_ptr<const parsed_toml> tree, std::string file);

  explicit reader(std::shared_ptr<state> content) : state_{std::move(content)} {
    // nop
  }

  template <whole_number T>
  static constexpr int64_t clamped(T x) {
    return std::in_range<int64_t>(x) ? static_cast<int64_t>(x)
                                     : std::numeric_limits<int64_t>::max();
  }

  bool read_integer(std::string_view key, int64_t& target, int64_t min,
                    int64_t max);
  bool read_bytes(std::string_view key, int64_t& target, uint64_t min,
                  uint64_t max, bool is_rate);
  bool read_duration(std::string_view key, std::chrono::nanoseconds& target,
                     std::chrono::nanoseconds min, std::chrono::nanoseconds max,
                     std::chrono::nanoseconds step);
  std::shared_ptr<state> state_;
};

} // namespace starling::config
