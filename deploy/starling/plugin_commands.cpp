#include "deploy/starling/commands.hpp"
#include "deploy/starling/text_table.hpp"
#include "runtime/plugin/plugin_template.hpp"

#include <CLI/App.hpp>
#include <botan/auto_rng.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <string>
#include <vector>

namespace starling::cli {

namespace {

struct new_arguments {
  std::string name;
  std::string folder;
};

void run_new(program& shared, const new_arguments& input) {
  auto templates = find_plugin_templates(program_path());
  if (!templates)
    return shared.fail(templates.error());
  auto rng = Botan::AutoSeeded_RNG{};
  auto opts = plugin_template_options{};
  opts.name = input.name;
  opts.folder = input.folder.empty() ? input.name : input.folder;
  opts.templates = *templates;
  rng.randomize(reinterpret_cast<uint8_t*>(&opts.seed), sizeof(opts.seed));
  auto written = write_plugin_skeleton(opts);
  if (!written)
    return shared.fail(written.error());
  auto files = json::array();
  for (const auto& file : *written)
    files.push_back(file.string());
  shared.show(result<json>{json{{"folder", opts.folder.string()},
                                {"files", std::move(files)}}},
              [](const json& x) {
                auto text = std::string{};
                for (const auto& file : x.at("files"))
                  text += file.get<std::string>() + "\n";
                return text
                       + fmt::format("README.md in {} says how to build it.\n",
                                     x.at("folder").get<std::string>());
              });
}

std::string list_text(const json& x) {
  auto table = text_table{{"PLUGIN", "VERSION", "TYPES", "FILE"}};
  auto problems = std::string{};
  for (const auto& plugin : x.at("plugins")) {
    if (plugin.contains("error")) {
      problems += plugin.at("error").at("text").get<std::string>() + "\n";
      continue;
    }
    const auto types = plugin.at("types").get<std::vector<std::string>>();
    table.add({plugin.at("name"), plugin.at("version"),
               fmt::format("{}", fmt::join(types, ", ")), plugin.at("path")});
  }
  return table.text() + problems;
}

} // namespace

void add_plugin_commands(CLI::App& app, program& shared) {
  auto* plugin = app.add_subcommand("plugin", "Make and list plugins");
  plugin->require_subcommand(1);
  auto* made = plugin->add_subcommand("new", "Write the skeleton of a plugin "
                                             "that builds");
  auto input = std::make_shared<new_arguments>();
  made->add_option("NAME", input->name, "a-z, 0-9 and _, a letter first")
    ->required();
  made->add_option("--dir", input->folder, "Where to write it; else ./NAME");
  made->callback([&shared, input] { run_new(shared, *input); });
  plugin
    ->add_subcommand("list", "List the plugins of a node, also those refused")
    ->callback([&shared] {
      auto client = shared.client();
      if (!client)
        return shared.fail(client.error());
      shared.show(client->get("/v1/plugins"), list_text);
    });
}

} // namespace starling::cli
