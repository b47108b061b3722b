#include "deploy/bench/measured_pair.hpp"

#include "deploy/node/process_memory.hpp"

#include <fmt/format.h>

#include <utility>

namespace starling::deploy {

namespace {

constexpr std::string_view failed = "failed\t";
constexpr std::string_view done = "done\n";

result<std::vector<figure>>
figures_of(child_process& from,
           std::chrono::steady_clock::time_point deadline) {
  auto result = std::vector<figure>{};
  for (;;) {
    auto line = from.next_line(deadline);
    if (!line)
      return line.error();
    if (*line + '\n' == done)
      return result;
    if (line->starts_with(failed))
      return failure{ec::wrong_state, line->substr(failed.size())};
    if (auto found = parse_line(*line))
      result.push_back(std::move(*found));
  }
}

} // namespace

void figure_sink::operator()(const std::vector<figure>& found) const {
  auto text = std::string{};
  for (const auto& x : found)
    text += to_line(x);
  say_(text.append(done));
}

void figure_sink::fail(const std::string& reason) const {
  say_(fmt::format("{}{}\n", failed, reason));
}

result<std::vector<figure>>
measure_pair(std::function<void(child_process::say_fun)> serve,
             std::function<void(std::string, figure_sink)> measure,
             std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // All who are compared get the memory as a node does.
  auto server = child_process::start([&](const auto& say) {
    keep_freed_memory();
    serve(say);
  });
  if (!server)
    return server.error();
  auto where = server->next_line(deadline);
  if (!where)
    return where.error();
  if (where->starts_with(failed))
    return failure{ec::wrong_state, where->substr(failed.size())};
  auto client = child_process::start(
    [&](const auto& say) { measure(*where, figure_sink{say}); });
  if (!client)
    return client.error();
  return figures_of(*client, deadline);
}

result<std::vector<figure>> measure_alone(std::function<void(figure_sink)> task,
                                          std::chrono::seconds patience) {
  auto child
    = child_process::start([&](const auto& say) { task(figure_sink{say}); });
  if (!child)
    return child.error();
  return figures_of(*child, std::chrono::steady_clock::now() + patience);
}

} // namespace starling::deploy
