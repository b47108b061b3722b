#include "deploy/scale/report_page.hpp"

#include "actors/experiment/html_table.hpp"
#include "actors/experiment/markup.hpp"
#include "actors/experiment/plot_style.hpp"
#include "actors/experiment/report_style.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

namespace starling::deploy {

namespace {

using experiment::escaped;

constexpr auto report_mode = 0644;

} // namespace

report_page::report_page(std::string_view title, std::string_view conditions) {
  out_ = fmt::format(
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>{0}</title>\n<style>{1}{2}</style></head><body><main>\n"
    "<p class=\"eyebrow\">Starling experiment</p><h1>{0}</h1>\n"
    "<p class=\"note\">{3}</p>\n",
    escaped(title), experiment::plot_style(), experiment::report_style(),
    escaped(conditions));
}

void report_page::section(std::string_view title, std::string_view note) {
  out_ += fmt::format("<h2>{}</h2><p class=\"note\">{}</p>\n", escaped(title),
                      escaped(note));
}

void report_page::table(
  const std::pair<std::vector<std::string>,
                  std::vector<std::vector<std::string>>>& content) {
  auto columns = std::vector<experiment::html_table::column>{};
  for (const auto& title : content.first)
    columns.push_back({title, columns.empty() ? "text" : ""});
  auto table = experiment::html_table{std::move(columns)};
  for (const auto& cells : content.second) {
    table.row();
    for (const auto& cell : cells)
      table.text(cell);
  }
  out_ += table.done();
}

void report_page::figure(std::string_view drawing) {
  out_ += fmt::format("<figure>{}</figure>\n", drawing);
}

void report_page::markup(std::string_view text) {
  out_ += text;
}

std::string report_page::done() const {
  return out_ + "</main></body></html>\n";
}

result<void>
write_files(const std::filesystem::path& folder,
            const std::vector<std::pair<std::string, std::string>>& files) {
  auto code = std::error_code{};
  std::filesystem::create_directories(folder, code);
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be made: {}; choose another folder",
                               folder.string(), code.message())};
  for (const auto& [name, text] : files)
    if (auto done = write_file_atomically(folder / name, std::string_view{text},
                                          report_mode);
        !done)
      return done.error();
  return {};
}

} // namespace starling::deploy
