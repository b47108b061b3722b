#include "actors/experiment/html_table.hpp"

#include "actors/experiment/markup.hpp"

#include <fmt/format.h>

#include <cassert>
#include <utility>

namespace starling::experiment {

namespace {

/// Returns ` class="..."` of what there is, or nothing.
std::string class_of(std::string_view first, std::string_view second) {
  if (first.empty() && second.empty())
    return {};
  const auto space = first.empty() || second.empty() ? "" : " ";
  return fmt::format(" class=\"{}{}{}\"", first, space, second);
}

} // namespace

html_table::html_table(std::vector<column> columns, std::string_view title,
                       std::string_view style)
  : columns_{std::move(columns)} {
  // What scrolls must be reachable by keyboard.
  out_ = fmt::format("<div{}{}>", class_of("box", style),
                     style == "tall" ? " tabindex=\"0\"" : "");
  if (!title.empty())
    out_ += fmt::format("<h3>{}</h3>", escaped(title));
  out_ += "<table><thead><tr>";
  for (const auto& head : columns_)
    out_ += fmt::format("<th scope=\"col\"{}>{}</th>", class_of(head.style, {}),
                        escaped(head.title));
  out_ += "</tr></thead>\n<tbody>";
}

html_table& html_table::row(std::string_view style) {
  if (in_row_)
    out_ += "</tr>\n";
  out_ += fmt::format("<tr{}>", class_of(style, {}));
  in_row_ = true;
  next_ = 0;
  return *this;
}

html_table& html_table::note(std::string_view text) {
  row();
  out_ += fmt::format("<td class=\"text soft\" colspan=\"{}\">{}</td>",
                      columns_.size(), escaped(text));
  next_ = columns_.size();
  return *this;
}

html_table& html_table::text(std::string_view text) {
  return markup(escaped(text));
}

html_table& html_table::markup(std::string_view markup,
                               std::string_view style) {
  assert(in_row_ && next_ < columns_.size());
  out_ += fmt::format("<td{}>{}</td>", class_of(columns_[next_].style, style),
                      markup);
  ++next_;
  return *this;
}

std::string html_table::done() {
  out_
    += in_row_ ? "</tr></tbody></table></div>\n" : "</tbody></table></div>\n";
  return std::exchange(out_, {});
}

} // namespace starling::experiment
