// Loads the plugin as a node does, and asks its actor for a greeting.
// Usage: greeter_test PATH/greeter.so

#include "greeter.capnp.h"
#include "messages/envelope.hpp"
#include "messages/message_types.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/plugin/plugin_loader.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

namespace wire = greeter::wire;

namespace {

int fail(const std::string& reason) {
  std::cerr << "greeter_test: " << reason << '\n';
  return EXIT_FAILURE;
}

/// Sends one request; returns the text of the answer, or of the error.
std::string ask(caf::scoped_actor& self, const starling::envelope_actor& actor,
                const std::string& name) {
  auto request = starling::make_envelope<wire::Greet>(
    [&name](wire::Greet::Builder greet) { greet.setName(name); });
  auto result = std::string{};
  self->request(actor, std::chrono::seconds{10}, *request)
    .receive(
      [&result](const starling::envelope& answer) {
        auto text
          = answer.read<wire::Greeting>([](wire::Greeting::Reader greeting) {
              return std::string{greeting.getText().cStr()};
            });
        result = text ? *text : to_string(text.error());
      },
      [&result](const caf::error& reason) { result = to_string(reason); });
  return result;
}

/// The same in JSON, as `starling call` asks.
std::string ask_in_json(caf::scoped_actor& self,
                        const caf::strong_actor_ptr& actor,
                        const std::string& request) {
  auto result = std::string{};
  self
    ->request(caf::actor_cast<starling::json_actor>(actor),
              std::chrono::seconds{10}, starling::json_request{request})
    .receive(
      [&result](std::string& text) { result = std::move(text); },
      [&result](const caf::error& reason) { result = to_string(reason); });
  return result;
}

int run(const char* path) {
  auto config = caf::actor_system_config{};
  auto system = caf::actor_system{config};
  auto catalog = starling::actor_catalog{};
  auto loader = starling::plugin_loader{};
  auto node = starling::node_context{};
  node.system = &system;
  if (auto loaded = loader.load(path, catalog); !loaded)
    return fail(loaded.error().text);
  auto options = caf::settings{};
  options["greeting"] = std::string{"Good morning"};
  auto spawned = catalog.spawn("greeter", node, options);
  if (!spawned)
    return fail(to_string(spawned.error()));
  auto self = caf::scoped_actor{system};
  const auto greeter = caf::actor_cast<starling::envelope_actor>(*spawned);
  if (auto text = ask(self, greeter, "Ada"); text != "Good morning, Ada!")
    return fail("unexpected answer: " + text);
  if (auto text = ask(self, greeter, std::string(1000, 'x'));
      text.find("limit_reached") == std::string::npos)
    return fail("a long name is not refused: " + text);
  if (auto text = ask_in_json(self, *spawned, R"({"name": "Bob"})");
      text != R"({"greeted":2,"text":"Good morning, Bob!"})")
    return fail("unexpected answer in JSON: " + text);
  if (auto text = ask_in_json(self, *spawned, "[1]");
      text.find("malformed_input") == std::string::npos)
    return fail("bad JSON is not refused: " + text);
  options["greating"] = std::string{"Hi"};
  if (catalog.spawn("greeter", node, options))
    return fail("an unknown option is not refused");
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2)
    return fail("give the path of greeter.so");
  starling::init_message_types();
  return run(argv[1]);
}
