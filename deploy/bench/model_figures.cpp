#include "deploy/bench/model_figures.hpp"

#include "actors/detector/scorer.hpp"
#include "runtime/session/secure_session.hpp"

#include <botan/auto_rng.h>

#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace starling::deploy {

namespace {

constexpr auto who = "starling";

struct open_door : session::admission {
  result<session::admitted> admit(const identity::public_key&,
                                  std::span<const uint8_t>,
                                  session::role) override {
    return session::admitted{};
  }
};

struct deaf_ear : session::session_events {
  void on_established(const session::peer_info&) override {
    // nop
  }

  void on_payload(std::span<const uint8_t>) override {
    // nop
  }

  void on_closed() override {
    // nop
  }
};

/// Two nodes with identities and TLS keys of their own.
class session_pair {
public:
  explicit session_pair(uint16_t group) {
    for (auto i = size_t{0}; i < 2; ++i) {
      keys_.push_back(identity::private_key::generate(*rng_));
      contexts_[i] = std::make_shared<session::session_context>();
      contexts_[i]->rng = rng_;
      contexts_[i]->policy = &door_;
      contexts_[i]->tls_key = session::make_tls_key(*rng_);
      contexts_[i]->options.groups = {group};
    }
    contexts_[0]->key = &keys_[0];
    contexts_[1]->key = &keys_[1];
  }

  result<void> shake_hands() {
    const auto now = std::chrono::steady_clock::time_point{};
    using session::role;
    auto a = session::secure_session{role::initiator, contexts_[0],
                                     keys_[1].id(), now};
    auto b = session::secure_session{role::responder, contexts_[1],
                                     std::nullopt, now};
    auto ear = deaf_ear{};
    if (auto ok = a.start(); !ok)
      return ok;
    if (auto ok = b.start(); !ok)
      return ok;
    while (!a.output().empty() || !b.output().empty()) {
      if (auto ok = b.receive(std::exchange(a.output(), {}), now, ear); !ok)
        return ok;
      if (auto ok = a.receive(std::exchange(b.output(), {}), now, ear); !ok)
        return ok;
    }
    return {};
  }

private:
  std::shared_ptr<Botan::RandomNumberGenerator> rng_
    = std::make_shared<Botan::AutoSeeded_RNG>();
  open_door door_;
  std::vector<identity::private_key> keys_;
  std::shared_ptr<session::session_context> contexts_[2];
};

/// Noise whose features differ in scale and drift slowly, as counters do.
std::vector<std::vector<double>> generated_rows(size_t count) {
  auto random = std::mt19937_64{42};
  auto noise = std::normal_distribution<double>{};
  auto result = std::vector<std::vector<double>>{};
  for (auto t = size_t{0}; t < count; ++t) {
    auto& row = result.emplace_back();
    for (auto i = size_t{0}; i < 38; ++i)
      row.push_back(std::pow(10.0, static_cast<double>(i % 5))
                    * (noise(random) + std::sin(static_cast<double>(t) / 500)));
  }
  return result;
}

} // namespace

result<std::vector<figure>> measure_session_model(const bench_plan& plan) {
  auto result = std::vector<figure>{};
  for (auto [name, group] :
       {std::pair{"SECP384R1_ML_KEM_1024", session::secp384r1_ml_kem_1024},
        {"X25519_ML_KEM_768", session::x25519_ml_kem_768}}) {
    auto pair = session_pair{group};
    // The first one also fills caches and tables.
    if (auto ok = pair.shake_hands(); !ok)
      return ok.error();
    const auto began = now_ns();
    for (auto i = size_t{0}; i < plan.handshakes; ++i)
      if (auto ok = pair.shake_hands(); !ok)
        return ok.error();
    for (auto& x : rate_figures(std::string{"handshakes in memory "} + name,
                                who, 0, plan.handshakes, now_ns() - began))
      result.push_back(std::move(x));
  }
  return result;
}

result<std::vector<figure>> measure_detectors(const bench_plan& plan) {
  const auto rows = generated_rows(plan.vectors);
  auto result = std::vector<figure>{};
  for (auto name : detector::names()) {
    auto scorer = detector::make_scorer(name, {.features = 38});
    if (!scorer)
      return scorer.error();
    const auto learned = rows.size() / 4;
    for (auto i = size_t{0}; i < learned; ++i)
      (*scorer)->learn(rows[i]);
    const auto began = now_ns();
    for (auto i = learned; i < rows.size(); ++i)
      (*scorer)->score(rows[i]);
    const auto spent = static_cast<double>(now_ns() - began);
    result.push_back(
      {"scoring a vector of 38, " + std::string{name}, who, 0, "us",
       spent / 1e3 / static_cast<double>(rows.size() - learned), std::nullopt});
  }
  return result;
}

} // namespace starling::deploy
