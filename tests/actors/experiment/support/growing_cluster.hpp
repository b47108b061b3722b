#pragma once

#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "tests/actors/experiment/support/experiment_fixture.hpp"

#include <string>
#include <vector>

namespace starling::test {

/// A cluster whose members a test names, with a membership and a mesh that know
/// no more than their spawners.
struct growing_cluster : experiment_fixture {
  struct member {
    std::string name;
    peer_id id;
    member_state state = member_state::alive;
    /// Empty: out of reach.
    spawner_actor spawner;
  };

  std::vector<member> members;
  /// Times that each spawner was asked for, by name of the node.
  std::map<std::string, size_t> asked;
  std::vector<caf::actor> roles;

  explicit growing_cluster(const caf::settings& options = {})
    : experiment_fixture{options} {
    roles.push_back(sys().spawn([this]() -> caf::behavior {
      return {[this](const list_members&) { return infos(); }};
    }));
    node.membership.set(caf::actor_cast<membership_actor>(roles.back()));
    roles.push_back(sys().spawn([this]() -> caf::behavior {
      return {[this](const find_service& what) { return find(what); }};
    }));
    node.mesh.set(caf::actor_cast<mesh_actor>(roles.back()));
  }

  ~growing_cluster() {
    for (const auto& role : roles)
      caf::anon_send_exit(role, caf::exit_reason::user_shutdown);
  }

  /// Returns a node that is a member from now on.
  experiment_node join(const std::string& name, spawner_actor spawner) {
    auto what = member{name, id_of(name), member_state::alive, spawner};
    members.push_back(what);
    return {what.name, what.id, what.spawner};
  }

  experiment_node join(const std::string& name) {
    return join(name, add_spawner());
  }

  member& find_member(const std::string& name) {
    const auto found = std::ranges::find(members, name, &member::name);
    REQUIRE(found != members.end());
    return *found;
  }

  /// Ends a spawner and all that it spawned, as the end of its process would.
  void crash_node(const spawner_actor& spawner) {
    auto lost = std::vector<caf::actor>{caf::actor_cast<caf::actor>(spawner)};
    for (const auto& each : alive("", spawner)) {
      auto handle
        = ask<caf::strong_actor_ptr>(spawner, find_spawned{each.name});
      REQUIRE(handle);
      lost.push_back(caf::actor_cast<caf::actor>(*handle));
    }
    for (const auto& each : lost)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    std::erase(spawners, spawner);
    run();
  }

  /// 400 rows of each entity, so many a second of virtual time.
  run_experiment slow_job(std::vector<experiment_node> nodes,
                          const std::string& folder = "out", int rate = 100) {
    auto what
      = job("[experiment]\nname = \"slow\"\nrows_max = 400\n"
            "rate = "
              + std::to_string(rate) + "\n[summary_tree]\nepoch_rows = 20\n",
            std::move(nodes), folder);
    what.recruit = true;
    return what;
  }

  void finish() {
    advance(std::chrono::seconds{20});
    REQUIRE(finished);
    REQUIRE_MESSAGE(*finished, to_string(finished->error()));
  }

  static peer_id id_of(const std::string& name) {
    auto id = peer_id{};
    std::ranges::copy(name.substr(0, peer_id::size), id.bytes.begin());
    return id;
  }

private:
  std::vector<member_info> infos() const {
    auto result = std::vector<member_info>{};
    for (const auto& each : members) {
      auto& info = result.emplace_back();
      info.id = each.id;
      info.name = each.name;
      info.state = each.state;
    }
    return result;
  }

  caf::result<caf::strong_actor_ptr> find(const find_service& what) {
    REQUIRE(what.name == "spawner");
    const auto found = std::ranges::find(members, what.id, &member::id);
    REQUIRE(found != members.end());
    ++asked[found->name];
    if (!found->spawner)
      return caf::make_error(ec::unreachable, found->name);
    return caf::actor_cast<caf::strong_actor_ptr>(found->spawner);
  }
};

} // namespace starling::test
