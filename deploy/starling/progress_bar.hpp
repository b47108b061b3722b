#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace starling::cli {

/// Shows how far long work has come: a bar that is drawn again on a terminal,
/// a line each tenth elsewhere.
class progress_bar {
public:
  /// `terminal`: does standard error go to one?
  explicit progress_bar(bool terminal) : terminal_{terminal} {
    // nop
  }

  /// Returns what to write to standard error; empty if there is nothing new.
  /// `total` 0: not known yet.
  std::string update(std::string_view stage, uint64_t count, uint64_t total);

  /// Returns what ends the bar.
  std::string finish();

private:
  bool terminal_;
  bool drawn_ = false;
  std::string last_;
};

} // namespace starling::cli
