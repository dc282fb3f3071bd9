// Merging and splitting calls by hand. An edit is kept as a report that names the parts of calls
// (traces by their id, reports by store::trace_of_report) that are one call, or a call apart; so it
// holds whatever comes later, and undoing it is deleting it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "calls/call_book.h"
#include "model/report.h"
#include "store/catalog/catalog.h"

namespace callscope::calls {

// Edits are reports of the kind kApi with such keys.
inline constexpr std::string_view kMergeKeys = "merge/";
inline constexpr std::string_view kSplitKeys = "split/";
bool is_edit_key(std::string_view key);
model::Report read_edit(std::string_view body);

// The parts of a call, as split_call() takes them.
std::vector<TraceId> parts_of(const model::CallSummary& call);

// Each saves the edit durably and gives the book what it has to derive anew; the next save of the
// book does. kConflict for a call that shares a trace with others, which can be neither.
Result<void> merge_calls(store::Catalog& catalog, CallBook& book, const Clock& clock,
                         std::span<const model::CallSummary> calls);
// `parts` are some of `call`'s and not all: kInvalidArgument.
Result<void> split_call(store::Catalog& catalog, CallBook& book, const Clock& clock,
                        const model::CallSummary& call, std::span<const TraceId> parts);
// Takes the last edit of a call back. kNotFound where it has none.
Result<void> undo_edit(store::Catalog& catalog, CallBook& book, const model::CallSummary& call);

}  // namespace callscope::calls
