#pragma once

#include "messages/trust_zone.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace starling::zone {

/// What other nodes say about agents that this one does not watch, and how far
/// each of them is believed.
///
/// Several witnesses watch an agent; their seats are drawn by hash, and whoever
/// has no seat is not heard. A node believes itself about what it watches. Of
/// other agents it believes the credibility-weighted median of the zones that
/// witnesses have named: it takes half of the weight to cut an agent off, and
/// half to cover up for one.
///
/// Credibility is the share of true words among those that could be checked,
/// because this node watches the agent too; old ones fade, and one lie costs as
/// much as `lie_weight` truths earn. A word weighs the cube of it: who lies of
/// one agent in ten has a third of an honest weight, and who lies at large is
/// not heard.
///
/// Limit: a group that lies about one agent only, of which few honest nodes are
/// witnesses, keeps its credibility. Then only its number counts, and the
/// chance that it holds half of the seats: P(Bin(seats, f) > seats / 2).
///
/// Why not a mean of ratings, or trust in whom the trusted trust: either lets a
/// minority move the outcome; here it takes the weight of a majority.
class witness_book {
public:
  struct options {
    /// Credibility of a stranger, in (0, 1], and how many words that is worth.
    double first = 0.5;
    double first_words = 4.0;
    /// What a checked lie counts beside a checked truth, at least 1.
    double lie_weight = 4.0;
    /// Checks after which an old word counts half.
    double half_life = 256.0;
    /// Below this credibility a witness is not heard, in [0, 1): neither a liar
    /// nor a stranger whose word has not been checked yet.
    double heard_from = 0.6;
    size_t witnesses_max = 10'000;
    size_t subjects_max = 100'000;
  };

  /// Errors: invalid_option.
  [[nodiscard]] static result<witness_book> make(const options& opts);

  /// This node's own view of an agent that it watches.
  /// Errors: limit_reached.
  result<void> see(uint64_t subject, trust_zone zone);

  /// A witness with a seat says that an agent is in that zone now; nothing
  /// takes its last word back. Errors: limit_reached.
  result<void> hear(uint64_t witness, uint64_t subject,
                    std::optional<trust_zone> zone);

  /// Checks all words about what this node watches: to be called from time to
  /// time, when words had time to arrive.
  void check();

  /// Returns the zone that this node believes an agent to be in.
  [[nodiscard]] trust_zone verdict(uint64_t subject) const;

  /// Returns how far a witness is believed, in [0, 1].
  [[nodiscard]] double credibility(uint64_t witness) const;

  [[nodiscard]] bool is_heard(uint64_t witness) const {
    return credibility(witness) >= opts_.heard_from;
  }

private:
  struct record {
    double truths = 0.0;
    double lies = 0.0;
  };

  struct word {
    uint64_t witness = 0;
    trust_zone zone = trust_zone::trusted;
  };

  explicit witness_book(const options& opts);

  options opts_;
  std::map<uint64_t, record> witnesses_;
  std::map<uint64_t, trust_zone> seen_;
  /// Last words by agent, one of a witness.
  std::map<uint64_t, std::vector<word>> words_;
};

} // namespace starling::zone
