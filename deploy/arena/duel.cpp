#include "deploy/arena/duel.hpp"

#include "actors/zone/peer_book.hpp"
#include "actors/zone/witness_book.hpp"
#include "deploy/arena/tree_epoch.hpp"
#include "deploy/arena/tree_trial.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace starling::arena {

namespace {

/// One honest node whose view is followed.
struct observer {
  size_t node = 0;
  zone::witness_book words;
  zone::peer_book peers;
  /// Which agents it believed to be cut off.
  std::vector<bool> cut;
};

struct agent_state {
  bool lies = false;
  bool is_cut = false;
  bool is_framed = false;
  size_t rows_cut = 0;
  std::optional<size_t> first_cut;
};

/// Alike agents must not divide by zero.
constexpr double spread_min = 1e-9;

/// Of the true one; what is believed where liars alone speak can be nothing.
constexpr double believed_spread_min = 0.1;

double share(size_t part, size_t all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

double median_of(std::vector<double>& values) {
  const auto middle
    = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Leaves both as they are where there are no errors.
void mean_and_worst(const std::vector<double>& errors,
                    std::optional<double>& mean, std::optional<double>& worst) {
  if (errors.empty())
    return;
  mean = std::accumulate(errors.begin(), errors.end(), 0.0)
         / static_cast<double>(errors.size());
  worst = std::ranges::max(errors);
}

/// Plays one cell of the arena with one seed, row by row.
class duel {
public:
  duel(const arena_options& opts, const cast& who,
       const std::vector<watched_stream>& liars,
       const adversary::attack& attack, size_t liar_nodes)
    : opts_{opts},
      who_{who},
      liars_{liars},
      attack_{attack},
      lies_(opts.nodes),
      agents_(opts.agents),
      nodes_cut_(opts.nodes) {
    for (size_t i = 0; i < liar_nodes; ++i)
      lies_[who.corrupted[i]] = true;
    for (size_t i = 0; i < opts.agents; ++i)
      agents_[i].lies = lies_[host_of(opts, i)];
  }

  result<duel_result> play() {
    if (auto done = seat_observers(); !done)
      return done.error();
    if (auto done = earn_credibility(); !done)
      return done.error();
    for (size_t row = 0; row < opts_.rows; ++row) {
      if (auto done = spread_words(row); !done)
        return done.error();
      if ((row + 1) % opts_.check_rows == 0)
        check(row);
      form_views(row);
      if ((row + 1) % opts_.epoch_rows == 0)
        if (auto done = sum_up(row + 1); !done)
          return done.error();
    }
    return outcome();
  }

private:
  [[nodiscard]] const watched_stream& stream_of(size_t agent) const {
    return agents_[agent].lies ? liars_[agent] : who_.honest[agent];
  }

  [[nodiscard]] zone::peer_book::clock::time_point time_of(size_t row) const {
    return zone::peer_book::clock::time_point{opts_.row_interval
                                              * static_cast<int64_t>(row)};
  }

  [[nodiscard]] peer_id id_of(size_t node) const {
    return drawn_id(who_.seed, node);
  }

  result<void> seat_observers() {
    // Those corrupted last, so that all shares of liars have the same.
    for (auto node = who_.corrupted.rbegin(); node != who_.corrupted.rend();
         ++node) {
      if (observers_.size() >= opts_.observers || lies_[*node])
        break;
      auto words = zone::witness_book::make({});
      auto peers = zone::peer_book::make({});
      if (!words)
        return words.error();
      if (!peers)
        return peers.error();
      observers_.push_back({*node, std::move(*words), std::move(*peers),
                            std::vector<bool>(opts_.agents)});
    }
    return {};
  }

  /// Before the attack all agents are calm and all witnesses tell the truth:
  /// whoever would lie with weight earns it first.
  result<void> earn_credibility() {
    for (auto& each : observers_) {
      for (size_t agent = 0; agent < opts_.agents; ++agent)
        for (auto witness : who_.seats[agent])
          if (auto done
              = each.node == witness
                  ? each.words.see(agent, trust_zone::trusted)
                  : each.words.hear(witness, agent, trust_zone::trusted);
              !done)
            return done;
      for (size_t i = 0; i < opts_.truths; ++i)
        each.words.check();
    }
    return {};
  }

  /// Lets the witnesses say what has changed, as zone keepers do.
  result<void> spread_words(size_t row) {
    changed_.clear();
    for (size_t agent = 0; agent < opts_.agents; ++agent) {
      const auto& zones = stream_of(agent).zones;
      if (row > 0 && zones[row] == zones[row - 1])
        continue;
      changed_.push_back(agent);
      for (auto witness : who_.seats[agent])
        if (auto done = say(witness, agent, zones[row]); !done)
          return done;
    }
    return {};
  }

  result<void> say(size_t witness, size_t agent, trust_zone seen) {
    auto word = std::optional{seen};
    if (lies_[witness])
      word = attack_.testify({witness, agent, agents_[agent].lies, seen});
    for (auto& each : observers_) {
      const auto done = each.node == witness
                          ? each.words.see(agent, seen)
                          : each.words.hear(witness, agent, word);
      if (!done)
        return done;
    }
    return {};
  }

  void check(size_t row) {
    for (auto& each : observers_) {
      each.words.check();
      static_cast<void>(each.peers.tick(time_of(row)));
    }
    // Who is believed less than before may change any verdict.
    changed_.resize(opts_.agents);
    for (size_t i = 0; i < opts_.agents; ++i)
      changed_[i] = i;
    for (size_t node = 0; node < opts_.nodes; ++node) {
      const auto votes = std::ranges::count_if(observers_, [&](auto& each) {
        return is_cut_off(each.peers.of(id_of(node), time_of(row)).zone);
      });
      if (2 * static_cast<size_t>(votes) > observers_.size())
        nodes_cut_[node] = true;
    }
  }

  void form_views(size_t row) {
    for (auto agent : changed_) {
      size_t votes = 0;
      for (auto& each : observers_) {
        const auto cut = is_cut_off(each.words.verdict(agent));
        if (cut && !each.cut[agent])
          each.peers.note(id_of(host_of(opts_, agent)), conduct::agent_cut_off,
                          time_of(row));
        each.cut[agent] = cut;
        votes += cut ? 1 : 0;
      }
      agents_[agent].is_cut = 2 * votes > observers_.size();
    }
    for (size_t i = 0; i < agents_.size(); ++i) {
      auto& agent = agents_[i];
      if (!agent.is_cut)
        continue;
      ++agent.rows_cut;
      agent.is_framed
        = agent.is_framed || !is_cut_off(who_.honest[i].zones[row]);
      if (!agent.first_cut)
        agent.first_cut = row;
    }
  }

  /// One epoch of the tree for each kind of agents.
  result<void> sum_up(size_t end) {
    auto kinds = std::set<size_t>{};
    for (const auto& each : who_.behaviours)
      kinds.insert(each.kind);
    for (auto kind : kinds)
      if (auto done = sum_up(end, kind); !done)
        return done;
    return {};
  }

  result<void> sum_up(size_t end, size_t kind) {
    auto nodes = std::vector<tree_node>(opts_.nodes);
    for (size_t i = 0; i < opts_.nodes; ++i)
      nodes[i] = {id_of(i), {}, lies_[i]};
    auto honest = std::vector<double>{};
    for (size_t agent = 0; agent < opts_.agents; ++agent) {
      if (who_.behaviours[agent].kind != kind)
        continue;
      const auto& figures = stream_of(agent).figures;
      auto sum = 0.0;
      for (auto row = end - opts_.epoch_rows; row < end; ++row)
        sum += figures[row];
      const auto mean = sum / static_cast<double>(opts_.epoch_rows);
      nodes[host_of(opts_, agent)].figures.push_back(mean);
      if (!agents_[agent].lies)
        honest.push_back(mean);
    }
    if (honest.size() < 2)
      return {};
    const auto middle = median_of(honest);
    auto distances = std::vector<double>{};
    for (auto x : honest)
      distances.push_back(std::abs(x - middle));
    // Scaled to a standard deviation.
    const auto spread = std::max(1.4826 * median_of(distances), spread_min);
    auto opts = tree_epoch_options{};
    opts.round.place.fan_out = opts_.tree.fanout;
    opts.round.place.width = opts_.tree.committee;
    opts.deviations = opts_.tree.check_deviations;
    opts.epoch = end;
    const auto played = play_tree_epoch(nodes, attack_, middle, spread, opts);
    if (!played)
      return played.error();
    for (size_t i = 0; i < opts_.nodes; ++i) {
      const auto& said = played->believed[i];
      if (!said || lies_[i])
        continue;
      errors_.push_back(std::abs(said->median - middle) / spread);
      const auto believed_spread
        = std::max(said->deviation, believed_spread_min * spread);
      for (auto x : nodes[i].figures)
        standing_errors_.push_back(std::abs((x - said->median) / believed_spread
                                            - (x - middle) / spread));
    }
    return {};
  }

  [[nodiscard]] duel_result outcome() const {
    auto out = duel_result{};
    const auto honest = count_agents(false);
    out.honest_cut = honest.cut;
    out.honest_time = honest.time;
    out.honest_chance = honest.chance;
    out.honest_chance_time = honest.chance_time;
    out.honest_framed = honest.framed;
    const auto lying = count_agents(true);
    out.liars_cut = lying.cut;
    out.liars_time = lying.time;
    out.liars_chance = lying.chance;
    out.liars_chance_time = lying.chance_time;
    count_nodes(false, out.honest_credibility, out.honest_nodes_cut);
    count_nodes(true, out.liars_credibility, out.liar_nodes_cut);
    auto delays = std::vector<double>{};
    for (const auto& agent : agents_)
      if (agent.lies && agent.first_cut)
        delays.push_back(static_cast<double>(*agent.first_cut));
    if (!delays.empty())
      out.delay_rows = median_of(delays);
    mean_and_worst(errors_, out.error_mean, out.error_worst);
    mean_and_worst(standing_errors_, out.standing_error_mean,
                   out.standing_error_worst);
    return out;
  }

  struct counts {
    double cut = 0.0;
    double time = 0.0;
    double framed = 0.0;
    double chance = 0.0;
    double chance_time = 0.0;
  };

  [[nodiscard]] counts count_agents(bool lying) const {
    size_t all = 0;
    size_t cut = 0;
    size_t rows = 0;
    size_t framed = 0;
    size_t by_chance = 0;
    size_t rows_by_chance = 0;
    for (size_t i = 0; i < opts_.agents; ++i) {
      if (agents_[i].lies != lying)
        continue;
      const auto& zones = who_.honest[i].zones;
      const auto twin = std::ranges::count_if(zones, is_cut_off);
      ++all;
      cut += agents_[i].first_cut ? 1 : 0;
      rows += agents_[i].rows_cut;
      framed += agents_[i].is_framed ? 1 : 0;
      by_chance += twin > 0 ? 1 : 0;
      rows_by_chance += static_cast<size_t>(twin);
    }
    return {share(cut, all), share(rows, all * opts_.rows), share(framed, all),
            share(by_chance, all), share(rows_by_chance, all * opts_.rows)};
  }

  void count_nodes(bool lying, double& credibility, double& cut) const {
    size_t all = 0;
    size_t were_cut = 0;
    auto sum = 0.0;
    for (size_t node = 0; node < opts_.nodes; ++node) {
      if (lies_[node] != lying)
        continue;
      ++all;
      were_cut += nodes_cut_[node] ? 1 : 0;
      for (const auto& each : observers_)
        sum += each.words.credibility(node);
    }
    const auto looks = static_cast<double>(all * observers_.size());
    credibility = looks > 0.0 ? sum / looks : 0.0;
    cut = share(were_cut, all);
  }

  const arena_options& opts_;
  const cast& who_;
  const std::vector<watched_stream>& liars_;
  const adversary::attack& attack_;
  std::vector<bool> lies_;
  std::vector<agent_state> agents_;
  std::vector<bool> nodes_cut_;
  std::vector<observer> observers_;
  std::vector<size_t> changed_;
  std::vector<double> errors_;
  std::vector<double> standing_errors_;
};

} // namespace

result<duel_result> fight(const arena_options& opts, const cast& who,
                          const std::vector<watched_stream>& liars,
                          const adversary::attack& attack, size_t liar_nodes) {
  return duel{opts, who, liars, attack, liar_nodes}.play();
}

} // namespace starling::arena
