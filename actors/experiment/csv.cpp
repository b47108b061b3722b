#include "actors/experiment/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace starling::experiment {

namespace {

template <class T>
void append_shortest(std::string& target, T value) {
  // The longest shortest double, "-2.2250738585072014e-308", has 24 bytes.
  auto buffer = std::array<char, 32>{};
  const auto end
    = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  target.append(buffer.data(), end);
}

template <class T>
result<T> read_whole(std::string_view field, std::string_view kind) {
  auto value = T{};
  const auto* end = field.data() + field.size();
  const auto [rest, code] = std::from_chars(field.data(), end, value);
  if (code == std::errc::result_out_of_range)
    return failure{ec::malformed_input,
                   fmt::format("{} is out of range", shown(field))};
  if (code != std::errc{} || rest != end)
    return failure{ec::malformed_input,
                   fmt::format("{} is not {}", shown(field), kind)};
  return value;
}

} // namespace

void append_csv_field(std::string& target, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    target += field;
    return;
  }
  target += '"';
  for (auto c : field) {
    if (c == '"')
      target += '"';
    target += c;
  }
  target += '"';
}

void append_number(std::string& target, double value) {
  append_shortest(target, value);
}

void append_number(std::string& target, int64_t value) {
  append_shortest(target, value);
}

result<double> read_double(std::string_view field) {
  return read_whole<double>(field, "a number");
}

result<int64_t> read_int(std::string_view field) {
  return read_whole<int64_t>(field, "an integer");
}

std::string shown(std::string_view text) {
  constexpr auto length_max = size_t{40};
  auto out = std::string{"'"};
  std::ranges::transform(text.substr(0, length_max), std::back_inserter(out),
                         [](char c) { return c < ' ' || c > '~' ? '?' : c; });
  out += text.size() > length_max ? "...'" : "'";
  return out;
}

csv_records::csv_records(text_lines lines, size_t record_max)
  : lines_{std::move(lines)},
    record_max_{record_max} {
  // nop
}

std::string csv_records::place() const {
  return fmt::format("{}:{}", lines_.file().string(), first_line_);
}

result<bool> csv_records::next(std::vector<std::string>& fields) {
  record_.clear();
  auto quotes = ptrdiff_t{0};
  for (;;) {
    auto more = lines_.next(line_);
    if (!more)
      return more.error();
    if (!*more) {
      if (quotes % 2 != 0)
        return failure{ec::malformed_input,
                       place() + ": a quote is opened and never closed"};
      return false;
    }
    if (record_.empty())
      first_line_ = lines_.number();
    record_ += line_;
    if (record_.size() > record_max_)
      return failure{ec::limit_reached,
                     fmt::format("{}: the record is longer than {} bytes",
                                 place(), record_max_)};
    quotes += std::ranges::count(line_, '"');
    // An odd number of quotes: the line ended inside a field.
    if (quotes % 2 != 0) {
      record_ += '\n';
      continue;
    }
    if (record_.ends_with('\r'))
      record_.pop_back();
    if (record_.empty())
      continue;
    if (auto done = split(record_, fields); !done)
      return done.error();
    return true;
  }
}

result<void> csv_records::split(std::string_view record,
                                std::vector<std::string>& fields) {
  fields.clear();
  auto pos = size_t{0};
  for (;;) {
    auto& field = fields.emplace_back();
    if (pos < record.size() && record[pos] == '"') {
      for (++pos; pos < record.size(); ++pos) {
        if (record[pos] == '"'
            && (++pos >= record.size() || record[pos] != '"'))
          break;
        field += record[pos];
      }
    } else {
      const auto end = std::min(record.find(',', pos), record.size());
      field = record.substr(pos, end - pos);
      pos = end;
      if (field.find('"') != std::string::npos)
        return failure{ec::malformed_input,
                       fmt::format("{}: field {}: a quote in a field without "
                                   "quotes",
                                   place(), fields.size())};
    }
    if (pos >= record.size())
      return {};
    if (record[pos] != ',')
      return failure{ec::malformed_input,
                     fmt::format("{}: field {}: text after a closing quote",
                                 place(), fields.size())};
    ++pos;
  }
}

} // namespace starling::experiment
