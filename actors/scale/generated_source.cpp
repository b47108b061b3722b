#include "actors/scale/generated_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace starling::scale {

generated_source_state::generated_source_state(
  generated_source_actor::pointer self, generated_source_options opts)
  : self_{self},
    opts_{std::move(opts)},
    model_{opts_.plan, opts_.index},
    gate_{opts_.gate} {
  // nop
}

generated_source_actor::behavior_type generated_source_state::make_behavior() {
  return {
    [this](const describe_behaviour&) { return describe(); },
    [this](const fetch_rows& msg) { return fetch(msg); },
    [this](caf::open_atom, uint64_t rows) { move_gate(rows); },
  };
}

behaviour_description generated_source_state::describe() const {
  auto result = behaviour_description{};
  for (size_t i = 0; i < opts_.plan.features; ++i)
    result.features.push_back(fmt::format("f{}", i));
  result.training_rows = opts_.plan.training_rows;
  result.live_rows = opts_.plan.live_rows;
  return result;
}

caf::result<behaviour_rows>
generated_source_state::fetch(const fetch_rows& msg) {
  const auto training = msg.first < opts_.plan.training_rows;
  const auto end = training ? opts_.plan.training_rows : rows();
  if (msg.rows == 0 || msg.rows > batch_rows_max || msg.first >= end
      || msg.rows > end - msg.first)
    return caf::make_error(ec::invalid_option,
                           fmt::format("agent {}: rows {} to {} are not of one "
                                       "kind, or there are none",
                                       opts_.index, msg.first,
                                       msg.first + msg.rows));
  if (is_open_for(msg))
    return make(msg);
  if (waiting_.size() >= opts_.waiting_max)
    return caf::make_error(ec::limit_reached,
                           fmt::format("agent {}: {} requests wait for its "
                                       "gate, the bound",
                                       opts_.index, waiting_.size()));
  waiting_.push_back({msg, self_->make_response_promise<behaviour_rows>()});
  return waiting_.back().answer;
}

behaviour_rows generated_source_state::make(const fetch_rows& msg) {
  const auto width = opts_.plan.features;
  auto result = behaviour_rows{};
  result.first = msg.first;
  result.features = static_cast<uint32_t>(width);
  result.training = msg.first < opts_.plan.training_rows;
  result.last = msg.first + msg.rows == rows();
  result.values.resize(msg.rows * width);
  // An agent that begins anew, or skips something.
  if (msg.first < model_.position())
    model_ = behaviour_model{opts_.plan, opts_.index};
  const auto values = std::span{result.values};
  while (model_.position() < msg.first)
    model_.next(values.first(width));
  for (size_t i = 0; i < msg.rows; ++i)
    model_.next(values.subspan(i * width, width));
  return result;
}

void generated_source_state::move_gate(uint64_t rows) {
  gate_ = rows;
  for (auto& [what, answer] : std::exchange(waiting_, {}))
    if (is_open_for(what))
      answer.deliver(make(what));
    else
      waiting_.push_back({what, std::move(answer)});
}

bool generated_source_state::is_open_for(const fetch_rows& msg) const {
  const auto training = opts_.plan.training_rows;
  return msg.first < training || msg.first - training < gate_;
}

uint64_t generated_source_state::rows() const {
  return opts_.plan.training_rows + opts_.plan.live_rows;
}

} // namespace starling::scale
