#pragma once

#include "actors/adversary/attack.hpp"

#include <functional>

namespace starling::adversary {

/// What parameters are set to.
using parameter_values = std::map<std::string_view, double>;

// Attacks of agents: what they do differs, what their nodes say is true.

/// Features that an attacker moves, and how far.
class push {
public:
  push(const parameter_values& values, uint64_t seed);

  /// Moves the features that the lot of `who` picks, by `part` of the strength.
  void move(uint64_t who, double part, const row_scene& scene,
            std::span<double> row) const;

private:
  double strength_;
  double features_;
  uint64_t seed_;
};

/// "slow-poison": a linear drift, then a plateau.
class slow_poison : public attack {
public:
  slow_poison(const parameter_values& values, uint64_t seed);

  void change_row(const row_scene& scene, std::span<double> row) const override;

private:
  push push_;
  double rows_;
};

/// "mimicry": hides among what honest agents do.
class mimicry : public attack {
public:
  mimicry(const parameter_values& values, uint64_t seed);

  void change_row(const row_scene& scene, std::span<double> row) const override;

private:
  push push_;
};

/// "on-off": each agent in its own rhythm.
class on_off : public attack {
public:
  on_off(const parameter_values& values, uint64_t seed);

  void change_row(const row_scene& scene, std::span<double> row) const override;

private:
  push push_;
  uint64_t on_;
  uint64_t period_;
  uint64_t seed_;
};

} // namespace starling::adversary
