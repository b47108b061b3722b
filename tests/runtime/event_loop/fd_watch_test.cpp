#include "runtime/event_loop/fd_watch.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/io/broker.hpp>
#include <caf/send.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace starling;
using namespace starling::event_loop;
using starling::test::deterministic_system;
using starling::test::network;

namespace {

/// What happened to a watcher, which may be gone.
struct record {
  std::string got;
  int writable = 0;
  bool destroyed = false;
};

/// Reads all that comes; does what its messages say.
class watcher : public caf::io::broker, private fd_owner {
public:
  watcher(caf::actor_config& cfg, int fd, record* out)
    : broker(cfg),
      fd_{fd},
      out_{out} {
    // nop
  }

  ~watcher() override {
    out_->destroyed = true;
  }

  caf::behavior make_behavior() override {
    watch_ = fd_watch{*loop_of(system()), fd_, *this, ctrl()};
    return {
      [this](caf::open_atom, bool read, bool write) {
        watch_.want_read(read);
        watch_.want_write(write);
      },
      [this](caf::close_atom) { watch_.close(); },
      // All before the loop has seen anything of it.
      [this](caf::reset_atom) {
        watch_.want_read(true);
        watch_.want_write(true);
        watch_.close();
      },
      [this](caf::flush_atom) {
        watch_.want_read(true);
        watch_.want_read(false);
      },
    };
  }

  void on_exit() override {
    watch_.close();
    broker::on_exit();
  }

private:
  void fd_readable() override {
    char buffer[100];
    const auto got = ::read(watch_.fd(), buffer, sizeof(buffer));
    if (got <= 0)
      watch_.close();
    else
      out_->got.append(buffer, static_cast<size_t>(got));
  }

  void fd_writable() override {
    ++out_->writable;
    watch_.want_write(false);
  }

  void fd_failed() override {
    watch_.close();
  }

  int fd_;
  record* out_;
  fd_watch watch_;
};

struct fixture {
  deterministic_system test{network::sockets};
  int fds[2];
  record log;
  caf::actor aut;

  fixture() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
    auto cfg = caf::actor_config{loop_of(test.sys())};
    aut = test.sys().spawn_impl<watcher, caf::no_spawn_options>(cfg, fds[0],
                                                                &log);
    test.run();
  }

  ~fixture() {
    ::close(fds[1]);
    caf::anon_send_exit(aut, caf::exit_reason::kill);
    aut = nullptr;
    test.run();
    CHECK(log.destroyed);
    CHECK(is_closed(fds[0]));
  }

  static bool is_closed(int fd) {
    return ::fcntl(fd, F_GETFD) < 0;
  }

  void put(std::string_view text) {
    CHECK(::send(fds[1], text.data(), text.size(), MSG_NOSIGNAL)
          == static_cast<ssize_t>(text.size()));
    test.run();
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/fd_watch");

TEST_CASE_FIXTURE(fixture, "nothing is read before it is wanted") {
  put("a");
  CHECK(log.got.empty());
  test.tell(aut, caf::open_atom_v, true, false);
  CHECK(log.got == "a");
  put("b");
  CHECK(log.got == "ab");
  test.tell(aut, caf::open_atom_v, false, false);
  put("c");
  CHECK(log.got == "ab");
}

TEST_CASE_FIXTURE(fixture, "room to write is reported while it is wanted") {
  CHECK(log.writable == 0);
  test.tell(aut, caf::open_atom_v, true, true);
  CHECK(log.writable == 1);
  test.tell(aut, caf::open_atom_v, false, true);
  CHECK(log.writable == 2);
}

TEST_CASE_FIXTURE(fixture, "a closed descriptor is closed in this round") {
  SUBCASE("never watched") {
    test.tell(aut, caf::close_atom_v);
  }
  SUBCASE("watched for reading") {
    test.tell(aut, caf::open_atom_v, true, false);
    test.tell(aut, caf::close_atom_v);
  }
  SUBCASE("watched for both") {
    caf::anon_send(aut, caf::open_atom_v, true, true);
    caf::anon_send(aut, caf::close_atom_v);
    test.run();
  }
  SUBCASE("before the loop knows of it") {
    test.tell(aut, caf::reset_atom_v);
  }
  SUBCASE("from inside its own event") {
    test.tell(aut, caf::open_atom_v, true, true);
    ::shutdown(fds[1], SHUT_RDWR);
    test.run();
  }
  CHECK(is_closed(fds[0]));
}

TEST_CASE_FIXTURE(fixture, "an actor that is not watching can go") {
  SUBCASE("having never watched") {
  }
  SUBCASE("having watched") {
    test.tell(aut, caf::open_atom_v, true, true);
    test.tell(aut, caf::open_atom_v, false, false);
  }
  SUBCASE("having changed its mind at once") {
    test.tell(aut, caf::flush_atom_v);
  }
  CHECK(!log.destroyed);
  aut = nullptr;
  test.run();
  CHECK(log.destroyed);
  CHECK(is_closed(fds[0]));
}

TEST_CASE_FIXTURE(fixture, "an actor that is watching stays") {
  test.tell(aut, caf::open_atom_v, true, false);
  auto weak = caf::actor_cast<caf::actor_addr>(aut);
  aut = nullptr;
  put("x");
  CHECK(log.got == "x");
  aut = caf::actor_cast<caf::actor>(weak);
  REQUIRE(aut);
}

TEST_CASE("a system without sockets has no loop for them") {
  deterministic_system none;
  CHECK(loop_of(none.sys()) == nullptr);
  deterministic_system simulated{network::simulated};
  CHECK(loop_of(simulated.sys()) == nullptr);
}

TEST_SUITE_END();
