#include "runtime/resources/cgroup.hpp"

#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace starling::resources {

namespace {

namespace fs = std::filesystem;

/// Microseconds over which the kernel counts processor time; its default.
constexpr uint64_t period = 100'000;
constexpr uint64_t quota_min = 1'000;

bool says_delegated(const fs::path& group) {
  for (const auto* name : {"user.delegate", "trusted.delegate"}) {
    auto value = char{0};
    if (::getxattr(group.c_str(), name, &value, 1) == 1 && value == '1')
      return true;
  }
  return false;
}

/// The kernel takes such a file in one write, and answers when it is flushed.
bool put(const fs::path& file, std::string_view text) {
  auto out = std::ofstream{file};
  out << text << std::flush;
  return out.good();
}

result<fs::path> find_group(const cgroup_places& places) {
  auto in = std::ifstream{places.own};
  constexpr auto unified = std::string_view{"0::/"};
  for (auto line = std::string{}; std::getline(in, line);)
    if (line.starts_with(unified))
      return places.mount / line.substr(unified.size());
  return failure{ec::wrong_state,
                 places.own.string() + ": no control group of version 2"};
}

bool lives_alone(const fs::path& group, int64_t pid) {
  auto in = std::ifstream{group / "cgroup.procs"};
  auto alone = false;
  for (auto each = int64_t{0}; in >> each;) {
    if (each != pid)
      return false;
    alone = true;
  }
  return alone;
}

} // namespace

cgroup_places own_cgroup() {
  auto result = cgroup_places{};
  result.is_delegated = says_delegated;
  result.pid = ::getpid();
  return result;
}

result<fs::path> confine(const cgroup_limits& limits,
                         const cgroup_places& places) {
  auto group = find_group(places);
  if (!group)
    return group.error();
  if (!places.is_delegated(*group))
    return failure{ec::permission_denied,
                   group->string() + ": the group is not delegated"};
  if (!lives_alone(*group, places.pid))
    return failure{ec::wrong_state,
                   group->string() + ": other processes live in the group"};
  const auto below = *group / "starling-node";
  auto code = std::error_code{};
  fs::create_directory(below, code);
  const auto pid = std::to_string(places.pid);
  const auto quota
    = std::max(quota_min, static_cast<uint64_t>(limits.cpu * limits.processors
                                                * static_cast<double>(period)));
  if (!code && put(below / "cgroup.procs", pid)
      && put(*group / "cgroup.subtree_control", "+cpu +memory")
      && put(below / "cpu.max",
             std::to_string(quota) + " " + std::to_string(period))
      && put(below / "memory.high", std::to_string(limits.memory)))
    return below;
  // Without controllers below, the group takes processes again.
  put(*group / "cgroup.subtree_control", "-cpu -memory");
  put(*group / "cgroup.procs", pid);
  return failure{ec::file_error, below.string() + ": the kernel refuses"};
}

} // namespace starling::resources
