#include "calls/catalog_directory.h"

#include <algorithm>

#include "store/catalog/catalog.h"

namespace callscope::calls {
namespace {

// Of calls in one transaction, some milliseconds: whoever waits to write a report or a
// recording is let in between two.
constexpr size_t kBatchMax = 100;

}  // namespace

Result<std::vector<KnownCall>> CatalogDirectory::read(ProjectId project,
                                                      std::span<const CallId> ids) {
  std::vector<KnownCall> calls;
  for (const CallId id : ids) {
    const auto call = TRY(catalog_.call(project, id));
    if (!call) continue;
    calls.push_back({.id = call->id,
                     .anchor = call->anchor,
                     .traces = links_of(*call),
                     .span_count = call->span_count});
  }
  return calls;
}

Result<std::vector<KnownCall>> CatalogDirectory::find_by_traces(ProjectId project,
                                                                std::span<const TraceId> traces) {
  return read(project, TRY(catalog_.calls_of_traces(project, traces)));
}

Result<std::vector<KnownCall>> CatalogDirectory::find_by_name(ProjectId project,
                                                              std::string_view name, TimeNs from,
                                                              TimeNs to) {
  // A name that more calls than this bear at one time names none of them.
  constexpr size_t kNamesakesMax = 16;
  std::vector<CallId> ids;
  for (const store::NamedCall& call :
       TRY(catalog_.calls_of_name(project, name, to, kNamesakesMax))) {
    const TimeNs ended = call.ended.is_set() ? call.ended : call.started;
    if (ended >= from) ids.push_back(call.call);
  }
  return read(project, ids);
}

// A batch is there as a whole or not at all.
Result<void> CatalogDirectory::save_batch(std::span<model::CallSummary> calls) {
  const auto is_new = [](const model::CallSummary& call) { return call.id == 0; };
  const auto new_count = std::count_if(calls.begin(), calls.end(), is_new);
  auto transaction = TRY(catalog_.begin());
  CallId next = new_count > 0 ? TRY(transaction.new_call_ids(new_count)) : 0;
  std::vector<model::CallSummary*> numbered;
  const auto write = [&]() -> Result<void> {
    for (model::CallSummary& call : calls) {
      if (call.id == 0) {
        call.id = next++;
        numbered.push_back(&call);
      }
      TRY(transaction.put_call(call));
      TRY(transaction.join_reports(call));
    }
    return transaction.commit();
  };
  Result<void> written = write();
  // Nothing was saved, so nothing has an id.
  if (!written) {
    for (model::CallSummary* call : numbered) call->id = 0;
  }
  return written;
}

Result<void> CatalogDirectory::save(std::span<model::CallSummary> calls,
                                    std::span<const MergedCall> merged) {
  for (size_t from = 0; from < calls.size(); from += kBatchMax)
    TRY(save_batch(calls.subspan(from, std::min(kBatchMax, calls.size() - from))));
  if (merged.empty()) return {};
  return catalog_.write([&](store::Transaction& transaction) -> Result<void> {
    for (const MergedCall& merge : merged)
      TRY(transaction.merge_calls(merge.project, merge.from, merge.into));
    return {};
  });
}

}  // namespace callscope::calls
