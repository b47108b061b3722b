#pragma once

#include "messages/error.hpp"

#include <caf/settings.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace starling {

/// Reads the options of an actor type into variables that hold their defaults:
/// a missing option leaves its variable alone. The first problem is kept, so
/// that call sites are plain lists:
///
///     auto in = settings_reader{"zone-keeper", options};
///     in.read("strikes_max", opts.strikes_max, 1, 1000);
///     if (auto failed = in.finish())
///       return failed;
class settings_reader {
public:
  /// Both must outlive this; `type` is named in errors.
  settings_reader(std::string_view type, const caf::settings& input);

  settings_reader& read(std::string_view key, std::string& target);
  settings_reader& read(std::string_view key, std::vector<std::string>& target);

  /// A finite number from `least` to `most`; whole numbers will do.
  settings_reader& read(std::string_view key, double& target, double least,
                        double most);

  settings_reader& read(std::string_view key, uint64_t& target, uint64_t least,
                        uint64_t most);
  settings_reader& read(std::string_view key, uint32_t& target, uint32_t least,
                        uint32_t most);

  /// A duration such as 5s or 250ms.
  settings_reader& read(std::string_view key, caf::timespan& target,
                        caf::timespan least, caf::timespan most);

  /// Takes an option that is read elsewhere.
  settings_reader& leave(std::string_view key);

  /// Returns what was wrong first, or else names an option that nobody read.
  /// Errors: invalid_option; the text names the type, the option and what may
  /// stand there.
  [[nodiscard]] caf::error finish() const;

private:
  const caf::config_value* find(std::string_view key);
  void reject(std::string_view key, std::string_view expected);

  std::string_view type_;
  const caf::settings& input_;
  std::vector<std::string_view> known_;
  caf::error failed_;
};

} // namespace starling
