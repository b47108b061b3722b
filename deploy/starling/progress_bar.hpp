#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace starling::cli {

/// Shows how far long work has come: a bar that is drawn again on a terminal,
/// a line each tenth elsewhere.
class progress_bar {
public:
  /// `terminal`: does standard error go to one? `unit`: what is counted.
  explicit progress_bar(bool terminal, std::string_view unit = "rows")
    : terminal_{terminal},
      unit_{unit} {
    // nop
  }

  /// Returns what to write to standard error; empty if there is nothing new.
  /// `total` 0: not known yet.
  std::string update(std::string_view stage, uint64_t count, uint64_t total);

  /// Returns what ends the bar.
  std::string finish();

private:
  bool terminal_;
  std::string unit_;
  bool drawn_ = false;
  std::string last_;
};

} // namespace starling::cli
