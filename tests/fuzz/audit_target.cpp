#include "runtime/audit/record.hpp"
#include "tests/fuzz/target.hpp"

using namespace starling::fuzz;
namespace audit = starling::audit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto line = text_of({data, size});
  const auto entry = audit::parse_record(line);
  if (!entry) {
    require(!entry.error().text.empty());
    return 0;
  }
  // One spelling for an entry, else the hash would not stand for the line.
  require(audit::to_line(*entry) == line);
  require(audit::bounded(entry->what) == entry->what);
  return 0;
}
