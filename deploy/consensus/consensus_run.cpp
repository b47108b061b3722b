#include "deploy/consensus/consensus_run.hpp"

#include "deploy/bench/bench_plan.hpp"
#include "deploy/consensus/etcd_cluster.hpp"
#include "deploy/consensus/verdict_nodes.hpp"

#include <botan/auto_rng.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

namespace fs = std::filesystem;

using steady = std::chrono::steady_clock;

constexpr auto leader_patience = std::chrono::seconds{20};

cluster_member::key_ptr fresh_key(Botan::RandomNumberGenerator& rng) {
  return std::make_shared<const identity::private_key>(
    identity::private_key::generate(rng));
}

/// What is broken in a phase, and mended.
struct disturbance {
  std::function<result<void>()> break_it;
  std::function<result<void>()> mend;
  /// Members are killed and started again.
  bool restarts = false;
};

/// The processes of one measurement.
class consensus_stage {
public:
  consensus_stage(const consensus_plan& plan,
                  const std::function<void(const std::string&)>& tell,
                  bool on_wires = false)
    : plan_{plan},
      tell_{tell},
      on_wires_{on_wires},
      deadline_{steady::now() + plan.patience} {
    // nop
  }

  ~consensus_stage() {
    etcd_.reset();
    auto code = std::error_code{};
    if (!plan_.etcd.empty())
      fs::remove_all(plan_.scratch, code);
  }

  result<void> start() {
    if (!plan_.etcd.empty())
      if (auto done = start_etcd(); !done)
        return done;
    auto rng = Botan::AutoSeeded_RNG{};
    const auto judge = fresh_key(rng);
    auto places = std::vector<guard_place>{};
    for (size_t i = 0; i < plan_.guards; ++i) {
      const auto key = fresh_key(rng);
      auto child
        = commanded_child::start([key, id = judge->id(), ports = ports_,
                                  i](const auto& say, const auto& listen) {
            serve_guard(key, id, ports, i, say, listen);
          });
      if (!child)
        return child.error();
      guards_.push_back(std::move(*child));
      auto line = guards_.back().next_line(deadline_);
      if (!line)
        return line.error();
      if (line->starts_with("failed"))
        return failure{ec::wrong_state, *line};
      places.push_back({*line, key->id()});
    }
    auto child = commanded_child::start([judge, places, ports = leader_first()](
                                          const auto& say, const auto& listen) {
      serve_judge(judge, places, ports, say, listen);
    });
    if (!child)
      return child.error();
    judge_.emplace(std::move(*child));
    auto line = judge_->next_line(deadline_);
    if (!line)
      return line.error();
    if (*line != "ready")
      return failure{ec::wrong_state, *line};
    return {};
  }

  result<phase_record> run(const phase_order& order,
                           const disturbance& trouble = {}) {
    tell_(fmt::format("{}: {} verdicts", order.name, order.verdicts));
    auto record = phase_record{};
    record.name = order.name;
    const auto heard = ask_guards(record, order.name);
    if (!heard)
      return heard.error();
    const auto heard_before = std::exchange(record.heard, {});
    record.cuts.clear();
    const auto before = metrics();
    if (auto done = judge_->tell(to_line(order)); !done)
      return done.error();
    if (auto done = follow(record, trouble); !done)
      return done.error();
    if (auto done = ask_guards(record, order.name); !done)
      return done.error();
    for (auto& [mode, count] : record.heard)
      count -= heard_before.at(mode);
    for (const auto& [name, value] : metrics())
      if (const auto old = before.find(name); old != before.end())
        record.etcd[name] = value - old->second;
    // A member that was started anew counts from zero.
    if (trouble.restarts)
      record.etcd.clear();
    return record;
  }

  etcd_cluster& etcd() {
    return *etcd_;
  }

  [[nodiscard]] std::map<std::string, double> metrics() const {
    return etcd_ ? etcd_->metrics() : std::map<std::string, double>{};
  }

private:
  result<void> start_etcd() {
    auto code = std::error_code{};
    fs::create_directories(plan_.scratch, code);
    if (code)
      return failure{ec::file_error,
                     fmt::format("{}: can't be made: {}",
                                 plan_.scratch.string(), code.message())};
    etcd_.emplace(plan_.etcd, plan_.scratch, on_wires_);
    if (auto done = etcd_->start(leader_patience); !done)
      return done;
    for (size_t i = 0; i < etcd_cluster::members; ++i)
      ports_.push_back(etcd_->port_of(i));
    return {};
  }

  /// The best case for consensus: no member hands a verdict on to the leader.
  std::vector<uint16_t> leader_first() {
    auto ports = ports_;
    if (etcd_)
      if (auto found = etcd_->leader(leader_patience))
        std::ranges::rotate(ports,
                            ports.begin() + static_cast<ptrdiff_t>(*found));
    return ports;
  }

  result<void> follow(phase_record& record, const disturbance& trouble) {
    for (;;) {
      auto line = judge_->next_line(deadline_);
      if (!line)
        return line.error();
      auto more = record.take(*line);
      if (!more)
        return more.error();
      if (!*more)
        return {};
      if (line->starts_with("began") && trouble.break_it)
        if (auto done = disturb(record, trouble); !done)
          return done;
    }
  }

  result<void> disturb(phase_record& record, const disturbance& trouble) {
    std::this_thread::sleep_for(plan_.until_broken);
    record.broken = now_ns();
    if (auto done = trouble.break_it(); !done)
      return done;
    std::this_thread::sleep_for(plan_.broken_for);
    record.mended = now_ns();
    return trouble.mend ? trouble.mend() : result<void>{};
  }

  result<void> ask_guards(phase_record& record, const std::string& phase) {
    for (auto& guard : guards_) {
      if (auto done = guard.tell("report " + phase); !done)
        return done;
      for (;;) {
        auto line = guard.next_line(deadline_);
        if (!line)
          return line.error();
        auto more = record.take(*line);
        if (!more)
          return more.error();
        if (!*more)
          break;
      }
    }
    return {};
  }

  const consensus_plan& plan_;
  const std::function<void(const std::string&)>& tell_;
  bool on_wires_;
  steady::time_point deadline_;
  std::optional<etcd_cluster> etcd_;
  std::vector<uint16_t> ports_;
  std::vector<commanded_child> guards_;
  std::optional<commanded_child> judge_;
};

/// Runs all phases and gathers their figures.
class consensus_play {
public:
  consensus_play(consensus_stage& stage, consensus_outcome& outcome)
    : stage_{stage},
      outcome_{outcome} {
    // nop
  }

  result<void> undisturbed() {
    const auto& plan = outcome_.plan;
    const auto period = static_cast<uint64_t>(plan.period.count());
    if (auto done
        = add({"free", true, false, plan.verdicts, period}, {}, {"free"});
        !done || plan.etcd.empty())
      return done;
    if (auto done = add({"consensus", false, true, plan.verdicts, period}, {},
                        {"consensus"});
        !done)
      return done;
    const auto metrics = stage_.metrics();
    const auto of = [&](const char* name) {
      const auto found = metrics.find(name);
      return found != metrics.end() ? found->second : 0.0;
    };
    const auto count = of("etcd_disk_wal_fsync_duration_seconds_count");
    if (count > 0)
      outcome_.fsync_ms
        = 1e3 * of("etcd_disk_wal_fsync_duration_seconds_sum") / count;
    return {};
  }

  result<void> disturbed() {
    auto& etcd = stage_.etcd();
    auto victim = size_t{0};
    const auto revive = [&] { return etcd.start(leader_patience); };
    const auto kill_leader
      = [&] { return to_leader([&](size_t leader) { etcd.kill(leader); }); };
    if (auto done = add(both("leader-killed"), {kill_leader, revive, true},
                        {"free", "consensus"});
        !done)
      return done;
    const auto kill_follower = [&] {
      return to_leader([&](size_t leader) {
        etcd.kill((leader + 1) % etcd_cluster::members);
      });
    };
    if (auto done = add(both("follower-killed"), {kill_follower, revive, true},
                        {"free", "consensus"});
        !done)
      return done;
    const auto part = [&] {
      return to_leader([&](size_t leader) {
        victim = leader;
        etcd.suspend(victim);
        etcd.suspend((victim + 1) % etcd_cluster::members);
      });
    };
    const auto join = [&]() -> result<void> {
      etcd.resume(victim);
      etcd.resume((victim + 1) % etcd_cluster::members);
      return {};
    };
    return add(both("no-quorum"), {part, join, false}, {"free", "consensus"});
  }

  result<void> parted() {
    auto& etcd = stage_.etcd();
    const auto part = [&]() -> result<void> {
      auto found = etcd.leader(leader_patience);
      return found ? etcd.isolate(*found) : result<void>{found.error()};
    };
    const auto join = [&] { return etcd.rejoin(); };
    return add(both("leader-parted"), {part, join, false},
               {"free", "consensus"});
  }

private:
  /// Finds the member that leads and does something to it.
  template <class Deed>
  result<void> to_leader(Deed deed) {
    auto found = stage_.etcd().leader(leader_patience);
    if (!found)
      return found.error();
    deed(*found);
    return {};
  }

  [[nodiscard]] phase_order both(const char* name) const {
    const auto& plan = outcome_.plan;
    const auto length = plan.until_broken * 2 + plan.broken_for;
    return {name, true, true, static_cast<size_t>(length / plan.period),
            static_cast<uint64_t>(plan.period.count())};
  }

  result<void> add(const phase_order& order, const disturbance& trouble,
                   const std::vector<std::string>& modes) {
    auto record = stage_.run(order, trouble);
    if (!record)
      return record.error();
    for (const auto& mode : modes)
      outcome_.figures.push_back(
        figures_of(*record, mode, outcome_.plan.guards));
    return {};
  }

  consensus_stage& stage_;
  consensus_outcome& outcome_;
};

} // namespace

result<consensus_outcome>
run_consensus(const consensus_plan& plan,
              const std::function<void(const std::string&)>& tell) {
  auto outcome = consensus_outcome{};
  outcome.plan = plan;
  outcome.processors = std::thread::hardware_concurrency();
  {
    auto stage = consensus_stage{plan, tell};
    if (auto done = stage.start(); !done)
      return done.error();
    auto play = consensus_play{stage, outcome};
    if (auto done = play.undisturbed(); !done)
      return done.error();
    if (plan.etcd.empty())
      return outcome;
    if (auto done = play.disturbed(); !done)
      return done.error();
  }
  auto stage = consensus_stage{plan, tell, true};
  if (auto done = stage.start(); !done)
    return done.error();
  if (auto done = consensus_play{stage, outcome}.parted(); !done)
    return done.error();
  return outcome;
}

} // namespace starling::deploy
