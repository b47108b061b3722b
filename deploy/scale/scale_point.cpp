#include "deploy/scale/scale_point.hpp"

namespace starling::deploy {

namespace {

using nlohmann::json;

json tally_json(const scale::verdict_tally& x) {
  return {{"guilty", x.guilty},      {"found", x.found},
          {"honest", x.honest},      {"accused", x.accused},
          {"recall", x.recall()},    {"precision", x.precision()},
          {"accuracy", x.accuracy()}};
}

scale::verdict_tally tally_of(const json& x) {
  return {x.at("guilty"), x.at("found"), x.at("honest"), x.at("accused")};
}

json traffic_json(const traffic& x) {
  return {{"messages", x.messages}, {"bytes", x.bytes}};
}

traffic traffic_of(const json& x) {
  return {x.at("messages"), x.at("bytes")};
}

} // namespace

double scale_point::cpu_us_per_row() const {
  const auto rows_all = static_cast<double>(agents) * static_cast<double>(rows);
  return rows_all > 0.0 ? cpu_s * 1e6 / rows_all : 0.0;
}

double scale_point::falsely_cut_off_per_day() const {
  constexpr auto agents_days
    = 100.0 * static_cast<double>(scale::behaviour_model::season_rows);
  return honest_rows_judged > 0
           ? agents_days * static_cast<double>(false_entries)
               / static_cast<double>(honest_rows_judged)
           : 0.0;
}

double scale_point::bytes_resident_per_agent() const {
  return agents > 0
           ? static_cast<double>(resident_bytes) / static_cast<double>(agents)
           : 0.0;
}

json to_json(const scale_point& x) {
  auto kinds = json::object();
  for (const auto& [kind, count] : x.found_by_kind)
    kinds[kind] = {{"found", count.first}, {"of", count.second}};
  auto types = json::object();
  for (const auto& [type, sum] : x.crossing_by_type)
    types[type] = traffic_json(sum);
  return {{"agents", x.agents},
          {"nodes", x.nodes},
          {"rows", x.rows},
          {"setup_ms", x.setup_ms},
          {"setup_cpu_ms", x.setup_cpu_ms},
          {"false_alarms", x.false_alarms},
          {"honest_rows", x.honest_rows},
          {"training_ms", x.training_ms},
          {"live_ms", x.live_ms},
          {"detection_us", x.detection_us},
          {"detection_us_p50", x.detection_us_p50},
          {"detection_us_p99", x.detection_us_p99},
          {"quarantined", tally_json(x.quarantined)},
          {"isolated", tally_json(x.isolated)},
          {"found_by_kind", std::move(kinds)},
          {"quarantine_actions", x.quarantine_actions},
          {"already_cut_off", x.already_cut_off},
          {"false_entries", x.false_entries},
          {"honest_rows_judged", x.honest_rows_judged},
          {"falsely_cut_off_per_day_and_100", x.falsely_cut_off_per_day()},
          {"delay_rows", x.delay_rows},
          {"messages", x.messages},
          {"crossing", traffic_json(x.crossing)},
          {"crossing_by_type", std::move(types)},
          {"cpu_s", x.cpu_s},
          {"generating_cpu_s", x.generating_cpu_s},
          {"cpu_us_per_agent_row", x.cpu_us_per_row()},
          {"resident_bytes", x.resident_bytes},
          {"resident_bytes_per_agent", x.bytes_resident_per_agent()},
          {"detector_bytes", x.detector_bytes},
          {"epochs", x.epochs},
          {"epochs_incomplete", x.epochs_incomplete}};
}

scale_point scale_point_of(const json& x) {
  auto result = scale_point{};
  result.agents = x.at("agents");
  result.nodes = x.at("nodes");
  result.rows = x.at("rows");
  result.setup_ms = x.at("setup_ms");
  result.setup_cpu_ms = x.at("setup_cpu_ms");
  result.false_alarms = x.at("false_alarms");
  result.honest_rows = x.at("honest_rows");
  result.training_ms = x.at("training_ms");
  result.live_ms = x.at("live_ms");
  result.detection_us = x.at("detection_us");
  result.detection_us_p50 = x.at("detection_us_p50");
  result.detection_us_p99 = x.at("detection_us_p99");
  result.quarantined = tally_of(x.at("quarantined"));
  result.isolated = tally_of(x.at("isolated"));
  for (const auto& [kind, count] : x.at("found_by_kind").items())
    result.found_by_kind[kind] = {count.at("found"), count.at("of")};
  result.quarantine_actions = x.at("quarantine_actions");
  result.already_cut_off = x.at("already_cut_off");
  result.false_entries = x.at("false_entries");
  result.honest_rows_judged = x.at("honest_rows_judged");
  result.delay_rows = x.at("delay_rows");
  result.messages = x.at("messages");
  result.crossing = traffic_of(x.at("crossing"));
  for (const auto& [type, sum] : x.at("crossing_by_type").items())
    result.crossing_by_type[type] = traffic_of(sum);
  result.cpu_s = x.at("cpu_s");
  result.generating_cpu_s = x.at("generating_cpu_s");
  result.resident_bytes = x.at("resident_bytes");
  result.detector_bytes = x.at("detector_bytes");
  result.epochs = x.at("epochs");
  result.epochs_incomplete = x.at("epochs_incomplete");
  return result;
}

json to_json(const pairwise_point& x) {
  return {{"agents", x.agents}, {"done", x.done},
          {"cpu_s", x.cpu_s},   {"messages", x.messages},
          {"bytes", x.bytes},   {"found", tally_json(x.found)}};
}

pairwise_point pairwise_point_of(const json& x) {
  auto result = pairwise_point{};
  result.agents = x.at("agents");
  result.done = x.at("done");
  result.cpu_s = x.at("cpu_s");
  result.messages = x.at("messages");
  result.bytes = x.at("bytes");
  result.found = tally_of(x.at("found"));
  return result;
}

} // namespace starling::deploy
