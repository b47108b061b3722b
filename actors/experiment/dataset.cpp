#include "actors/experiment/dataset.hpp"

#include "actors/experiment/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

namespace fs = std::filesystem;

namespace starling::experiment {

namespace {

constexpr std::string_view endings[] = {".csv.gz", ".csv"};

/// Takes the text up to the next comma off `rest`.
std::string_view take_cell(std::string_view& rest, bool& more) {
  const auto comma = rest.find(',');
  const auto cell = rest.substr(0, comma);
  more = comma != std::string_view::npos;
  rest.remove_prefix(more ? comma + 1 : rest.size());
  return cell;
}

/// Returns the entity whose part the file is, or nothing.
std::string_view entity_of(std::string_view file, std::string_view part) {
  for (auto ending : endings) {
    const auto tail = fmt::format(".{}{}", part, ending);
    if (file.size() > tail.size() && file.ends_with(tail))
      return file.substr(0, file.size() - tail.size());
  }
  return {};
}

result<table> load(const fs::path& folder, std::string_view entity,
                   std::string_view part, size_t rows_max,
                   const dataset_limits& limits) {
  const auto file = entity_file(folder, entity, part);
  if (!file)
    return file.error();
  auto reader = table_reader::open(*file, limits);
  if (!reader)
    return reader.error();
  auto out = table{};
  out.entity = entity;
  out.names = reader->names();
  auto row = table_row{};
  while (rows_max == 0 || out.rows() < rows_max) {
    const auto more = reader->next(row);
    if (!more)
      return more.error();
    if (!*more)
      break;
    out.t.push_back(row.t);
    if (reader->labelled())
      out.labels.push_back(row.anomalous ? 1 : 0);
    out.values.insert(out.values.end(), row.values.begin(), row.values.end());
  }
  if (out.rows() == 0)
    return failure{ec::malformed_input,
                   file->string() + ": has a header and no rows"};
  return out;
}

} // namespace

table_reader::table_reader(text_lines lines, const dataset_limits& limits)
  : lines_{std::move(lines)},
    limits_{limits} {
  // nop
}

result<table_reader> table_reader::open(const fs::path& file,
                                        const dataset_limits& limits) {
  auto lines = text_lines::open(
    file, {.bytes_max = limits.bytes_max, .line_max = limits.line_max});
  if (!lines)
    return lines.error();
  auto reader = table_reader{std::move(*lines), limits};
  if (auto done = reader.read_header(); !done)
    return done.error();
  return reader;
}

failure table_reader::at(size_t column, ec code, std::string what) const {
  const auto skipped = labelled_ ? size_t{2} : size_t{1};
  const auto name = column == 0        ? std::string{"t"}
                    : column < skipped ? std::string{"label"}
                    : column - skipped < names_.size()
                      ? names_[column - skipped]
                      : std::string{"beyond the header"};
  return {code, fmt::format("{}:{}: column {} ({}): {}", lines_.file().string(),
                            lines_.number(), column + 1, name, what)};
}

result<void> table_reader::read_header() {
  auto got = lines_.next(line_);
  if (!got)
    return got.error();
  auto rest = std::string_view{line_};
  if (rest.ends_with('\r'))
    rest.remove_suffix(1);
  auto more = false;
  if (!*got || take_cell(rest, more) != "t" || !more)
    return failure{ec::malformed_input,
                   lines_.file().string()
                     + ":1: the header must read t[,label],feature..."};
  while (more) {
    const auto name = take_cell(rest, more);
    if (names_.empty() && !labelled_ && name == "label") {
      labelled_ = true;
      continue;
    }
    if (names_.size() == limits_.features_max)
      return failure{ec::limit_reached,
                     fmt::format("{}:1: more than {} features; raise "
                                 "features_max if that is meant",
                                 lines_.file().string(), limits_.features_max)};
    names_.emplace_back(name);
  }
  if (names_.empty())
    return failure{ec::malformed_input,
                   lines_.file().string() + ":1: the header names no feature"};
  return {};
}

result<bool> table_reader::next(table_row& target) {
  do {
    auto got = lines_.next(line_);
    if (!got)
      return got.error();
    if (!*got)
      return false;
    if (line_.ends_with('\r'))
      line_.pop_back();
  } while (line_.empty());
  if (rows_ == limits_.rows_max)
    return failure{ec::limit_reached,
                   fmt::format("{}:{}: more than {} rows; raise rows_max if "
                               "that is meant",
                               lines_.file().string(), lines_.number(),
                               limits_.rows_max)};
  ++rows_;
  if (auto done = parse(line_, target); !done)
    return done.error();
  return true;
}

result<void> table_reader::parse(std::string_view line, table_row& target) {
  auto more = true;
  const auto t = read_int(take_cell(line, more));
  if (!t)
    return at(0, ec::malformed_input, t.error().text);
  target.t = *t;
  target.anomalous = false;
  auto column = size_t{1};
  if (labelled_ && more) {
    const auto label = take_cell(line, more);
    if (label != "0" && label != "1")
      return at(1, ec::malformed_input,
                shown(label) + " is not a label; 0 is normal, 1 anomalous");
    target.anomalous = label == "1";
    ++column;
  }
  target.values.clear();
  for (; more; ++column) {
    const auto cell = take_cell(line, more);
    if (target.values.size() == names_.size())
      return at(column, ec::malformed_input,
                fmt::format("the row has more cells than the header ({})",
                            names_.size() + (labelled_ ? 2 : 1)));
    if (cell.empty()) {
      target.values.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    const auto value = read_double(cell);
    if (!value)
      return at(column, ec::malformed_input,
                value.error().text
                  + "; leave the cell empty where the value is missing");
    if (std::isinf(*value))
      return at(column, ec::malformed_input,
                "infinite; leave the cell empty where the value is missing");
    target.values.push_back(*value);
  }
  if (target.values.size() < names_.size())
    return at(column, ec::malformed_input,
              fmt::format("missing: the row has {} cells, the header {}",
                          column, names_.size() + (labelled_ ? 2 : 1)));
  return {};
}

result<std::vector<std::string>> list_entities(const fs::path& folder,
                                               const dataset_limits& limits) {
  auto train = std::set<std::string, std::less<>>{};
  auto test = std::set<std::string, std::less<>>{};
  auto code = std::error_code{};
  auto entry = fs::directory_iterator{folder, code};
  for (; !code && entry != fs::directory_iterator{}; entry.increment(code)) {
    const auto name = entry->path().filename().string();
    if (auto found = entity_of(name, "train"); !found.empty())
      train.emplace(found);
    if (auto found = entity_of(name, "test"); !found.empty())
      test.emplace(found);
    if (std::max(train.size(), test.size()) > limits.entities_max)
      return failure{ec::limit_reached,
                     fmt::format("{}: more than {} entities", folder.string(),
                                 limits.entities_max)};
  }
  if (code)
    return failure{ec::file_error,
                   fmt::format("{}: can't be listed: {}; name a folder with "
                               "X.train.csv.gz and X.test.csv.gz",
                               folder.string(), code.message())};
  for (const auto& name : train)
    if (!test.contains(name))
      return failure{ec::file_error, fmt::format("{}: {} has no test file",
                                                 folder.string(), name)};
  for (const auto& name : test)
    if (!train.contains(name))
      return failure{ec::file_error, fmt::format("{}: {} has no train file",
                                                 folder.string(), name)};
  if (train.empty())
    return failure{ec::file_error,
                   folder.string()
                     + ": holds no X.train.csv.gz and X.test.csv.gz"};
  return std::vector<std::string>{train.begin(), train.end()};
}

result<fs::path> entity_file(const fs::path& folder, std::string_view entity,
                             std::string_view part) {
  // The name may come from a message: it must not leave the folder.
  if (entity.empty() || entity.size() > 200 || entity.front() == '.'
      || entity.find_first_of(std::string_view{"/\\\0", 3})
           != std::string_view::npos)
    return failure{ec::invalid_option,
                   shown(entity) + " is not the name of an entity"};
  for (auto ending : endings) {
    auto file = folder / fmt::format("{}.{}{}", entity, part, ending);
    auto code = std::error_code{};
    if (fs::exists(file, code))
      return file;
  }
  return failure{ec::file_error,
                 fmt::format("{}: no {}.{}.csv.gz and no {}.{}.csv",
                             folder.string(), entity, part, entity, part)};
}

result<table> load_train(const fs::path& folder, std::string_view entity,
                         size_t rows_max, const dataset_limits& limits) {
  return load(folder, entity, "train", rows_max, limits);
}

result<table> load_test(const fs::path& folder, std::string_view entity,
                        size_t rows_max, const dataset_limits& limits) {
  auto out = load(folder, entity, "test", rows_max, limits);
  if (out && out->labels.empty())
    return failure{ec::malformed_input,
                   fmt::format("{}: {}.test has no label column after t",
                               folder.string(), entity)};
  return out;
}

} // namespace starling::experiment
