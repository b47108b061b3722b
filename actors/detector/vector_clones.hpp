#pragma once

/// Before a function: compile it once more for processors with 256-bit vectors
/// (AVX2), and let the loader choose. Without fused multiplication, so that the
/// same numbers come out, bit by bit. Sanitizers are not up yet when the loader
/// chooses.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)            \
  && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STARLING_VECTOR_CLONES [[gnu::target_clones("avx2", "default")]]
#else
#define STARLING_VECTOR_CLONES
#endif
