// What the catalog keeps of a call beside its row, and how rows become calls again. Private to this
// folder.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/catalog/columns.h"
#include "store/catalog/session.h"

namespace callscope::store {

// What a call can be filtered by through a label. The order is part of the catalog: append only.
enum class LabelKind : uint8_t { kModel, kTool, kMetadata };

struct Label {
  LabelKind kind = LabelKind::kModel;
  std::string text;
  auto operator<=>(const Label&) const = default;
};

// The start of a text, as long as an index entry of any database may be.
std::string_view index_text(std::string_view text);
std::string metadata_text(std::string_view key, std::string_view value);  // "key=value"

// Without repetitions, in order.
std::vector<Label> labels_of(const model::CallSummary& call);
// What it is found by other than its traces: call_id and the session keys.
std::vector<std::string> names_of(const model::CallSummary& call);

// What links it to its traces and reports.
std::vector<TraceId> links_of(const model::CallSummary& call);

CallExtras extras_of(const model::CallSummary& call);

// Many ids in one statement, of which there is one text: as many parameters as kIdsPerStatement,
// the last id repeated where there are fewer.
inline constexpr size_t kIdsPerStatement = 128;
std::string ids_condition(std::string_view column);  // "column IN (:i0, :i1, …)"
void append_ids(std::vector<Param>& params, std::span<const CallId> ids);

Result<model::CallSummary> to_call(CallRow row);

}  // namespace callscope::store
