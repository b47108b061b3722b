#pragma once

#include "runtime/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starling::deploy {

/// Builds a self-contained HTML page in the style of the experiments' reports,
/// part after part. All text is escaped.
class report_page {
public:
  report_page(std::string_view title, std::string_view conditions);

  void section(std::string_view title, std::string_view note);

  /// The columns' titles, and rows of as many cells.
  void table(const std::pair<std::vector<std::string>,
                             std::vector<std::vector<std::string>>>& content);

  /// Adds an SVG drawing.
  void figure(std::string_view drawing);

  /// Adds what is HTML already.
  void markup(std::string_view text);

  [[nodiscard]] std::string done() const;

private:
  std::string out_;
};

/// Writes files into a folder, which is made if it is missing; each appears
/// whole or not at all. Errors: file_error.
result<void>
write_files(const std::filesystem::path& folder,
            const std::vector<std::pair<std::string, std::string>>& files);

} // namespace starling::deploy
