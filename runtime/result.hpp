#pragma once

#include "messages/error_code.hpp"

#include <cassert>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace starling {

/// Why something failed: a code for programs, a sentence for people. The text
/// names the thing, the place and, where there is one, the remedy.
struct failure {
  ec code = ec::wrong_state;
  std::string text;
};

/// A value, or why there is none. What models return; actors turn a `failure`
/// into a `caf::error`.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_{std::in_place_index<0>, std::move(value)} {
    // nop
  }

  result(failure reason) : content_{std::in_place_index<1>, std::move(reason)} {
    // nop
  }

  explicit operator bool() const noexcept {
    return content_.index() == 0;
  }

  T& operator*() {
    assert(*this);
    return *std::get_if<0>(&content_);
  }

  const T& operator*() const {
    assert(*this);
    return *std::get_if<0>(&content_);
  }

  T* operator->() {
    return &**this;
  }

  const T* operator->() const {
    return &**this;
  }

  /// @pre there is no value.
  const failure& error() const {
    assert(!*this);
    return *std::get_if<1>(&content_);
  }

private:
  std::variant<T, failure> content_;
};

/// Success, or why not.
template <>
class [[nodiscard]] result<void> {
public:
  result() = default;

  result(failure reason) : reason_{std::move(reason)} {
    // nop
  }

  explicit operator bool() const noexcept {
    return !reason_;
  }

  /// @pre it failed.
  const failure& error() const {
    assert(reason_);
    return *reason_;
  }

private:
  std::optional<failure> reason_;
};

} // namespace starling
