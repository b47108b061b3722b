#include "deploy/node/process_memory.hpp"

#include <malloc.h>

namespace starling::deploy {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr auto megabyte = 1 << 20;
  mallopt(M_TRIM_THRESHOLD, 8 * megabyte);
  mallopt(M_MMAP_THRESHOLD, 4 * megabyte);
  mallopt(M_TOP_PAD, megabyte);
#endif
}

void return_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

} // namespace starling::deploy
