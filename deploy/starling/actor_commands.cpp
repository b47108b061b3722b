#include "deploy/starling/commands.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace starling::cli {

namespace {

struct spawn_arguments {
  std::string type;
  std::string node;
  std::string name;
  std::vector<std::string> options;
};

struct call_arguments {
  std::string actor;
  std::string request = "{}";
  std::string node;
};

/// Reads KEY=VALUE; a value that is no JSON is a text.
result<json> read_options(const std::vector<std::string>& input) {
  auto options = json::object();
  for (const auto& text : input) {
    const auto sign = text.find('=');
    if (sign == 0 || sign == std::string::npos)
      return failure{ec::invalid_option,
                     fmt::format("--option {}: write KEY=VALUE", text)};
    auto value = json::parse(text.substr(sign + 1), nullptr, false);
    if (value.is_discarded() || value.is_null())
      value = text.substr(sign + 1);
    options[text.substr(0, sign)] = std::move(value);
  }
  return result<json>{std::move(options)};
}

void run_spawn(program& shared, const spawn_arguments& input) {
  auto options = read_options(input.options);
  if (!options) {
    shared.fail(options.error());
    shared.code = usage;
    return;
  }
  auto client = shared.client();
  if (!client)
    return shared.fail(client.error());
  auto body = json{{"type", input.type}, {"options", *options}};
  if (!input.node.empty())
    body["node"] = input.node;
  if (!input.name.empty())
    body["name"] = input.name;
  shared.show(client->post("/v1/spawn", body), [](const json& x) {
    const auto name = x.at("name").get<std::string>();
    return fmt::format(
      "spawned {}{} on {}, actor {}\n", x.at("type").get<std::string>(),
      name.empty() ? "" : " '" + name + "'",
      x.at("node_name").get<std::string>(), x.at("actor").get<uint64_t>());
  });
}

void run_call(program& shared, const call_arguments& input) {
  auto request = json::parse(input.request, nullptr, false);
  if (request.is_discarded()) {
    shared.fail({ec::malformed_input,
                 "the request is not JSON; quote it for the shell, as in "
                 "'{\"name\": \"value\"}'"});
    shared.code = usage;
    return;
  }
  auto client = shared.client();
  if (!client)
    return shared.fail(client.error());
  auto body = json{{"actor", input.actor}, {"request", std::move(request)}};
  if (!input.node.empty())
    body["node"] = input.node;
  shared.show(client->post("/v1/call", body), [](const json& x) {
    return control::to_text(x.at("answer"), 2) + "\n";
  });
}

} // namespace

void add_actor_commands(CLI::App& app, program& shared) {
  auto* spawn
    = app.add_subcommand("spawn", "Spawn an actor on any node of the cluster");
  auto spawning = std::make_shared<spawn_arguments>();
  spawn->add_option("TYPE", spawning->type, "Actor type, see `starling types`")
    ->required();
  spawn
    ->add_option("--on", spawning->node, "The node; else the one that is asked")
    ->type_name("NODE");
  spawn->add_option("--name", spawning->name,
                    "Name under which it can be found there");
  spawn
    ->add_option("--option", spawning->options,
                 "Option of the actor, KEY=VALUE; more than one may be given")
    ->allow_extra_args(false);
  spawn->callback([&shared, spawning] { run_spawn(shared, *spawning); });
  auto* call = app.add_subcommand("call", "Ask an actor that understands JSON");
  auto calling = std::make_shared<call_arguments>();
  call->add_option("ACTOR", calling->actor, "The actor's name")->required();
  call->add_option("JSON", calling->request, "What to ask; else {}");
  call
    ->add_option("--on", calling->node,
                 "The node it lives on; else all neighbours are asked")
    ->type_name("NODE");
  call->callback([&shared, calling] { run_call(shared, *calling); });
}

} // namespace starling::cli
