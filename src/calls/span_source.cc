#include "calls/span_source.h"

#include "calls/call_edits.h"
#include "normalise/classify.h"
#include "normalise/message_lines.h"
#include "normalise/report.h"
#include "store/catalog/catalog.h"
#include "store/span_store.h"

namespace callscope::calls {

model::Report read_saved(const store::SavedReport& saved) {
  if (is_edit_key(saved.key)) return read_edit(saved.body);
  auto report = normalise::read_report(saved.kind, saved.body, {.is_whole = false});
  if (report) return std::move(report).value();
  model::Report unread;
  unread.kind = saved.kind;
  unread.notes.push_back({report.error().field, report.error().message});
  return unread;
}

SpanSource read_from(const store::SpanStore& store, const store::Catalog& catalog,
                     const normalise::Classifier& classifier) {
  return {
      .load = [&store](ProjectId project,
                       TraceId trace) -> Result<std::unique_ptr<model::SpanBatch>> {
        auto spans = TRY(store.trace(project, trace));
        if (!spans->spans.empty())
          normalise::add_message_lines(*spans, TRY(store.logs(project, trace)));
        return spans;
      },
      .classify = [&classifier](const model::Span& span,
                                model::SpanFacts& facts) { classifier.classify(span, facts); },
      .texts = [&classifier](
                   const model::Span& span,
                   const model::SpanFacts& facts) { return classifier.texts(span, facts); },
      .load_report = [&catalog](ProjectId project,
                                ReportId id) -> Result<std::optional<LoadedReport>> {
        auto saved = TRY(catalog.report(project, id));
        if (!saved) return std::optional<LoadedReport>();
        model::Report report = read_saved(*saved);
        return std::optional(LoadedReport{*std::move(saved), std::move(report)});
      },
  };
}

}  // namespace callscope::calls
