// Engine::search: hot spans by a scan, segments by SQL, merged newest first.
#include <algorithm>
#include <tuple>

#include "store/engine.h"
#include "store/lake/span_filter.h"

namespace callscope::store {
namespace {

bool newer(const SpanRow& a, const SpanRow& b) {
  return std::tie(b.start, b.span_id) < std::tie(a.start, a.span_id);
}

}  // namespace

Result<SpanPage> Engine::search(const SpanQuery& query) const {
  const std::optional<SearchCursor> cursor = TRY(parse_search_cursor(query.cursor));
  SpanPage page;
  page.batch = std::make_unique<model::SpanBatch>();
  const std::shared_ptr<const View> view = view_.get();
  std::vector<SpanRow> rows;
  for (const auto& hot : view->hot) {
    const size_t before = rows.size();
    hot->for_each_span([&](const SpanRow& row) {
      if (matches(row, query)) rows.push_back(row);
    });
    if (rows.size() > before) page.batch->keep_alive.push_back(hot);
  }
  const auto places = TRY(analytics_.search(*view, query));
  for (const Analytics::Place& place : places) {
    RowCursor<SpanRow> reader(view->spans[place.segment].file, ReadFacts::kNo);
    TRY(reader.read(place.row, 1, page.batch->arena, rows));
  }
  std::erase_if(rows, [&](const SpanRow& row) {
    return view->is_removed({row.project, row.trace_id}) || (cursor && !is_behind(row, *cursor));
  });
  std::sort(rows.begin(), rows.end(), newer);
  // A span may be hot and, in an older version, in the lake.
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [](const SpanRow& a, const SpanRow& b) {
                           return a.span_id == b.span_id && a.trace_id == b.trace_id;
                         }),
             rows.end());
  if (rows.size() > query.limit) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(query.limit), rows.end());
    page.next = to_text(SearchCursor{rows.back().start, rows.back().span_id});
  }
  SpanDecoder decoder(*page.batch);
  for (const SpanRow& row : rows) TRY(decoder.add(row));
  return page;
}

}  // namespace callscope::store
