// The tables of the catalog and how older ones become them. docs/formats/catalog.md explains each
// column.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "store/catalog/session.h"

namespace callscope::store {

// Brings the schema up to date, within one transaction. Returns whether the catalog was empty.
// kUnsupported where a later version of Callscope wrote it.
Result<bool> migrate(Session& session, TimeNs now);

}  // namespace callscope::store
