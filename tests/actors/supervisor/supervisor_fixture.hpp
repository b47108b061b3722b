#pragma once

#include "actors/supervisor/tree_supervisor.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace starling::test {

/// A node with a catalog of actors that fail in all ways there are.
struct supervisor_fixture {
  deterministic_system test;
  actor_catalog catalog;
  node_context node;
  /// What happened, in order: "+a" started, "-a" ended.
  std::vector<std::string> log;
  /// How many of the next starts of a "worker" fail.
  int failing_starts = 0;
  std::vector<child_restarted> restarts;
  std::vector<caf::actor> to_end;
  supervisor_actor uut;

  supervisor_fixture() {
    node.system = &test.sys();
    REQUIRE(!supervisor::add_tree_supervisor(catalog));
    add_types();
  }

  ~supervisor_fixture() {
    for (auto& one : to_end)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    to_end.clear();
    restarts.clear();
    uut = nullptr;
    test.run();
  }

  void add_types() {
    REQUIRE(!catalog.add<caf::actor>(
      "worker", "does what its messages say; options: name, slow, deaf",
      [this](node_context&,
             const caf::settings& options) -> caf::expected<caf::actor> {
        for (const auto& [key, value] : options)
          if (key != "name" && key != "slow" && key != "deaf")
            return caf::make_error(ec::invalid_option, key);
        if (failing_starts > 0) {
          --failing_starts;
          return caf::make_error(ec::file_error, "no disk");
        }
        auto name = caf::get_or(options, "name", "x");
        log.push_back("+" + name);
        return test.sys().spawn(worker, this, name,
                                caf::get_or(options, "slow", false),
                                caf::get_or(options, "deaf", false));
      }));
  }

  static caf::behavior worker(caf::event_based_actor* self,
                              supervisor_fixture* in, const std::string& name,
                              bool slow, bool deaf) {
    self->attach_functor([in, name] { in->log.push_back("-" + name); });
    if (slow)
      self->set_exit_handler([self](caf::exit_msg& msg) {
        self->run_delayed(std::chrono::seconds{1},
                          [self, reason = msg.reason] { self->quit(reason); });
      });
    if (deaf)
      self->set_exit_handler([](caf::exit_msg&) {});
    return {
      // Throws.
      [](caf::reset_atom) -> int { throw std::runtime_error{"boom"}; },
      // Quits with an error, or without.
      [self](caf::close_atom, const caf::error& reason) { self->quit(reason); },
      [](caf::get_atom) { return 42; },
    };
  }

  supervisor_actor spawn(caf::settings options = {}) {
    auto actor = catalog.spawn("supervisor", node, options);
    REQUIRE(actor);
    uut = caf::actor_cast<supervisor_actor>(*actor);
    to_end.push_back(caf::actor_cast<caf::actor>(*actor));
    test.run();
    return uut;
  }

  static start_child spec(const std::string& name, caf::settings options = {}) {
    options.emplace("name", name);
    return {name, "worker", std::move(options)};
  }

  void start(const std::string& name, caf::settings options = {}) {
    auto started
      = test.ask<caf::strong_actor_ptr>(uut, spec(name, std::move(options)));
    REQUIRE(started);
  }

  caf::actor child(const std::string& name) {
    auto found = test.ask<caf::strong_actor_ptr>(uut, find_child{name});
    REQUIRE(found);
    return caf::actor_cast<caf::actor>(*found);
  }

  void crash(const std::string& name) {
    test.tell(child(name), caf::reset_atom_v);
  }

  /// Starts three children and forgets that in the log.
  void start_abc() {
    for (const auto* name : {"a", "b", "c"})
      start(name);
    log.clear();
  }

  void subscribe() {
    auto listener = test.sys().spawn(
      [](child_listener_actor::pointer, std::vector<child_restarted>* out)
        -> child_listener_actor::behavior_type {
        return {
          [out](const child_restarted& msg) { out->push_back(msg); },
        };
      },
      &restarts);
    to_end.push_back(caf::actor_cast<caf::actor>(listener));
    REQUIRE(test.ask<void>(uut, caf::subscribe_atom_v, listener));
  }
};

} // namespace starling::test
