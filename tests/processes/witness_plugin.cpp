// The plugin that the process tests load into their nodes: an actor that
// watches actors on other nodes and tells what it saw, and that makes actors of
// its own node fail.

#include "messages/mesh.hpp"
#include "messages/spawner.hpp"
#include "messages/supervisor.hpp"
#include "runtime/plugin/plugin_abi.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace starling;
using nlohmann::json;

using answer_promise = caf::typed_response_promise<std::string>;

/// Milliseconds on the clock that the test itself reads.
int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch())
    .count();
}

/// What was seen, one line an event.
struct report {
  void add(const std::string& kind, const std::string& name,
           const caf::error& reason) {
    if (events.size() < events_max)
      events.push_back({{"kind", kind},
                        {"name", name},
                        {"reason", to_string(reason)},
                        {"at_ms", now_ms()}});
  }

  static constexpr size_t events_max = 10'000;

  json events = json::array();
};

/// Takes JSON objects with one key:
/// - {"watch": {"actor": NAME, "node": ID}}: monitors that actor, and links
///   another one of its own to it; answers when both are done.
/// - {"events": {}}: returns what was seen.
/// - {"crash": NAME}: ends a role of this node at once.
/// - {"crash_child": {"supervisor": NAME, "child": NAME}}: the same to a child
///   of a supervisor that was spawned on this node.
/// - {"children": {"supervisor": NAME}}: how often its children restarted.
/// - {"flood": {"actor": NAME, "node": ID, "rounds": N}}: sends 2 MB to that
///   actor in each millisecond of so many.
/// - {"flooded": {}}: returns how many of these rounds are done.
class witness_state {
public:
  static constexpr const char* name = "test.witness";

  witness_state(json_actor::pointer self, node_context& node)
    : self_{self},
      node_{node} {
    // nop
  }

  json_actor::behavior_type make_behavior() {
    self_->set_down_handler([this](const caf::down_msg& down) {
      for (const auto& [actor, called] : monitored_)
        if (actor == down.source)
          seen_.add("down", called, down.reason);
      for (const auto& [actor, called] : linked_)
        if (actor.address() == down.source)
          seen_.add("exit", called, down.reason);
    });
    return {[this](const json_request& msg) { return take(msg); }};
  }

private:
  caf::result<std::string> take(const json_request& msg) {
    const auto asked = json::parse(msg.text, nullptr, false);
    if (!asked.is_object() || asked.size() != 1)
      return caf::make_error(ec::malformed_input, "one key is wanted");
    const auto& key = asked.begin().key();
    const auto& value = asked.begin().value();
    if (key == "watch")
      return watch(value.at("actor"), value.at("node"));
    if (key == "events")
      return seen_.events.dump();
    if (key == "crash")
      return crash_role(value);
    if (key == "crash_child")
      return crash_child(value.at("supervisor"), value.at("child"));
    if (key == "children")
      return children(value.at("supervisor"));
    if (key == "flood")
      return flood(value.at("actor"), value.at("node"), value.at("rounds"));
    if (key == "flooded")
      return std::to_string(rounds_done_);
    return caf::make_error(ec::invalid_option, "no such request: " + key);
  }

  // -- watching ---------------------------------------------------------------

  caf::result<std::string> watch(const std::string& called,
                                 const std::string& node) {
    return with(called, node,
                [this, called](answer_promise answer,
                               const caf::strong_actor_ptr& found) {
                  tie(std::move(answer), called, found);
                });
  }

  /// Finds an actor on another node and does something with it.
  template <class Use>
  caf::result<std::string>
  with(const std::string& called, const std::string& node, Use use) {
    const auto id = parse_peer_id(node);
    if (!id)
      return caf::make_error(ec::invalid_option, "no node id: " + node);
    auto answer = self_->make_response_promise<std::string>();
    auto fail
      = [answer](caf::error& why) mutable { answer.deliver(std::move(why)); };
    self_->request(node_.mesh(), caf::infinite, find_service{*id, "spawner"})
      .then(
        [this, answer, fail, called, use](const caf::strong_actor_ptr& found) {
          self_
            ->request(caf::actor_cast<spawner_actor>(found), caf::infinite,
                      find_spawned{called})
            .then(
              [answer, use](const caf::strong_actor_ptr& actor) mutable {
                use(answer, actor);
              },
              fail);
        },
        fail);
    return answer;
  }

  void tie(answer_promise answer, const std::string& called,
           const caf::strong_actor_ptr& found) {
    const auto watched = caf::actor_cast<caf::actor>(found);
    self_->monitor(watched);
    monitored_.emplace_back(watched.address(), called);
    // It dies of the other one's end, which is how a link shows.
    const auto linked = self_->system().spawn(
      [watched](caf::event_based_actor* self) -> caf::behavior {
        self->link_to(watched);
        return {[](caf::ok_atom) { return caf::ok_atom_v; }};
      });
    self_->monitor(linked);
    linked_.emplace_back(linked, called);
    self_->request(linked, caf::infinite, caf::ok_atom_v)
      .then([answer](caf::ok_atom) mutable { answer.deliver("\"watched\""); });
  }

  // -- floods -----------------------------------------------------------------

  caf::result<std::string> flood(const std::string& called,
                                 const std::string& node, uint64_t rounds) {
    return with(called, node,
                [this, rounds](answer_promise answer,
                               const caf::strong_actor_ptr& found) {
                  flood(caf::actor_cast<json_actor>(found), rounds);
                  answer.deliver("\"begun\"");
                });
  }

  void flood(const json_actor& to, uint64_t rounds) {
    constexpr size_t messages = 20;
    constexpr size_t message_size = 100'000;
    for (size_t i = 0; i < messages; ++i)
      caf::anon_send(to, json_request{std::string(message_size, 'x')});
    ++rounds_done_;
    if (rounds > 1)
      self_->run_delayed(std::chrono::milliseconds{1},
                         [this, to, rounds] { flood(to, rounds - 1); });
  }

  // -- failures ---------------------------------------------------------------

  static constexpr auto crash_reason = caf::exit_reason::kill;

  caf::result<std::string> crash_role(const std::string& role) {
    auto end = [](const auto& handle) -> caf::result<std::string> {
      if (!handle)
        return caf::make_error(ec::wrong_state, "that role does not stand");
      caf::anon_send_exit(handle, crash_reason);
      return std::to_string(handle->id());
    };
    if (role == "mesh")
      return end(node_.mesh());
    if (role == "membership")
      return end(node_.membership());
    if (role == "router")
      return end(node_.router());
    if (role == "spawner")
      return end(node_.spawner());
    return caf::make_error(ec::invalid_option, "no such role: " + role);
  }

  /// Asks a supervisor that was spawned here.
  template <class Result, class Request, class Done>
  caf::result<std::string>
  ask_supervisor(const std::string& supervisor, Request request, Done done) {
    auto answer = self_->make_response_promise<std::string>();
    auto fail
      = [answer](caf::error& why) mutable { answer.deliver(std::move(why)); };
    self_->request(node_.spawner(), caf::infinite, find_spawned{supervisor})
      .then(
        [this, answer, fail, request,
         done](const caf::strong_actor_ptr& found) mutable {
          self_
            ->request(caf::actor_cast<supervisor_actor>(found), caf::infinite,
                      request)
            .then([answer,
                   done](const Result& x) mutable { answer.deliver(done(x)); },
                  fail);
        },
        fail);
    return answer;
  }

  caf::result<std::string> crash_child(const std::string& supervisor,
                                       const std::string& child) {
    return ask_supervisor<caf::strong_actor_ptr>(
      supervisor, find_child{child}, [](const caf::strong_actor_ptr& found) {
        caf::anon_send_exit(caf::actor_cast<caf::actor>(found), crash_reason);
        return std::to_string(found->id());
      });
  }

  caf::result<std::string> children(const std::string& supervisor) {
    return ask_supervisor<std::vector<child_status>>(
      supervisor, list_children{}, [](const std::vector<child_status>& found) {
        auto list = json::array();
        for (const auto& child : found)
          list.push_back({{"name", child.name},
                          {"type", child.type},
                          {"actor", child.actor ? child.actor->id() : 0},
                          {"restarts", child.restarts}});
        return list.dump();
      });
  }

  json_actor::pointer self_;
  node_context& node_;
  std::vector<std::pair<caf::actor_addr, std::string>> monitored_;
  // Held, for nobody else does.
  std::vector<std::pair<caf::actor, std::string>> linked_;
  report seen_;
  uint64_t rounds_done_ = 0;
};

/// Awaits an answer that never comes, so that all else waits.
json_actor::behavior_type wait_for_good(json_actor::pointer self,
                                        const caf::actor& silent) {
  self->request(silent, caf::infinite, caf::ok_atom_v).await([](caf::ok_atom) {
  });
  return {[](const json_request&) { return std::string{"\"awake\""}; }};
}

caf::behavior say_nothing(caf::event_based_actor*) {
  return {[](caf::ok_atom) -> caf::result<caf::ok_atom> {
    return caf::delegated<caf::ok_atom>{};
  }};
}

caf::error add_sleeper(actor_catalog& catalog) {
  return catalog.add<json_actor>(
    "sleeper", "takes in nothing, ever",
    [](node_context& node, const caf::settings&) -> caf::expected<json_actor> {
      return node.system->spawn(wait_for_good, node.system->spawn(say_nothing));
    });
}

caf::error add_witness(actor_catalog& catalog) {
  if (auto failed = add_sleeper(catalog))
    return failed;
  return catalog.add<json_actor>(
    "witness", "watches actors elsewhere, and breaks those of its own node",
    [](node_context& node, const caf::settings&) -> caf::expected<json_actor> {
      using impl = json_actor::stateful_impl<witness_state>;
      return node.system->spawn<impl>(node);
    });
}

} // namespace

STARLING_PLUGIN("witness", "1.0.0", add_witness)
