#include "runtime/config/cluster_options.hpp"
#include "runtime/config/document.hpp"
#include "runtime/config/node_options.hpp"
#include "tests/fuzz/target.hpp"

using namespace starling;
using namespace starling::fuzz;
using namespace starling::config;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = text_of({data, size});
  const auto whole = document::parse(text, "node.toml");
  const auto node = parse_node_options(text, "node.toml");
  const auto cluster = parse_cluster_options(text, "cluster.toml");
  if (!whole) {
    require(!node && !cluster);
    return 0;
  }
  if (cluster)
    require(!cluster->nodes.empty()
            && cluster->nodes.size() <= cluster_nodes_max);
  if (node) {
    const auto again = parse_node_options(to_toml(*node), "again.toml");
    require(again && *again == *node);
  } else {
    require(!node.error().text.empty());
  }
  return 0;
}
