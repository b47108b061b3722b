#include "tests/fuzz/target.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// Runs a fuzz target without libFuzzer: each seed as it is, and mutations of
/// it that are the same in every run.
///
///     replay_NAME SEED_FOLDER_OR_FILE [MUTATIONS_OF_EACH_SEED]
///
/// The input that ended the process is left in `fault.bin`.

extern "C" void __sanitizer_set_death_callback(void (*)())
  __attribute__((weak));

namespace {

using bytes = std::vector<uint8_t>;

/// Longest input that mutations grow to.
constexpr size_t size_max = 64 * 1024;

/// What the target works on, for those who look after its end.
const bytes* current = nullptr;

/// Signal safe.
void leave_fault() {
  if (current == nullptr)
    return;
  const auto file
    = ::open("fault.bin", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0 && ::write(file, current->data(), current->size()) >= 0) {
    constexpr char text[] = "the input was written to fault.bin\n";
    static_cast<void>(!::write(STDERR_FILENO, text, sizeof(text) - 1));
  }
}

extern "C" void on_signal(int number) {
  leave_fault();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void watch_for_faults() {
  if (__sanitizer_set_death_callback != nullptr)
    __sanitizer_set_death_callback(leave_fault);
  std::signal(SIGABRT, on_signal);
  if (__sanitizer_set_death_callback == nullptr)
    for (const auto number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL})
      std::signal(number, on_signal);
}

/// SplitMix64: the same numbers with every standard library.
/// Source: Steele et al., "Fast splittable pseudorandom number generators",
/// OOPSLA 2014, figure 17.
class generator {
public:
  explicit generator(uint64_t seed) : state_{seed} {
    // nop
  }

  uint64_t next() {
    auto z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  /// Returns a number below `bound`, 0 for a bound of 0.
  size_t below(size_t bound) {
    return bound == 0 ? 0 : static_cast<size_t>(next() % bound);
  }

private:
  uint64_t state_;
};

/// Copies a piece of `from` to any place in `to`.
void splice(bytes& to, const bytes& from, generator& random) {
  const auto begin = random.below(from.size());
  const auto count = random.below(std::min(from.size() - begin, size_t{64}));
  if (to.size() + count > size_max)
    return;
  const auto piece
    = bytes(from.begin() + static_cast<ptrdiff_t>(begin),
            from.begin() + static_cast<ptrdiff_t>(begin + count));
  const auto place = static_cast<ptrdiff_t>(random.below(to.size() + 1));
  to.insert(to.begin() + place, piece.begin(), piece.end());
}

void mutate_once(bytes& x, const bytes& other, generator& random) {
  constexpr auto edges = std::array<uint8_t, 6>{0, 1, 0x7f, 0x80, 0xfe, 0xff};
  const auto what = random.below(7);
  if (what == 0 || x.empty())
    return splice(x, other, random);
  const auto place = random.below(x.size());
  const auto at = x.begin() + static_cast<ptrdiff_t>(place);
  const auto count = 1 + random.below(std::min(x.size() - place, size_t{16}));
  switch (what) {
    case 1:
      *at ^= static_cast<uint8_t>(1U << random.below(8));
      return;
    case 2:
      *at = static_cast<uint8_t>(random.next() & 0xff);
      return;
    case 3:
      std::fill_n(at, count, edges[random.below(edges.size())]);
      return;
    case 4:
      x.erase(at, at + static_cast<ptrdiff_t>(count));
      return;
    case 5:
      // Ends early, now and then.
      if (random.below(4) == 0)
        x.resize(place);
      return;
    default:
      *at = static_cast<uint8_t>(*at + (random.below(2) == 0 ? 1 : 255));
  }
}

void run(const bytes& input) {
  // A copy of its exact size, so that a sanitizer sees a read beyond its end.
  const auto exact = bytes(input.begin(), input.end());
  current = &exact;
  static_cast<void>(LLVMFuzzerTestOneInput(exact.data(), exact.size()));
  current = nullptr;
}

std::vector<bytes> load(const std::filesystem::path& where) {
  auto files = std::vector<std::filesystem::path>{};
  if (std::filesystem::is_directory(where))
    for (const auto& entry : std::filesystem::directory_iterator{where})
      files.push_back(entry.path());
  else
    files.push_back(where);
  std::ranges::sort(files);
  auto result = std::vector<bytes>{};
  for (const auto& file : files) {
    auto in = std::ifstream{file, std::ios::binary};
    if (!in) {
      std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
      return {};
    }
    result.emplace_back(std::istreambuf_iterator<char>{in},
                        std::istreambuf_iterator<char>{});
  }
  return result;
}

} // namespace

int main(int argc, char** argv) {
  auto mutations = size_t{0};
  if (argc == 3) {
    const auto* end = argv[2] + std::strlen(argv[2]);
    if (std::from_chars(argv[2], end, mutations).ptr != end)
      argc = 0;
  }
  if (argc != 2 && argc != 3) {
    std::fputs("usage: replay_NAME SEED_FOLDER_OR_FILE [MUTATIONS]\n", stderr);
    return 2;
  }
  const auto seeds = load(argv[1]);
  if (seeds.empty()) {
    std::fprintf(stderr, "%s: no seeds\n", argv[1]);
    return 1;
  }
  watch_for_faults();
  run({});
  for (size_t i = 0; i < seeds.size(); ++i) {
    run(seeds[i]);
    for (size_t n = 0; n < mutations; ++n) {
      auto random = generator{(i << 32) + n};
      auto input = seeds[i];
      for (auto left = 1 + random.below(6); left > 0; --left)
        mutate_once(input, seeds[random.below(seeds.size())], random);
      run(input);
    }
  }
  std::printf("%zu seeds, %zu inputs\n", seeds.size(),
              1 + seeds.size() * (1 + mutations));
}
