#include "deploy/consensus/etcd_cluster.hpp"

#include "deploy/consensus/member_wires.hpp"
#include "runtime/event_loop/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace starling::deploy {

namespace {

namespace fs = std::filesystem;

constexpr auto answer_patience = std::chrono::milliseconds{500};

/// A port that nobody listens on now.
uint16_t free_port() {
  auto probe = event_loop::unique_fd{::socket(AF_INET, SOCK_STREAM, 0)};
  auto address = sockaddr_in{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto size = socklen_t{sizeof(address)};
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(probe.get(), any, size) != 0
      || ::getsockname(probe.get(), any, &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

[[noreturn]] void become(const std::vector<std::string>& arguments,
                         const fs::path& log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(1);
  const auto output
    = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  auto words = std::vector<char*>{};
  for (const auto& word : arguments)
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(words.front(), words.data());
  ::_exit(127);
}

} // namespace

fs::path find_program(const std::string& name) {
  const auto runs
    = [](const fs::path& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos)
    return runs(name) ? fs::path{name} : fs::path{};
  const auto* variable = std::getenv("PATH");
  auto places = std::string_view{variable != nullptr ? variable : "/usr/bin"};
  while (!places.empty()) {
    const auto end = std::min(places.find(':'), places.size());
    auto path = fs::path{places.substr(0, end)} / name;
    if (runs(path))
      return path;
    places.remove_prefix(std::min(end + 1, places.size()));
  }
  return {};
}

etcd_cluster::etcd_cluster(fs::path program, fs::path folder, bool on_wires)
  : program_{std::move(program)},
    folder_{std::move(folder)},
    on_wires_{on_wires} {
  for (size_t i = 0; i < members; ++i) {
    ports_[i] = free_port();
    peer_ports_[i] = free_port();
    named_ports_[i] = on_wires ? free_port() : peer_ports_[i];
  }
}

etcd_cluster::~etcd_cluster() {
  for (size_t i = 0; i < members; ++i)
    end(i, SIGKILL);
}

result<void> etcd_cluster::start(std::chrono::seconds patience) {
  if (on_wires_ && !wires_)
    if (auto done = start_wires(std::chrono::steady_clock::now() + patience);
        !done)
      return done;
  for (size_t i = 0; i < members; ++i)
    if (pids_[i] < 0)
      if (auto done = start_one(i); !done)
        return done;
  if (auto found = leader(patience); !found)
    return found.error();
  return {};
}

result<void>
etcd_cluster::start_wires(std::chrono::steady_clock::time_point deadline) {
  auto wires = std::vector<member_wire>{};
  for (size_t i = 0; i < members; ++i)
    wires.push_back({named_ports_[i], peer_ports_[i]});
  auto child
    = commanded_child::start([wires](const auto& say, const auto& listen) {
        serve_wires(wires, say, listen);
      });
  if (!child)
    return child.error();
  wires_.emplace(std::move(*child));
  auto line = wires_->next_line(deadline);
  if (!line)
    return line.error();
  if (*line != "ready")
    return failure{ec::wrong_state, *line};
  return {};
}

result<void> etcd_cluster::order_wires(const std::string& what) {
  if (auto done = wires_->tell(what); !done)
    return done;
  auto line
    = wires_->next_line(std::chrono::steady_clock::now() + answer_patience);
  if (!line)
    return line.error();
  return {};
}

result<void> etcd_cluster::isolate(size_t index) {
  return order_wires(fmt::format("isolate {}", index));
}

result<void> etcd_cluster::rejoin() {
  return order_wires("join");
}

result<void> etcd_cluster::start_one(size_t index) {
  const auto url
    = [](uint16_t port) { return fmt::format("http://127.0.0.1:{}", port); };
  auto all = std::string{};
  for (size_t i = 0; i < members; ++i)
    all += fmt::format("{}m{}={}", i > 0 ? "," : "", i, url(named_ports_[i]));
  const auto name = fmt::format("m{}", index);
  const auto arguments = std::vector<std::string>{
    program_.string(),
    "--name=" + name,
    "--data-dir=" + (folder_ / name).string(),
    "--listen-client-urls=" + url(ports_[index]),
    "--advertise-client-urls=" + url(ports_[index]),
    "--listen-peer-urls=" + url(peer_ports_[index]),
    "--initial-advertise-peer-urls=" + url(named_ports_[index]),
    "--initial-cluster=" + all,
    "--initial-cluster-state=new",
    "--logger=zap",
    "--log-level=warn"};
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid < 0)
    return failure{ec::limit_reached,
                   "no process for etcd: " + event_loop::errno_text(errno)};
  if (pid == 0)
    become(arguments, folder_ / (name + ".log"), parent);
  pids_[index] = pid;
  return {};
}

void etcd_cluster::kill(size_t index) {
  end(index, SIGKILL);
}

void etcd_cluster::suspend(size_t index) {
  if (pids_[index] > 0)
    ::kill(pids_[index], SIGSTOP);
}

void etcd_cluster::resume(size_t index) {
  if (pids_[index] > 0)
    ::kill(pids_[index], SIGCONT);
}

result<size_t> etcd_cluster::leader(std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    for (size_t i = 0; i < members; ++i) {
      auto client = etcd_client{ports_[i], answer_patience};
      if (auto found = client.leads(); found && *found)
        return i;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return failure{ec::timed_out,
                 fmt::format("etcd: no member leads after {} s; see {}/*.log",
                             patience.count(), folder_.string())};
}

std::map<std::string, double> etcd_cluster::metrics() const {
  auto result = std::map<std::string, double>{};
  for (auto port : ports_) {
    auto client = etcd_client{port, answer_patience};
    if (auto found = client.metrics())
      for (const auto& [name, value] : *found)
        result[name] += value;
  }
  return result;
}

void etcd_cluster::end(size_t index, int signal) {
  auto& pid = pids_[index];
  if (pid <= 0)
    return;
  ::kill(pid, signal);
  ::waitpid(pid, nullptr, 0);
  pid = -1;
}

} // namespace starling::deploy
