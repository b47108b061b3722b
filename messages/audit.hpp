#pragma once

#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace starling {

struct audit_event;
struct audit_position;
struct query_audit;

/// Role: writes down what must be provable later. Local.
using audit_actor = caf::typed_actor<
  // Notes an event.
  caf::result<void>(audit_event),
  // Returns the place of the newest entry once all before are on disk.
  caf::result<audit_position>(query_audit)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_audit, starling::type_id_block::audit)

  CAF_ADD_TYPE_ID(starling_audit, (starling::audit_actor))
  CAF_ADD_TYPE_ID(starling_audit, (starling::audit_event))
  CAF_ADD_TYPE_ID(starling_audit, (starling::audit_position))
  CAF_ADD_TYPE_ID(starling_audit, (starling::query_audit))

CAF_END_TYPE_ID_BLOCK(starling_audit)

namespace starling {

struct audit_event {
  /// What happened, e.g. "session.refused".
  std::string kind;
  /// Whom or what it is about; may be empty.
  std::string subject;
  std::map<std::string, std::string> details;
};

struct query_audit {};

struct audit_position {
  uint64_t sequence = 0;
  /// Events that could not be written.
  uint64_t lost = 0;
};

template <class Inspector>
bool inspect(Inspector& f, audit_event& x) {
  return f.object(x).fields(f.field("kind", x.kind),
                            f.field("subject", x.subject),
                            f.field("details", x.details));
}

template <class Inspector>
bool inspect(Inspector& f, query_audit& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, audit_position& x) {
  return f.object(x).fields(f.field("sequence", x.sequence),
                            f.field("lost", x.lost));
}

} // namespace starling
