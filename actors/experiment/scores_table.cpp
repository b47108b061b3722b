#include "actors/experiment/scores_table.hpp"

#include "actors/experiment/csv.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <span>
#include <string_view>

namespace fs = std::filesystem;

namespace starling::experiment {

namespace {

constexpr std::string_view scores_header = "entity,t,score,level";
constexpr std::string_view events_header
  = "t,entity,node,kind,from,to,level,detail";

/// Readable by all: reports are made to be passed on.
constexpr mode_t report_mode = 0644;

result<void> append_scores(std::string& out, std::string_view entity,
                           std::span<const double> scores,
                           std::span<const double> levels) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (scores.size() != levels.size() || !std::ranges::all_of(scores, finite)
      || !std::ranges::all_of(levels, finite))
    return failure{ec::malformed_input,
                   fmt::format("entity {}: {} scores and {} levels; both must "
                               "be finite and as many",
                               entity, scores.size(), levels.size())};
  auto name = std::string{};
  append_csv_field(name, entity);
  for (auto t = size_t{0}; t < scores.size(); ++t) {
    out += name;
    out += ',';
    append_number(out, static_cast<int64_t>(t));
    out += ',';
    append_number(out, scores[t]);
    out += ',';
    append_number(out, levels[t]);
    out += '\n';
  }
  return {};
}

template <class Entities, class Name>
result<void>
write_all(const fs::path& file, const Entities& entities, Name name) {
  auto out = std::string{scores_header} + '\n';
  for (const auto& entity : entities)
    if (auto done
        = append_scores(out, name(entity), entity.scores, entity.levels);
        !done)
      return done;
  return write_file_atomically(file, std::string_view{out}, report_mode);
}

result<csv_records> open_table(const fs::path& file, std::string_view header,
                               const scores_limits& limits) {
  auto lines = text_lines::open(
    file, {.bytes_max = limits.bytes_max, .line_max = limits.line_max});
  if (!lines)
    return lines.error();
  auto records = csv_records{std::move(*lines), limits.line_max};
  auto fields = std::vector<std::string>{};
  auto got = records.next(fields);
  if (!got)
    return got.error();
  if (!*got || fmt::format("{}", fmt::join(fields, ",")) != header)
    return failure{
      ec::malformed_input,
      fmt::format("{}:1: the header must read {}", file.string(), header)};
  return records;
}

failure at(const csv_records& records, const failure& reason) {
  return {reason.code, records.place() + ": " + reason.text};
}

result<void> check_fields(const csv_records& records,
                          const std::vector<std::string>& fields,
                          size_t expected) {
  if (fields.size() == expected)
    return {};
  return failure{ec::malformed_input,
                 fmt::format("{}: {} fields instead of {}", records.place(),
                             fields.size(), expected)};
}

result<double> read_finite(std::string_view field) {
  auto value = read_double(field);
  if (value && !std::isfinite(*value))
    return failure{ec::malformed_input, shown(field) + " is not finite"};
  return value;
}

/// Adds one line of scores.csv; its entity is the last one or a new one.
result<void> add_score(std::vector<entity_scores>& out,
                       std::set<std::string>& known,
                       const std::vector<std::string>& fields) {
  if (out.empty() || out.back().entity != fields[0]) {
    if (!known.insert(fields[0]).second)
      return failure{ec::malformed_input,
                     shown(fields[0])
                       + " appears in two places; sort the file"};
    out.push_back({fields[0], {}, {}});
  }
  auto& entity = out.back();
  const auto t = read_int(fields[1]);
  if (!t)
    return t.error();
  if (*t != static_cast<int64_t>(entity.scores.size()))
    return failure{ec::malformed_input,
                   fmt::format("row {} of {} where {} is due", *t,
                               shown(fields[0]), entity.scores.size())};
  const auto score = read_finite(fields[2]);
  const auto level = read_finite(fields[3]);
  if (!score || !level)
    return score ? level.error() : score.error();
  entity.scores.push_back(*score);
  entity.levels.push_back(*level);
  return {};
}

result<event_note> read_event(const std::vector<std::string>& fields) {
  const auto t = read_int(fields[0]);
  if (!t)
    return t.error();
  auto event = event_note{*t,        fields[1], fields[2], fields[3],
                          fields[4], fields[5], {},        fields[7]};
  if (fields[6].empty())
    return event;
  const auto level = read_finite(fields[6]);
  if (!level)
    return level.error();
  event.level = *level;
  return event;
}

} // namespace

result<void> write_scores(const fs::path& file,
                          const std::vector<entity_scores>& scores) {
  return write_all(file, scores,
                   [](const entity_scores& x) { return x.entity; });
}

result<void> write_scores(const fs::path& file,
                          const std::vector<entity_result>& entities) {
  return write_all(file, entities,
                   [](const entity_result& x) { return x.name; });
}

result<std::vector<entity_scores>> read_scores(const fs::path& file,
                                               const scores_limits& limits) {
  auto records = open_table(file, scores_header, limits);
  if (!records)
    return records.error();
  auto out = std::vector<entity_scores>{};
  auto known = std::set<std::string>{};
  auto fields = std::vector<std::string>{};
  for (auto rows = size_t{0};; ++rows) {
    const auto more = records->next(fields);
    if (!more)
      return more.error();
    if (!*more)
      return out;
    if (rows == limits.rows_max)
      return failure{ec::limit_reached,
                     fmt::format("{}: more than {} rows", records->place(),
                                 limits.rows_max)};
    if (auto done = check_fields(*records, fields, 4); !done)
      return done.error();
    if (auto done = add_score(out, known, fields); !done)
      return at(*records, done.error());
  }
}

result<void> write_events(const fs::path& file,
                          const std::vector<event_note>& events) {
  auto out = std::string{events_header} + '\n';
  for (const auto& event : events) {
    append_number(out, event.t);
    for (const auto* field :
         {&event.entity, &event.node, &event.kind, &event.from, &event.to}) {
      out += ',';
      append_csv_field(out, *field);
    }
    out += ',';
    if (event.level)
      append_number(out, *event.level);
    out += ',';
    append_csv_field(out, event.detail);
    out += '\n';
  }
  return write_file_atomically(file, std::string_view{out}, report_mode);
}

result<std::vector<event_note>> read_events(const fs::path& file,
                                            const scores_limits& limits) {
  auto records = open_table(file, events_header, limits);
  if (!records)
    return records.error();
  auto out = std::vector<event_note>{};
  auto fields = std::vector<std::string>{};
  for (;;) {
    const auto more = records->next(fields);
    if (!more)
      return more.error();
    if (!*more)
      return out;
    if (out.size() == limits.rows_max)
      return failure{ec::limit_reached,
                     fmt::format("{}: more than {} rows", records->place(),
                                 limits.rows_max)};
    if (auto done = check_fields(*records, fields, 8); !done)
      return done.error();
    auto event = read_event(fields);
    if (!event)
      return at(*records, event.error());
    out.push_back(std::move(*event));
  }
}

} // namespace starling::experiment
