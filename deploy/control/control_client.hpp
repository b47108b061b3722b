#pragma once

#include "deploy/control/request.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

namespace starling::control {

/// Talks to the control interface of one node. Errors of all calls: those of
/// the node, and unreachable when it doesn't answer.
class control_client {
public:
  explicit control_client(std::filesystem::path socket,
                          std::chrono::seconds timeout
                          = std::chrono::seconds{60})
    : socket_{std::move(socket)},
      timeout_{timeout} {
    // nop
  }

  [[nodiscard]] result<json> get(const std::string& path) const;

  [[nodiscard]] result<json> post(const std::string& path,
                                  const json& body) const;

  /// Starts a long job; calls `news` for each line but the last, which is
  /// returned. `silence_max` bounds the time between two lines.
  [[nodiscard]] result<json> run(const std::string& path, const json& body,
                                 const std::function<void(const json&)>& news,
                                 std::chrono::seconds silence_max
                                 = std::chrono::seconds{120}) const;

  /// Returns the body of a page that is no JSON, such as /metrics.
  [[nodiscard]] result<std::string> text(const std::string& path) const;

  [[nodiscard]] bool is_alive() const;
  [[nodiscard]] bool is_ready() const;

  [[nodiscard]] const std::filesystem::path& socket() const {
    return socket_;
  }

private:
  std::filesystem::path socket_;
  std::chrono::seconds timeout_;
};

} // namespace starling::control
