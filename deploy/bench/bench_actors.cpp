#include "deploy/bench/bench_actors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace starling::deploy {

namespace {

template <class T>
using promise_ptr = std::shared_ptr<std::promise<caf::expected<T>>>;

/// Bytes that no compression makes smaller: what is measured is the way, not
/// how well the payload was chosen.
std::string payload_of(size_t size) {
  auto random = std::minstd_rand{1};
  auto result = std::string(size, '\0');
  for (auto& x : result)
    x = static_cast<char>(random() >> 8 & 0xff);
  return result;
}

/// One request after the other.
struct round_trip_state {
  std::vector<uint64_t> samples;
  uint64_t sent = 0;
  size_t warm_up_left = 0;

  void ask(caf::event_based_actor* self, const bench_actor& server,
           const std::string& payload, size_t count,
           promise_ptr<std::vector<uint64_t>> done) {
    sent = now_ns();
    self->request(server, caf::infinite, payload)
      .then(
        [=, this](const std::string&) {
          if (warm_up_left > 0)
            --warm_up_left;
          else
            samples.push_back(now_ns() - sent);
          if (samples.size() < count) {
            ask(self, server, payload, count, done);
            return;
          }
          done->set_value(std::move(samples));
          self->quit();
        },
        [=](caf::error& reason) {
          done->set_value(std::move(reason));
          self->quit();
        });
  }
};

caf::expected<std::vector<uint64_t>>
round_trips(caf::actor_system& system, const bench_actor& server,
            const bench_plan& plan, const bench_plan::messages& size) {
  using actor_type = caf::stateful_actor<round_trip_state>;
  auto done
    = std::make_shared<std::promise<caf::expected<std::vector<uint64_t>>>>();
  system.spawn([=](actor_type* self) {
    self->state.warm_up_left = plan.warm_up;
    self->state.samples.reserve(size.round_trips);
    self->state.ask(self, server, payload_of(size.payload), size.round_trips,
                    done);
  });
  return done->get_future().get();
}

/// As many messages at a time as the window allows.
struct one_way_state {
  uint64_t sent = 0;
  uint64_t reported = 0;
  uint64_t started = 0;

  void push(caf::event_based_actor* self, const bench_actor& server,
            const std::string& payload, uint64_t count) {
    const auto window = one_way_window(payload.size());
    for (; sent < count && sent - reported < window; ++sent)
      self->send(server, caf::put_atom_v, payload);
  }
};

caf::behavior one_way_sender(caf::stateful_actor<one_way_state>* self,
                             const bench_actor& server, std::string payload,
                             uint64_t count, promise_ptr<uint64_t> done) {
  const auto fail = [=](caf::error& reason) {
    done->set_value(std::move(reason));
    self->quit();
  };
  self->monitor(server);
  self->set_down_handler([=](caf::down_msg& msg) { fail(msg.reason); });
  self
    ->request(server, caf::infinite, caf::open_atom_v,
              one_way_window(payload.size()) / 4)
    .then(
      [=] {
        self->state.started = now_ns();
        self->state.push(self, server, payload, count);
      },
      fail);
  return {
    [=](caf::ok_atom, uint64_t received) {
      self->state.reported = received;
      if (received < count) {
        self->state.push(self, server, payload, count);
        return;
      }
      done->set_value(now_ns() - self->state.started);
      self->quit();
    },
  };
}

caf::expected<uint64_t> one_way(caf::actor_system& system,
                                const bench_actor& server, size_t payload,
                                uint64_t count) {
  auto done = std::make_shared<std::promise<caf::expected<uint64_t>>>();
  system.spawn(one_way_sender, server, payload_of(payload), count, done);
  return done->get_future().get();
}

} // namespace

bench_actor::behavior_type
bench_actor_behavior(bench_actor::stateful_pointer<bench_actor_state> self) {
  return {
    [](std::string& text) { return std::move(text); },
    [self](caf::open_atom, uint64_t report_each) {
      self->state.received = 0;
      self->state.report_each = std::max<uint64_t>(report_each, 1);
    },
    [self](caf::put_atom, const std::string&) {
      auto& state = self->state;
      if (++state.received % state.report_each == 0)
        caf::anon_send(caf::actor_cast<caf::actor>(self->current_sender()),
                       caf::ok_atom_v, state.received);
    },
  };
}

caf::expected<std::vector<figure>>
measure_messages(caf::actor_system& system, const bench_actor& server,
                 const bench_plan& plan, const std::string& who) {
  auto result = std::vector<figure>{};
  const auto add = [&result](std::vector<figure> found) {
    std::move(found.begin(), found.end(), std::back_inserter(result));
  };
  for (const auto& size : plan.sizes) {
    auto samples = round_trips(system, server, plan, size);
    if (!samples)
      return std::move(samples.error());
    add(latency_figures("round-trip", who, size.payload, std::move(*samples)));
  }
  for (const auto& size : plan.sizes) {
    // Whole reports only, or the last would never come.
    const auto report_each = one_way_window(size.payload) / 4;
    const auto count = size.one_way / report_each * report_each;
    auto spent = one_way(system, server, size.payload, count);
    if (!spent)
      return std::move(spent.error());
    add(rate_figures("one-way", who, size.payload, count, *spent));
  }
  return result;
}

caf::expected<std::vector<figure>>
measure_round_trips(caf::actor_system& system, const bench_actor& server,
                    const bench_plan& plan, const bench_plan::messages& size,
                    const std::string& what, const std::string& who) {
  auto samples = round_trips(system, server, plan, size);
  if (!samples)
    return std::move(samples.error());
  return latency_figures(what, who, size.payload, std::move(*samples));
}

} // namespace starling::deploy
