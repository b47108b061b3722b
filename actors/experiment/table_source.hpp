#pragma once

#include "actors/experiment/dataset.hpp"
#include "actors/experiment/injection.hpp"
#include "actors/experiment/training_poison.hpp"
#include "messages/experiment.hpp"

#include <caf/error.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace starling::experiment {

struct table_source_options {
  std::filesystem::path folder;
  std::string entity;
  /// Rows taken of the test file; 0 means all.
  size_t rows_max = 0;
  poison_choice poison;
  injection_choice inject;
  dataset_limits limits;
};

/// State of the actor that reads one entity's files for agents on any node:
/// only the node that runs the experiment needs the data.
///
/// Both files are read when first asked for. The training rows are let go when
/// rows after them are fetched, and read again should an agent begin anew.
class table_source_state {
public:
  static constexpr const char* name = "starling.experiment.table-source";

  table_source_state(labelled_source_actor::pointer self,
                     table_source_options opts);

  labelled_source_actor::behavior_type make_behavior();

private:
  caf::result<behaviour_description> describe();
  caf::result<behaviour_rows> fetch(const fetch_rows& msg);
  caf::result<row_labels> labels();

  /// Reads what is missing.
  caf::error load_test_part();
  caf::error load_training_part();

  /// Spoils training rows, where the experiment asks for it.
  caf::error poison(table& training);

  labelled_source_actor::pointer self_;
  table_source_options opts_;
  std::optional<table> training_;
  std::optional<table> test_;
  uint64_t training_rows_ = 0;
};

} // namespace starling::experiment
