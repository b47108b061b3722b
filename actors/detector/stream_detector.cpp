#include "actors/detector/stream_detector.hpp"

#include "runtime/outlive_refusals.hpp"
#include "runtime/plugin/settings_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

namespace starling::detector {

namespace {

constexpr size_t baselines_max = 16;
constexpr size_t listeners_max = 16;
constexpr auto seed_max = uint64_t{std::numeric_limits<int64_t>::max()};
constexpr size_t subject_bytes_max = 256;

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

result<row_judge> make_judge(const stream_detector_options& opts) {
  if (!opts.own)
    return row_judge::make(opts.scorer, opts.scoring, opts.calibration);
  auto scoring = opts.scoring;
  scoring.smoothing_rows = std::max(scoring.smoothing_rows, 0.0);
  auto made = opts.own->make(scoring, opts.own_options);
  if (!made)
    return made.error();
  return row_judge::make(std::move(*made), opts.calibration);
}

std::span<const double> row_of(const behaviour_rows& msg, size_t index) {
  return std::span{msg.values}.subspan(index * msg.features, msg.features);
}

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<stream_detector_options>
read_options(const caf::settings& input,
             std::shared_ptr<const detector_type> own) {
  auto result = stream_detector_options{};
  auto features = uint64_t{0};
  const auto type = own ? std::string_view{own->name} : "detector";
  auto in = settings_reader{type, input};
  if (own) {
    result.scorer = own->name;
    for (const auto& key : own->options) {
      in.leave(key);
      if (auto found = input.find(key); found != input.end())
        result.own_options[key] = found->second;
    }
  } else {
    in.read("scorer", result.scorer);
  }
  in.read("features", features, 1, scorer::features_max)
    .read("baselines", result.baselines)
    .read("explain_above", result.explain_above, 0.0, 1.0)
    .read("smoothing_rows", result.scoring.smoothing_rows, -1.0, 1e6)
    .read("seed", result.scoring.seed, 0, seed_max)
    .read("half_life_rows", result.calibration.half_life_rows, 64.0, 1e6)
    .read("horizon_rows", result.calibration.horizon_rows, 1.0, 1e4)
    .read("alarm_above", result.calibration.alarm_above, 0.0, 1.0)
    .read("alarm_weight", result.calibration.alarm_weight, 0.0, 1.0);
  if (auto failed = in.finish())
    return failed;
  if (features == 0)
    return caf::make_error(ec::invalid_option,
                           "detector: option 'features' is missing; give the "
                           "length of a row");
  if (result.baselines.size() > baselines_max)
    return caf::make_error(ec::invalid_option,
                           fmt::format("detector: {} baselines, at most {}",
                                       result.baselines.size(), baselines_max));
  result.scoring.features = features;
  result.own = std::move(own);
  return result;
}

// -- messages -----------------------------------------------------------------

stream_detector_state::stream_detector_state(detector_actor::pointer self,
                                             stream_detector_options opts)
  : self_{self},
    opts_{std::move(opts)} {
  // nop
}

detector_actor::behavior_type stream_detector_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (down.source == owner_)
      self_->quit(caf::exit_reason::user_shutdown);
  });
  return {
    [this](const detector_start& msg) { return start(msg); },
    [this](const behaviour_rows& msg) { return take(msg); },
    [this](const query_detector&) { return status(); },
  };
}

caf::result<void> stream_detector_state::start(const detector_start& msg) {
  if (msg.subject.empty() || msg.subject.size() > subject_bytes_max)
    return caf::make_error(
      ec::invalid_option,
      fmt::format("a detector's subject has 1 to {} bytes", subject_bytes_max));
  if (msg.listeners.size() > listeners_max)
    return caf::make_error(
      ec::invalid_option,
      fmt::format("a detector has at most {} listeners", listeners_max));
  if (auto failed = renew())
    return failed;
  subject_ = msg.subject;
  listeners_ = msg.listeners;
  next_ = 0;
  learned_ = 0;
  scored_ = 0;
  last_level_ = 0.0;
  if (msg.owner && msg.owner->address() != owner_) {
    owner_ = msg.owner->address();
    self_->monitor(owner_);
  }
  return caf::unit;
}

caf::result<rows_taken> stream_detector_state::take(const behaviour_rows& msg) {
  if (auto failed = check(msg))
    return failed;
  // Heard before: whoever streams began anew.
  if (msg.first + msg.rows() <= next_)
    return rows_taken{next_};
  if (msg.first != next_)
    return caf::make_error(ec::wrong_state,
                           fmt::format("detector of '{}' expects row {}, got "
                                       "rows from {}",
                                       subject_, next_, msg.first));
  next_ += msg.rows();
  if (msg.training) {
    learn(msg);
    return rows_taken{next_};
  }
  return report(score(msg));
}

caf::error stream_detector_state::check(const behaviour_rows& msg) const {
  if (subject_.empty())
    return caf::make_error(ec::wrong_state,
                           "detector: rows before `detector_start`");
  const auto width = opts_.scoring.features;
  if (msg.features != width || msg.values.empty()
      || msg.values.size() % width != 0 || msg.rows() > batch_rows_max)
    return caf::make_error(
      ec::malformed_input,
      fmt::format("detector of '{}' takes 1 to {} rows of {} features; got {} "
                  "values in rows of {}",
                  subject_, batch_rows_max, width, msg.values.size(),
                  msg.features));
  if (msg.training && scored_ > 0 && msg.first >= next_)
    return caf::make_error(ec::wrong_state,
                           fmt::format("detector of '{}': training rows after "
                                       "others",
                                       subject_));
  return {};
}

void stream_detector_state::learn(const behaviour_rows& msg) {
  for (size_t i = 0; i < msg.rows(); ++i) {
    const auto row = row_of(msg, i);
    judge_->learn(row);
    for (auto& baseline : baselines_)
      baseline->learn(row);
  }
  learned_ += msg.rows();
}

score_batch stream_detector_state::score(const behaviour_rows& msg) {
  auto batch = score_batch{};
  batch.subject = subject_;
  batch.first = scored_;
  batch.last = msg.last;
  batch.scores.reserve(msg.rows());
  batch.levels.reserve(msg.rows());
  if (scored_ == 0)
    settle();
  const auto begin = self_->clock().now();
  for (size_t i = 0; i < msg.rows(); ++i) {
    const auto now = judge_->judge(row_of(msg, i));
    batch.scores.push_back(now.score);
    last_level_ = now.level;
    batch.levels.push_back(last_level_);
    if (last_level_ <= opts_.explain_above)
      continue;
    auto& found = batch.evidence.emplace_back();
    found.row = scored_ + i;
    const auto& expert = judge_->expert();
    for (const auto& part : expert.explain()) {
      const auto value = row_of(msg, i)[part.feature];
      const auto usual = expert.usual(part.feature);
      found.parts.push_back({static_cast<uint32_t>(part.feature), part.share,
                             value, usual.middle,
                             (value - usual.middle) / usual.deviation});
    }
  }
  batch.nanoseconds
    = static_cast<uint64_t>((self_->clock().now() - begin).count());
  score_with_baselines(msg, batch);
  scored_ += msg.rows();
  return batch;
}

void stream_detector_state::settle() {
  judge_->settle();
  for (auto& baseline : baselines_)
    baseline->settle();
}

void stream_detector_state::score_with_baselines(const behaviour_rows& msg,
                                                 score_batch& batch) {
  for (auto& baseline : baselines_) {
    auto& scores = batch.baselines.emplace_back();
    scores.reserve(msg.rows());
    const auto begin = self_->clock().now();
    for (size_t i = 0; i < msg.rows(); ++i)
      scores.push_back(baseline->score(row_of(msg, i)));
    batch.baseline_nanoseconds.push_back(
      static_cast<uint64_t>((self_->clock().now() - begin).count()));
  }
}

/// Answers when all listeners have: whoever streams goes at the pace of the
/// slowest.
caf::result<rows_taken>
stream_detector_state::report(const score_batch& batch) {
  if (listeners_.empty())
    return rows_taken{next_};
  auto answer = self_->make_response_promise<rows_taken>();
  auto waiting = std::make_shared<size_t>(listeners_.size());
  for (const auto& listener : listeners_)
    self_->request(listener, caf::infinite, batch)
      .then(
        [answer, waiting, next = next_]() mutable {
          if (--*waiting == 0)
            answer.deliver(rows_taken{next});
        },
        [answer](caf::error& reason) mutable {
          answer.deliver(std::move(reason));
        });
  return answer;
}

detector_status stream_detector_state::status() const {
  const auto bytes = judge_ ? judge_->state_bytes() : 0;
  return {subject_, opts_.scorer, learned_, scored_, last_level_, bytes};
}

caf::error stream_detector_state::renew() {
  auto made = make_judge(opts_);
  if (!made)
    return to_error(made.error());
  auto others = std::vector<std::unique_ptr<scorer>>{};
  for (const auto& which : opts_.baselines) {
    auto other = make_scorer(
      which, {.features = opts_.scoring.features, .seed = opts_.scoring.seed});
    if (!other)
      return to_error(other.error());
    others.push_back(std::move(*other));
  }
  judge_.emplace(std::move(*made));
  baselines_ = std::move(others);
  return {};
}

// -- catalog ------------------------------------------------------------------

namespace {

/// What all detectors take, see `read_options`.
constexpr auto common_options = std::array<std::string_view, 9>{
  "features",       "baselines",      "explain_above",
  "smoothing_rows", "half_life_rows", "horizon_rows",
  "alarm_above",    "alarm_weight",   "seed"};

caf::expected<detector_actor>
spawn_detector(node_context& node, const caf::settings& input,
               std::shared_ptr<const detector_type> own) {
  auto opts = read_options(input, std::move(own));
  if (!opts)
    return std::move(opts.error());
  // Who knows the seed knows which training rows to spoil.
  if (!input.contains("seed") && node.fresh_seed)
    opts->scoring.seed = node.fresh_seed();
  // A wrong name shall fail here, not at the first row.
  for (const auto& which : opts->baselines)
    if (auto made = make_scorer(which, opts->scoring); !made)
      return to_error(made.error());
  if (auto made = make_judge(*opts); !made)
    return to_error(made.error());
  using impl = detector_actor::stateful_impl<stream_detector_state>;
  return node.system->spawn<impl>(std::move(*opts));
}

caf::error check(const detector_type& type) {
  if (!type.make)
    return caf::make_error(
      ec::invalid_option,
      fmt::format("detector type '{}' has no factory", type.name));
  if (std::ranges::find(names(), type.name) != names().end())
    return caf::make_error(
      ec::invalid_option,
      fmt::format("detector type '{}': a bundled scorer has that name; choose "
                  "another one",
                  type.name));
  for (const auto& key : type.options)
    if (std::ranges::find(common_options, key) != common_options.end())
      return caf::make_error(
        ec::invalid_option,
        fmt::format("detector type '{}': all detectors have an option '{}'; "
                    "choose another name",
                    type.name, key));
  return {};
}

} // namespace

caf::error add_detector(actor_catalog& catalog, detector_type type,
                        uint32_t abi) {
  if (abi != detector_abi)
    return caf::make_error(
      ec::incompatible_plugin,
      fmt::format("detector type '{}' was built for scorers of version {}, "
                  "this program has {}; build the plugin again",
                  type.name, abi, detector_abi));
  if (auto failed = check(type))
    return failed;
  auto own = std::make_shared<const detector_type>(std::move(type));
  return catalog.add<detector_actor>(
    own->name,
    fmt::format("{}; options: {}{}{}", own->description,
                fmt::join(own->options, ", "), own->options.empty() ? "" : ", ",
                fmt::join(common_options, ", ")),
    [own](node_context& node, const caf::settings& input) {
      return spawn_detector(node, input, own);
    });
}

caf::error add_stream_detector(actor_catalog& catalog) {
  return catalog.add<detector_actor>(
    "detector",
    fmt::format("scores how strange one agent behaves; options: scorer, {}",
                fmt::join(common_options, ", ")),
    [](node_context& node, const caf::settings& input) {
      return spawn_detector(node, input, nullptr);
    });
}

} // namespace starling::detector
