#pragma once

#include "actors/link/memory_link.hpp"
#include "actors/link/memory_network.hpp"
#include "deploy/node/node.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/virtual_loop.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::test {

/// Nodes in one process, on one thread and on one virtual clock: real sessions,
/// real BASP, over links that the test can cut. The same seed gives the same
/// run.
class simulated_cluster {
public:
  using tweak_fun = std::function<void(size_t index, config::node_options&)>;
  using catalog_fun = std::function<void(actor_catalog&)>;
  /// Changes what a node is made from, after its options were tweaked: takes
  /// its certificate away, makes it a sponsor, ...
  using parts_fun = std::function<void(size_t index, deploy::node_parts&)>;
  using time_point = deterministic_system::time_point;

  struct member {
    explicit member(uint64_t seed);

    /// Whether there is nothing to do at this point in time.
    [[nodiscard]] bool is_idle() const {
      return !system.has_jobs() && loop->is_idle();
    }

    std::shared_ptr<identity::seeded_rng> rng;
    std::shared_ptr<identity::private_key> key;
    std::vector<audit_event> events;
    std::shared_ptr<actor_catalog> catalog = std::make_shared<actor_catalog>();
    // Its actors use the node until the system is gone.
    std::unique_ptr<deploy::node> node;
    deterministic_system system;
    virtual_loop* loop;
    transport_actor transport;
    audit_actor audit;
    std::string address;
  };

  simulated_cluster(size_t count, uint64_t seed, const catalog_fun& fill = {},
                    const tweak_fun& tweak = {}, const parts_fun& shape = {});

  ~simulated_cluster();

  simulated_cluster(const simulated_cluster&) = delete;
  simulated_cluster& operator=(const simulated_cluster&) = delete;

  [[nodiscard]] size_t size() const {
    return members_.size();
  }

  deploy::node& node(size_t index) {
    return *members_[index]->node;
  }

  deterministic_system& system(size_t index) {
    return members_[index]->system;
  }

  const std::string& address(size_t index) const {
    return members_[index]->address;
  }

  const std::vector<audit_event>& events(size_t index) const {
    return members_[index]->events;
  }

  link::memory_network& network() {
    return network_;
  }

  [[nodiscard]] const identity::private_key& cluster_key() const {
    return cluster_key_;
  }

  /// Makes a node a member in the name of the cluster, for a year.
  identity::membership certify(const peer_id& subject, std::string name,
                               bool may_sponsor = false);

  /// Time as people read it, at the present point of virtual time.
  [[nodiscard]] std::chrono::system_clock::time_point wall_clock() {
    return epoch_
           + std::chrono::duration_cast<std::chrono::system_clock::duration>(
             now().time_since_epoch());
  }

  /// The identity of a node in each cluster with that seed.
  static identity::private_key key_of(uint64_t seed, size_t index);

  static std::string name_of(size_t index) {
    return "n" + std::to_string(index);
  }

  /// Handles messages until all nodes are idle.
  void run();

  void advance(std::chrono::nanoseconds duration);

  [[nodiscard]] time_point now() {
    return members_.front()->system.now();
  }

  /// Sends a request from one node and lets time pass until the answer is
  /// there, at most a minute.
  template <class Result, class Handle, class... Ts>
  caf::expected<Result>
  ask(size_t from, const Handle& receiver, Ts&&... content) {
    auto asker = caf::scoped_actor{members_[from]->system.sys()};
    auto pending
      = asker->request(receiver, caf::infinite, std::forward<Ts>(content)...);
    const auto end = now() + std::chrono::minutes{1};
    run();
    while (!asker->has_next_message() && now() < end)
      advance(std::chrono::milliseconds{10});
    if (!asker->has_next_message())
      return caf::make_error(caf::sec::request_timeout);
    auto result = caf::expected<Result>{caf::sec::none};
    pending.receive([&](Result& value) { result = std::move(value); },
                    [&](caf::error& reason) { result = std::move(reason); });
    return result;
  }

private:
  static uint64_t seed_of(uint64_t seed, size_t index) {
    return seed * 1'000 + index;
  }

  void add(size_t index, uint64_t seed, const catalog_fun& fill,
           const tweak_fun& tweak, const parts_fun& shape);

  std::optional<time_point> next_due();

  void advance_to(time_point when);

  const std::chrono::system_clock::time_point epoch_{
    std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  link::memory_network network_;
  link::memory_exchange exchange_;
  identity::seeded_rng cluster_rng_;
  identity::private_key cluster_key_;
  std::vector<std::unique_ptr<member>> members_;
};

} // namespace starling::test
