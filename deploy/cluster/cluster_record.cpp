#include "deploy/cluster/cluster_record.hpp"

#include "runtime/file_io.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace starling::cluster {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr size_t record_bytes_max = size_t{4} << 20;

json to_json(const node_record& x) {
  return {{"name", x.name},
          {"id", to_string(x.id)},
          {"host", x.host},
          {"file", x.file.string()},
          {"control", x.control.string()},
          {"log", x.log.string()},
          {"addresses", x.addresses},
          {"revoked", x.revoked},
          {"pid", x.running.pid},
          {"started", x.running.started}};
}

/// Throws what the JSON library throws.
node_record node_from(const json& x) {
  auto node = node_record{};
  node.name = x.at("name").get<std::string>();
  auto id = parse_peer_id(x.at("id").get<std::string>());
  if (!id)
    throw json::other_error::create(500, "bad id", nullptr);
  node.id = *id;
  node.host = x.at("host").get<std::string>();
  node.file = x.at("file").get<std::string>();
  node.control = x.at("control").get<std::string>();
  node.log = x.at("log").get<std::string>();
  node.addresses = x.at("addresses").get<std::vector<std::string>>();
  node.revoked = x.at("revoked").get<bool>();
  node.running.pid = x.at("pid").get<pid_t>();
  node.running.started = x.at("started").get<uint64_t>();
  return node;
}

} // namespace

cluster_paths::cluster_paths(const fs::path& cluster)
  : folder{cluster},
    key{folder / "cluster.pem"},
    passphrase{folder / "passphrase"},
    public_key{folder / "cluster.pub"},
    record{folder / "cluster.json"} {
  // nop
}

result<cluster_record> load_record(const fs::path& folder) {
  const auto path = cluster_paths{folder}.record;
  auto text = read_text_file(path, record_bytes_max);
  if (!text)
    return text.error();
  try {
    const auto content = json::parse(*text);
    auto found = cluster_record{};
    found.name = content.at("name").get<std::string>();
    found.folder = folder;
    for (const auto& node : content.at("nodes"))
      found.nodes.push_back(node_from(node));
    return found;
  } catch (const json::exception&) {
    return failure{ec::malformed_input,
                   path.string()
                     + ": is no cluster record; remove it and run `starling "
                       "up` again"};
  }
}

result<void> save_record(const cluster_record& x) {
  auto nodes = json::array();
  for (const auto& node : x.nodes)
    nodes.push_back(to_json(node));
  const auto content = json{{"name", x.name}, {"nodes", std::move(nodes)}};
  const auto text
    = content.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return write_file_atomically(cluster_paths{x.folder}.record, text,
                               private_file_mode);
}

result<fs::path> newest_cluster(const fs::path& base) {
  auto newest = std::optional<fs::path>{};
  auto newest_time = fs::file_time_type::min();
  auto consider = [&](const fs::path& folder) {
    auto code = std::error_code{};
    const auto time = fs::last_write_time(cluster_paths{folder}.record, code);
    if (code || (newest && time <= newest_time))
      return;
    newest = folder;
    newest_time = time;
  };
  const auto top = base / "cluster";
  consider(top);
  auto code = std::error_code{};
  for (const auto& entry : fs::directory_iterator{top, code})
    if (entry.is_directory(code))
      consider(entry.path());
  if (newest)
    return *newest;
  return failure{ec::file_error,
                 top.string()
                   + ": there is no cluster here; start one with `starling up "
                     "FILE`, or name a node's socket with --control"};
}

} // namespace starling::cluster
