#include "runtime/config/node_options.hpp"

#include "runtime/config/document.hpp"
#include "runtime/config/node_reader.hpp"

namespace starling::config {

namespace {

namespace fs = std::filesystem;

result<node_options> read_node_options(const document& doc, purpose use) {
  auto opts = node_options{};
  auto top = doc.root();
  read_node_tables(top, opts);
  check_node_options(top, opts, use);
  if (auto done = top.finish(); !done)
    return done.error();
  return opts;
}

void resolve(std::string& path, const fs::path& base) {
  if (!path.empty())
    path = (base / path).lexically_normal().string();
}

} // namespace

result<node_options> parse_node_options(std::string_view text,
                                        std::string file_name, purpose use) {
  const auto doc = document::parse(text, std::move(file_name));
  if (!doc)
    return doc.error();
  return read_node_options(*doc, use);
}

result<node_options> load_node_options(const fs::path& file, purpose use) {
  const auto doc = document::load(file);
  if (!doc)
    return doc.error();
  auto opts = read_node_options(*doc, use);
  if (!opts)
    return opts;
  auto code = std::error_code{};
  const auto absolute = fs::absolute(file, code);
  if (code)
    return failure{ec::file_error, file.string() + ": " + code.message()};
  resolve_paths(*opts, absolute.parent_path());
  if (auto ok = check_paths(*opts); !ok)
    return failure{ok.error().code, file.string() + ": " + ok.error().text};
  return opts;
}

void resolve_paths(node_options& opts, const fs::path& base) {
  resolve(opts.node.state_dir, base);
  const auto state = fs::path{opts.node.state_dir};
  auto& socket = opts.node.control_socket;
  auto& key = opts.security.key_file;
  if (socket.empty())
    socket = (state / "control.sock").string();
  if (key.empty())
    key = (state / "identity.pem").string();
  for (auto* path : {&socket, &key, &opts.security.passphrase_file,
                     &opts.security.cluster_key, &opts.security.certificate})
    resolve(*path, base);
  for (auto& dir : opts.node.plugin_dirs)
    resolve(dir, base);
}

result<void> check_paths(const node_options& opts) {
  // sockaddr_un has 108 bytes, the last is zero: unix(7).
  constexpr size_t socket_path_max = 107;
  const auto& socket = opts.node.control_socket;
  if (socket.size() > socket_path_max)
    return failure{ec::invalid_option,
                   "'control_socket' would lie at '" + socket + "', which has "
                     + std::to_string(socket.size())
                     + " bytes, and the kernel takes at most 107: name a "
                       "shorter path in [node]"};
  return {};
}

} // namespace starling::config
