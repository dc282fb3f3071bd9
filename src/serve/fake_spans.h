// A span store in memory, for tests. Strings of its spans are literals: nothing is copied.
#pragma once

#include <algorithm>
#include <mutex>
#include <set>
#include <vector>

#include "store/span_store.h"

namespace callscope::serve {

class FakeSpans : public store::SpanStore {
 public:
  void add(const model::Span& span) {
    std::lock_guard lock(mutex_);
    std::erase_if(spans_, [&](const model::Span& s) {
      return s.project == span.project && s.trace_id == span.trace_id && s.span_id == span.span_id;
    });
    spans_.push_back(span);
  }
  void add(const model::LogLine& line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(line);
  }

  Result<std::unique_ptr<model::SpanBatch>> trace(ProjectId project, TraceId id) const override {
    auto batch =
        select([&](const model::Span& s) { return s.project == project && s.trace_id == id; });
    std::sort(batch->spans.begin(), batch->spans.end(),
              [](const auto& a, const auto& b) { return a.start < b.start; });
    return batch;
  }

  Result<std::unique_ptr<model::LogBatch>> logs(ProjectId project, TraceId id) const override {
    std::lock_guard lock(mutex_);
    auto batch = std::make_unique<model::LogBatch>();
    for (const model::LogLine& line : lines_) {
      if (line.project == project && line.trace_id == id) batch->lines.push_back(line);
    }
    return batch;
  }

  // Keeps the query for the test to look at; knows traces, name, attributes, text and paging.
  Result<store::SpanPage> search(const store::SpanQuery& query) const override {
    auto all = select([&](const model::Span& s) {
      if (s.project != query.project || (query.name && s.name != *query.name)) return false;
      if (!query.traces.empty() &&
          std::find(query.traces.begin(), query.traces.end(), s.trace_id) == query.traces.end())
        return false;
      if (query.text && s.name.find(*query.text) == std::string_view::npos) return false;
      return std::all_of(query.attributes.begin(), query.attributes.end(), [&](const auto& wanted) {
        const model::Value* value = model::find(s.attributes, wanted.first);
        return value != nullptr && value->text == wanted.second;
      });
    });
    last_search = query;
    const size_t begin = query.cursor.empty() ? 0 : std::stoul(query.cursor);
    store::SpanPage page;
    page.batch = std::make_unique<model::SpanBatch>();
    for (size_t i = begin; i < all->spans.size() && i < begin + query.limit; ++i) {
      page.batch->spans.push_back(all->spans[i]);
    }
    if (begin + query.limit < all->spans.size()) page.next = std::to_string(begin + query.limit);
    return page;
  }

  Result<std::vector<store::LatencyRow>> latency(const store::StatsQuery& query,
                                                 store::Stage) const override {
    last_stats = query;
    return std::vector<store::LatencyRow>{
        {.group = "gpt-4.1",
         .bucket = query.interval ? std::optional(TimeNs{1'700'000'000'000'000'000}) : std::nullopt,
         .n = 7,
         .p50_ms = 310.5,
         .p90_ms = 500,
         .p95_ms = 600,
         .p99_ms = 700}};
  }
  Result<std::vector<store::UsageRow>> usage(const store::StatsQuery& query) const override {
    last_stats = query;
    return std::vector<store::UsageRow>{{.group = "gpt-4.1",
                                         .bucket = {},
                                         .requests = 3,
                                         .input_tokens = 10,
                                         .output_tokens = {},
                                         .cost_nano_usd = 1'500'000,
                                         .unpriced_requests = 1}};
  }
  std::vector<store::ToolRow> tool_rows;
  Result<std::vector<store::ToolRow>> tools(const store::StatsQuery& query) const override {
    last_stats = query;
    return tool_rows;
  }
  Result<std::vector<std::string>> services(ProjectId project) const override {
    std::set<std::string> names;
    const auto found = select([&](const model::Span& s) { return s.project == project; });
    for (const auto& span : found->spans) {
      names.emplace(model::find(span.resource->attributes, "service.name")->text);
    }
    return std::vector(names.begin(), names.end());
  }
  Result<std::vector<std::string>> operations(ProjectId project, std::string_view) const override {
    std::set<std::string> names;
    const auto found = select([&](const model::Span& s) { return s.project == project; });
    for (const auto& span : found->spans) {
      names.emplace(span.name);
    }
    return std::vector(names.begin(), names.end());
  }
  Result<void> remove_trace(ProjectId project, TraceId id) override {
    std::lock_guard lock(mutex_);
    std::erase_if(spans_, [&](const auto& s) { return s.project == project && s.trace_id == id; });
    std::erase_if(lines_, [&](const auto& l) { return l.project == project && l.trace_id == id; });
    return {};
  }

  mutable store::SpanQuery last_search;
  mutable store::StatsQuery last_stats;

 private:
  std::unique_ptr<model::SpanBatch> select(const auto& wanted) const {
    std::lock_guard lock(mutex_);
    auto batch = std::make_unique<model::SpanBatch>();
    for (const model::Span& span : spans_) {
      if (wanted(span)) batch->spans.push_back(span);
    }
    return batch;
  }

  mutable std::mutex mutex_;
  std::vector<model::Span> spans_;     // guarded by mutex_
  std::vector<model::LogLine> lines_;  // guarded by mutex_
};

}  // namespace callscope::serve
