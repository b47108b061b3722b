#include "messages/trust_zone.hpp"

namespace starling {

std::string_view name_of(trust_zone zone) {
  switch (zone) {
    case trust_zone::trusted:
      return "TRUSTED";
    case trust_zone::monitored:
      return "MONITORED";
    case trust_zone::quarantined:
      return "QUARANTINED";
    case trust_zone::isolated:
      return "ISOLATED";
  }
  return "UNKNOWN";
}

} // namespace starling
