#pragma once

#include "runtime/config/node_options.hpp"
#include "runtime/config/reader.hpp"

namespace starling::config {

/// Reads the tables of a node file below `top` into `opts`, whose values are
/// the defaults. Problems stay with the reader; `top.finish()` tells them.
/// `opts.actors` and `opts.spawn_rules` are replaced if the file has any.
void read_node_tables(reader& top, node_options& opts);

/// Objects to values that fit their types but not each other or the purpose.
/// Call it once all tables that make up `opts` are read.
void check_node_options(reader& top, const node_options& opts, purpose use);

} // namespace starling::config
