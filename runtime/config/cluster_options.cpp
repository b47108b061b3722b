#include "runtime/config/cluster_options.hpp"

#include "runtime/config/document.hpp"
#include "runtime/config/node_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace starling::config {

namespace {

namespace fs = std::filesystem;

/// Nodes of a cluster file that doesn't say.
constexpr uint32_t nodes_default = 5;

void read_node(reader& table, cluster_node& target, purpose use) {
  auto& name = target.options.node.name;
  table.read("name", name).read("host", target.host);
  read_node_tables(table, target.options);
  check_node_options(table, target.options, use);
}

/// Gives every node without one a name and a state folder.
void name_nodes(cluster_options& opts) {
  for (size_t i = 0; i < opts.nodes.size(); ++i) {
    auto& node = opts.nodes[i].options.node;
    if (node.name.empty())
      node.name = fmt::format("{}-{}", opts.name, i + 1);
    if (node.state_dir.empty())
      node.state_dir = (fs::path{opts.directory} / node.name).string();
  }
}

result<cluster_options> read_cluster(const document& doc, purpose use) {
  auto opts = cluster_options{};
  auto top = doc.root();
  auto cluster = top.table("cluster");
  auto tables = top.tables("node");
  auto count
    = tables.empty() ? nodes_default : static_cast<uint32_t>(tables.size());
  cluster.read("name", opts.name).read("directory", opts.directory);
  cluster.read("nodes", count, uint32_t{1}, cluster_nodes_max);
  if (tables.size() > count)
    cluster.reject("nodes",
                   fmt::format("is {}, but there are {} [[node]] tables", count,
                               tables.size()));
  auto base = node_options{};
  // Empty stands for "made from the cluster's names".
  base.node.name.clear();
  base.node.state_dir.clear();
  auto base_table = top.table("base");
  read_node_tables(base_table, base);
  check_node_options(base_table, base, use);
  opts.nodes.assign(count, cluster_node{"", base});
  for (size_t i = 0; i < std::min<size_t>(count, tables.size()); ++i)
    read_node(tables[i], opts.nodes[i], use);
  name_nodes(opts);
  auto names = std::set<std::string_view>{};
  for (const auto& node : opts.nodes)
    if (!names.insert(node.options.node.name).second)
      cluster.reject("nodes", fmt::format("must have unique names, but two are "
                                          "called {}",
                                          quoted(node.options.node.name)));
  if (auto done = top.finish(); !done)
    return done.error();
  return opts;
}

} // namespace

result<cluster_options> parse_cluster_options(std::string_view text,
                                              std::string file_name,
                                              purpose use) {
  const auto doc = document::parse(text, std::move(file_name));
  if (!doc)
    return doc.error();
  return read_cluster(*doc, use);
}

result<cluster_options> load_cluster_options(const fs::path& file,
                                             purpose use) {
  const auto doc = document::load(file);
  if (!doc)
    return doc.error();
  auto opts = read_cluster(*doc, use);
  if (!opts)
    return opts;
  auto code = std::error_code{};
  const auto base = fs::absolute(file, code).parent_path();
  if (code)
    return failure{ec::file_error, file.string() + ": " + code.message()};
  opts->directory = (base / opts->directory).lexically_normal().string();
  for (auto& node : opts->nodes) {
    resolve_paths(node.options, base);
    if (auto ok = check_paths(node.options); !ok)
      return failure{ok.error().code,
                     fmt::format("{}: node {}: {}", file.string(),
                                 node.options.node.name, ok.error().text)};
  }
  return opts;
}

} // namespace starling::config
