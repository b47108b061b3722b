#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// Builds one HTML table, cell after cell. Cells of a column share its style.
class html_table {
public:
  struct column {
    /// Plain text.
    std::string_view title;
    /// Class of all its cells: "" numbers, "text", "wide" text that wraps.
    std::string_view style;
  };

  /// The title may be empty. `style` is one more class of the whole: "tall" for
  /// a table that scrolls by itself when it grows long.
  explicit html_table(std::vector<column> columns, std::string_view title = {},
                      std::string_view style = {});

  /// Begins a row of that class.
  html_table& row(std::string_view style = {});

  /// Begins a row that is one cell over all columns, as a note.
  html_table& note(std::string_view text);

  /// Adds a cell of plain text, which is escaped.
  html_table& text(std::string_view text);

  /// Adds a cell of markup, which is not; `style` is one more class.
  html_table& markup(std::string_view markup, std::string_view style = {});

  /// Ends the table and returns it.
  [[nodiscard]] std::string done();

private:
  std::vector<column> columns_;
  size_t next_ = 0;
  bool in_row_ = false;
  std::string out_;
};

} // namespace starling::experiment
