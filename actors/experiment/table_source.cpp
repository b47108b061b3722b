#include "actors/experiment/table_source.hpp"

#include "actors/experiment/injected_data.hpp"
#include "runtime/hash/sip_hash.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace starling::experiment {

namespace {

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

/// Who is measured alike can be compared. Returns how many features there are,
/// and a fingerprint of their names.
std::string kind_of(const std::vector<std::string>& features) {
  auto all = std::string{};
  for (const auto& name : features)
    all += name + '\n';
  const auto* bytes = reinterpret_cast<const uint8_t*>(all.data());
  return fmt::format("{} features, {:08x}", features.size(),
                     hash::sip_hash({}, {bytes, all.size()}) >> 32);
}

} // namespace

table_source_state::table_source_state(labelled_source_actor::pointer self,
                                       table_source_options opts)
  : self_{self},
    opts_{std::move(opts)} {
  // nop
}

labelled_source_actor::behavior_type table_source_state::make_behavior() {
  return {
    [this](const describe_behaviour&) { return describe(); },
    [this](const fetch_rows& msg) { return fetch(msg); },
    [this](const fetch_labels&) { return labels(); },
  };
}

caf::result<behaviour_description> table_source_state::describe() {
  if (auto failed = load_training_part())
    return failed;
  if (auto failed = load_test_part())
    return failed;
  if (training_->names != test_->names)
    return caf::make_error(ec::malformed_input,
                           fmt::format("entity '{}': the training file has "
                                       "other columns than the test file",
                                       opts_.entity));
  if (training_->rows() == 0 || test_->rows() == 0)
    return caf::make_error(
      ec::malformed_input,
      fmt::format("entity '{}': its {} file has no rows", opts_.entity,
                  test_->rows() == 0 ? "test" : "training"));
  return behaviour_description{test_->names, training_rows_, test_->rows(),
                               kind_of(test_->names)};
}

caf::result<behaviour_rows> table_source_state::fetch(const fetch_rows& msg) {
  if (auto failed = load_test_part())
    return failed;
  if (!training_ && (training_rows_ == 0 || msg.first < training_rows_))
    if (auto failed = load_training_part())
      return failed;
  const auto all = training_rows_ + test_->rows();
  if (msg.rows == 0 || msg.rows > batch_rows_max || msg.first >= all)
    return caf::make_error(ec::invalid_option,
                           fmt::format("entity '{}': {} rows from {}; give 1 "
                                       "to {} rows below {}",
                                       opts_.entity, msg.rows, msg.first,
                                       batch_rows_max, all));
  auto result = behaviour_rows{};
  result.first = msg.first;
  result.training = msg.first < training_rows_;
  if (!result.training)
    training_.reset();
  const auto& from = result.training ? *training_ : *test_;
  const auto begin = result.training ? msg.first : msg.first - training_rows_;
  const auto end = std::min<uint64_t>(begin + msg.rows, from.rows());
  result.features = static_cast<uint32_t>(from.features());
  result.last = !result.training && end == from.rows();
  const auto at = [&](uint64_t row) {
    return from.values.begin() + static_cast<ptrdiff_t>(row * from.features());
  };
  result.values.assign(at(begin), at(end));
  return result;
}

caf::result<row_labels> table_source_state::labels() {
  if (auto failed = load_test_part())
    return failed;
  return row_labels{test_->labels};
}

caf::error table_source_state::load_test_part() {
  if (test_)
    return {};
  auto loaded
    = opts_.inject.kind.empty()
        ? load_test(opts_.folder, opts_.entity, opts_.rows_max, opts_.limits)
        : load_injected(opts_.folder, opts_.entity, opts_.rows_max,
                        opts_.inject, opts_.limits);
  if (!loaded)
    return to_error(loaded.error());
  test_ = std::move(*loaded);
  return {};
}

caf::error table_source_state::load_training_part() {
  if (training_)
    return {};
  auto loaded = load_train(opts_.folder, opts_.entity, 0, opts_.limits);
  if (!loaded)
    return to_error(loaded.error());
  if (opts_.poison.share > 0.0)
    if (auto failed = poison(*loaded))
      return failed;
  training_ = std::move(*loaded);
  training_rows_ = training_->rows();
  return {};
}

caf::error table_source_state::poison(table& training) {
  auto other = std::optional<table>{};
  if (is_foreign(opts_.poison.kind)) {
    auto found = load_alike(opts_.folder, training,
                            opts_.poison.kind == "foreign", opts_.limits);
    if (!found)
      return to_error(found.error());
    other = std::move(*found);
  }
  if (auto failed = load_test_part())
    return failed;
  const auto done = poison_training(
    training, opts_.poison,
    {.own_test = &*test_, .other = other ? &*other : nullptr});
  return done ? caf::error{} : to_error(done.error());
}

} // namespace starling::experiment
