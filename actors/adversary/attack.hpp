#pragma once

#include "messages/trust_zone.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace starling::adversary {

/// A row that a lying agent is about to emit.
struct row_scene {
  uint64_t agent = 0;
  /// Rows since the attack began.
  uint64_t row = 0;
  /// Standard deviation of each feature; as long as the row.
  std::span<const double> spread;
  /// What an honest agent of the same kind emits now; as long as the row.
  std::span<const double> model;
};

/// A summary that a lying node is about to send.
struct summary_scene {
  uint64_t epoch = 0;
  uint64_t sender = 0;
  uint64_t receiver = 0;
  /// Whether it is on the sender's own agents; else on all below it.
  bool is_own = true;
  /// The most agents that the receiver lets it speak for.
  double agents = 1.0;
  /// Middle and standard deviation of the honest figures.
  double middle = 0.0;
  double spread = 1.0;
};

/// What a lying node is about to say about an agent that it watches.
struct testimony_scene {
  uint64_t witness = 0;
  uint64_t subject = 0;
  bool subject_lies = false;
  /// The zone in which the witness itself sees the agent.
  trust_zone seen = trust_zone::trusted;
};

/// What Byzantine agents and nodes do, as far as the rules of the protocols let
/// them: anything that breaks those is refused before it does harm.
///
/// A plain model: liars know everything, agree on everything without a word,
/// and never err. What an attack does not change stays honest, so that its
/// effect can be told from that of others. The same seed and the same questions
/// give the same answers.
class attack {
public:
  virtual ~attack();

  /// Changes a row on its way out.
  virtual void change_row(const row_scene& scene, std::span<double> row) const;

  /// Changes the summary for one receiver: values in ascending order, each with
  /// a weight. Returns false to send nothing.
  virtual bool change_summary(const summary_scene& scene,
                              std::vector<double>& values,
                              std::vector<double>& weights) const;

  /// Returns what the liar says, or nothing if it keeps silent.
  [[nodiscard]] virtual std::optional<trust_zone>
  testify(const testimony_scene& scene) const;
};

/// A number that an attack takes.
struct attack_parameter {
  std::string_view name;
  double initial = 0.0;
  double min = 0.0;
  double max = 0.0;
  std::string_view meaning;
};

/// One entry of the catalogue.
struct attack_kind {
  std::string_view name;
  std::string_view meaning;
  std::vector<attack_parameter> parameters;
};

struct attack_options {
  /// Those not named have their initial value.
  std::map<std::string, double> parameters;
  uint64_t seed = 1;
};

/// Returns the catalogue, in the order of the table in docs/byzantine.md.
[[nodiscard]] const std::vector<attack_kind>& attacks();

/// Makes an attack by name. Errors: unknown_name; invalid_option (a parameter
/// that it does not have, or out of range).
[[nodiscard]] result<std::unique_ptr<attack>>
make_attack(std::string_view name, const attack_options& opts);

} // namespace starling::adversary
