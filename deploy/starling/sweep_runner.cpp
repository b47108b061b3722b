#include "deploy/starling/sweep_runner.hpp"

#include "actors/experiment/dataset.hpp"
#include "actors/experiment/sweep_store.hpp"
#include "deploy/version.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace starling::cli {

namespace fs = std::filesystem;

namespace {

/// How often a run is tried.
constexpr size_t tries_max = 3;

/// Keeps a second sweep out of a folder for as long as it lives.
class folder_lock {
public:
  static result<folder_lock> take(const fs::path& folder) {
    const auto file = folder / ".lock";
    auto out
      = folder_lock{::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)};
    if (out.fd_ < 0)
      return failure{ec::file_error, file.string()
                                       + ": can't be written; choose another "
                                         "folder with --out"};
    if (::flock(out.fd_, LOCK_EX | LOCK_NB) != 0)
      return failure{ec::wrong_state,
                     folder.string()
                       + ": another sweep writes there; wait for "
                         "its end or choose another folder"};
    return out;
  }

  folder_lock(folder_lock&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)} {
    // nop
  }

  folder_lock& operator=(folder_lock&&) = delete;

  ~folder_lock() {
    if (fd_ >= 0)
      ::close(fd_);
  }

private:
  explicit folder_lock(int fd) : fd_{fd} {
    // nop
  }

  int fd_;
};

/// Whether the same run may go well another time: actors that were not quick
/// enough on a busy machine, or a node that went away.
bool may_pass(const result<void>& done) {
  const auto code = done.error().code;
  return code == ec::timed_out || code == ec::unreachable
         || code == ec::connection_closed;
}

/// Works off the runs of a plan in several threads.
class sweeper {
public:
  sweeper(const experiment::sweep_plan& plan, const sweep_request& asked,
          const experiment_runner& run,
          const std::function<void(size_t, size_t)>& tell)
    : plan_{plan},
      asked_{asked},
      run_{run},
      tell_{tell},
      store_{asked.out} {
    // nop
  }

  result<sweep_outcome> sweep() {
    if (auto done = store_.open(); !done)
      return done.error();
    const auto lock = folder_lock::take(asked_.out);
    if (!lock)
      return lock.error();
    if (auto done = find_open_runs(); !done)
      return done.error();
    const auto reused = plan_.runs.size() - open_.size();
    tell_(reused, plan_.runs.size());
    auto threads = std::vector<std::thread>{};
    for (size_t i = 0; i < std::min(asked_.jobs, open_.size()); ++i)
      threads.emplace_back([this, i] { work(i); });
    for (auto& thread : threads)
      thread.join();
    auto out = gather();
    if (out)
      out->reused = reused;
    return out;
  }

private:
  result<void> find_open_runs() {
    // All entities: some kinds of poison take rows of others.
    const auto entities = experiment::list_entities(asked_.data);
    if (!entities)
      return entities.error();
    const auto print = experiment::data_fingerprint(asked_.data, *entities);
    if (!print)
      return print.error();
    for (size_t i = 0; i < plan_.runs.size(); ++i) {
      ids_.push_back(
        experiment::run_id(plan_.runs[i].text, *print, deploy::version));
      if (asked_.fresh)
        if (auto done = store_.remove(ids_.back()); !done)
          return done;
      if (!store_.is_finished(ids_.back()))
        open_.push_back(i);
    }
    return {};
  }

  std::optional<size_t> take_next() {
    const auto guard = std::lock_guard{mutex_};
    if (next_ == open_.size() || failed_.size() >= failures_max)
      return std::nullopt;
    return open_[next_++];
  }

  void work(size_t worker) {
    while (auto index = take_next()) {
      auto done = run_one(*index, worker);
      for (size_t i = 1; i < tries_max && !done && may_pass(done); ++i)
        done = run_one(*index, worker);
      const auto guard = std::lock_guard{mutex_};
      if (!done)
        failed_.push_back({*index, done.error()});
      ++done_;
      tell_(plan_.runs.size() - open_.size() + done_, plan_.runs.size());
    }
  }

  result<void> run_one(size_t index, size_t worker) {
    const auto& what = plan_.runs[index];
    const auto folder = store_.begin(ids_[index]);
    if (!folder)
      return folder.error();
    auto job = run_experiment{};
    job.file = asked_.file.string();
    job.text = what.text;
    job.data_dir = asked_.data.string();
    job.out_dir = folder->string();
    if (auto done = run_(std::move(job), what.nodes, worker); !done)
      return done;
    auto ignored = std::error_code{};
    if (asked_.lean)
      for (const auto* file : {"scores.csv", "events.csv", "report.html"})
        fs::remove(*folder / file, ignored);
    return store_.finish(ids_[index], what.text);
  }

  result<sweep_outcome> gather() {
    auto out = sweep_outcome{};
    out.table.name = plan_.name;
    for (const auto& axis : plan_.axes)
      out.table.axes.push_back(axis.key);
    for (size_t i = 0; i < plan_.runs.size(); ++i) {
      if (!store_.is_finished(ids_[i]))
        continue;
      auto found = experiment::read_run(store_.folder(ids_[i]));
      if (!found)
        return found.error();
      const auto& what = plan_.runs[i];
      found->repeat = what.repeat;
      for (size_t k = 0; k < what.cell.size(); ++k)
        found->cell.push_back(plan_.axes[k].values[what.cell[k]]);
      out.table.runs.push_back(std::move(*found));
      auto ignored = std::error_code{};
      out.links.push_back(
        fs::exists(store_.folder(ids_[i]) / "report.html", ignored)
          ? fmt::format("runs/{}/report.html", ids_[i])
          : std::string{});
    }
    std::ranges::sort(failed_, {}, &failed_run::run);
    out.failed = std::move(failed_);
    return out;
  }

  const experiment::sweep_plan& plan_;
  const sweep_request& asked_;
  const experiment_runner& run_;
  const std::function<void(size_t, size_t)>& tell_;
  experiment::sweep_store store_;
  std::vector<std::string> ids_;
  /// Runs of the plan that are to be done.
  std::vector<size_t> open_;
  std::mutex mutex_;
  size_t next_ = 0;
  size_t done_ = 0;
  std::vector<failed_run> failed_;
};

} // namespace

result<sweep_outcome>
run_sweep(const experiment::sweep_plan& plan, const sweep_request& asked,
          const experiment_runner& run,
          const std::function<void(size_t, size_t)>& tell) {
  return sweeper{plan, asked, run, tell}.sweep();
}

} // namespace starling::cli
