#pragma once

namespace starling::deploy {

/// Makes this process keep up to 8 MiB of freed memory a thread for its next
/// use, in place of giving each piece above 128 kB back at once: messages of
/// that size otherwise spend a third of their time on getting memory that they
/// have just returned. Every node does so, see
/// `node_system_config`.
void keep_freed_memory();

/// Gives that memory back to the kernel after all.
void return_freed_memory();

} // namespace starling::deploy
