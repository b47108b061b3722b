#pragma once

#include <caf/type_id.hpp>

namespace starling {

/// First CAF type ID of every message family: the one place that hands out
/// ranges. IDs travel between nodes, so a range never moves once released.
/// Plugins that want native CAF types start at `type_id_block::plugins`.
namespace type_id_block {

inline constexpr caf::type_id_t common = caf::first_custom_type_id;
inline constexpr caf::type_id_t link = common + 50;
inline constexpr caf::type_id_t mesh = link + 50;
inline constexpr caf::type_id_t membership = mesh + 100;
inline constexpr caf::type_id_t router = membership + 50;
inline constexpr caf::type_id_t spawner = router + 50;
inline constexpr caf::type_id_t supervisor = spawner + 50;
inline constexpr caf::type_id_t detector = supervisor + 50;
inline constexpr caf::type_id_t zone = detector + 50;
inline constexpr caf::type_id_t agent = zone + 50;
inline constexpr caf::type_id_t experiment = agent + 50;
inline constexpr caf::type_id_t envelope = experiment + 50;
inline constexpr caf::type_id_t bridge = common + 1000;
inline constexpr caf::type_id_t peer = bridge + 50;
inline constexpr caf::type_id_t audit = bridge + 100;
inline constexpr caf::type_id_t tree = bridge + 150;
inline constexpr caf::type_id_t discovery = bridge + 200;
inline constexpr caf::type_id_t plugins = 10'000;

} // namespace type_id_block

} // namespace starling
