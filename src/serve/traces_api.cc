// GET traces/{trace_id}, one span of it and its messages, and the search for spans.
#include <algorithm>

#include "normalise/message_lines.h"
#include "normalise/otlp_json.h"
#include "serve/endpoint.h"
#include "serve/json_writer.h"
#include "serve/lookup.h"
#include "serve/routes.h"
#include "serve/span_json.h"
#include "serve/withheld_calls.h"

namespace callscope::serve {
namespace {

// About what a span with its attributes takes, so that an answer is rarely moved while it grows.
constexpr size_t kSpanBytes = 1'600;

enum class TraceFormat { kCallscope, kOtlp };

std::optional<TraceFormat> parse_format(std::string_view word) {
  if (word == "callscope") return TraceFormat::kCallscope;
  if (word == "otlp") return TraceFormat::kOtlp;
  return std::nullopt;
}

Result<std::unique_ptr<model::SpanBatch>> read_trace(const Services& services,
                                                     const Question& question, TraceId id) {
  auto batch = TRY(services.spans.trace(question.project, id));
  TRY(leave_out_withheld(services, question.project, *batch));
  if (batch->spans.empty()) return not_found("trace " + id.hex());
  return batch;
}

Result<http::Response> get_trace(const Services& services, Question& question) {
  const TraceId id = TRY(path_trace_id(question.request));
  const TraceFormat format = question.params.word("format", TraceFormat::kCallscope, parse_format);
  TRY(question.params.done());
  const auto batch = TRY(read_trace(services, question, id));

  std::string out;
  out.reserve(batch->spans.size() * kSpanBytes);
  if (format == TraceFormat::kOtlp) {
    normalise::append_otlp_json(out, *batch);
    return answer(std::move(out));
  }
  SpanJson json(services.classifier, services.prices);
  out += R"({"trace_id":")" + id.hex() + R"(","spans":[)";
  for (const model::Span& span : batch->spans) {
    if (&span != &batch->spans.front()) out += ',';
    json.append(out, span, SpanForm::kFull);
  }
  out += "]}";
  return answer(std::move(out));
}

Result<SpanId> path_span_id(const http::Request& request) {
  const auto id = SpanId::from_hex(request.parameter("span_id"));
  if (!id) return Error{ErrorCode::kInvalidArgument, "span_id must be 16 hex digits", "span_id"};
  return *id;
}

Result<const model::Span*> find_span(const model::SpanBatch& batch, SpanId id) {
  const auto found = std::find_if(batch.spans.begin(), batch.spans.end(),
                                  [&](const model::Span& span) { return span.span_id == id; });
  if (found == batch.spans.end()) return not_found("span " + id.hex());
  return &*found;
}

Result<http::Response> get_span(const Services& services, Question& question) {
  const TraceId trace_id = TRY(path_trace_id(question.request));
  const SpanId span_id = TRY(path_span_id(question.request));
  TRY(question.params.done());
  const auto batch = TRY(read_trace(services, question, trace_id));
  const model::Span* span = TRY(find_span(*batch, span_id));
  std::string out;
  SpanJson(services.classifier, services.prices).append(out, *span, SpanForm::kFull);
  return answer(std::move(out));
}

void write_messages(JsonWriter& json, const std::vector<model::Message>& messages) {
  json.begin_array();
  for (const model::Message& message : messages) {
    json.begin_object()
        .member("role", message.role)
        .member("content", message.content)
        .member_unless_empty("tool_call_id", message.tool_call_id)
        .key("tool_calls")
        .begin_array();
    for (const model::ToolMention& call : message.tool_calls) {
      json.begin_object()
          .member_unless_empty("id", call.call_id)
          .member("name", call.name)
          .member("arguments", call.arguments)
          .end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

Result<http::Response> get_messages(const Services& services, Question& question) {
  const TraceId trace_id = TRY(path_trace_id(question.request));
  const SpanId span_id = TRY(path_span_id(question.request));
  TRY(question.params.done());
  const auto batch = TRY(read_trace(services, question, trace_id));
  const model::Span* span = TRY(find_span(*batch, span_id));
  normalise::add_message_lines(*batch, TRY(services.spans.logs(question.project, trace_id)));
  model::SpanFacts facts;
  services.classifier.classify(*span, facts);
  const model::SpanTexts texts = services.classifier.texts(*span, facts);

  std::string out;
  JsonWriter json(out);
  json.begin_object().member_unless_empty("system", texts.system).key("input");
  write_messages(json, texts.input);
  json.key("output");
  write_messages(json, texts.output);
  json.end_object();
  return answer(std::move(out));
}

// Of the traces asked for those of a call, or all of these; false where none is left.
bool narrow(std::vector<TraceId>& traces, std::vector<TraceId> of_call) {
  if (!traces.empty())
    std::erase_if(of_call, [&](const TraceId& id) { return id != traces.front(); });
  traces = std::move(of_call);
  return !traces.empty();
}

Result<http::Response> search_spans(const Services& services, Question& question) {
  Params& params = question.params;
  store::SpanQuery query;
  query.project = question.project;
  query.agent = params.id("agent_id");
  query.started = params.time_range();
  const auto trace = params.text("trace_id");
  const auto call_id = params.id("call_id");
  query.name = params.text("name");
  if (params.text("kind"))
    query.kind = params.word("kind", model::OpKind::kOther, model::parse_op_kind);
  query.model = params.text("model");
  query.attributes = params.keyed("attribute");
  query.text = params.text("text");
  query.duration_min = params.milliseconds("min_duration_ms");
  query.duration_max = params.milliseconds("max_duration_ms");
  query.errors_only = params.flag("error").value_or(false);
  query.limit = params.limit(services.list_limit);
  query.cursor = params.text("cursor").value_or("");
  if (trace) {
    const auto id = TraceId::from_hex(*trace);
    if (id) {
      query.traces.push_back(*id);
    } else {
      params.refuse("trace_id", "must be 32 hex digits");
    }
  }
  TRY(params.done());
  std::optional<model::CallSummary> call;
  if (call_id) {
    call = TRY(find_call(services, question.project, *call_id, "call_id"));
    if (!narrow(query.traces, call->trace_ids)) return answer(PageWriter().finish());
  }

  const store::SpanPage found = TRY(services.spans.search(query));
  TRY(leave_out_withheld(services, question.project, *found.batch));
  if (call && !call->anchor.is_zero()) {
    const auto own = TRY(span_ids(services, *call));
    std::erase_if(found.batch->spans,
                  [&](const model::Span& span) { return !own.contains(span.span_id); });
  }
  SpanJson json(services.classifier, services.prices);
  PageWriter page;
  for (const model::Span& span : found.batch->spans)
    json.append(page.item(), span, SpanForm::kFull);
  return answer(std::move(page).finish(found.next));
}

}  // namespace

void add_trace_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "GET", "/api/v1/traces/{trace_id}", Needs::kRead, get_trace);
  add_endpoint(router, services, "GET", "/api/v1/traces/{trace_id}/spans/{span_id}", Needs::kRead,
               get_span);
  add_endpoint(router, services, "GET", "/api/v1/traces/{trace_id}/spans/{span_id}/messages",
               Needs::kRead, get_messages);
  add_endpoint(router, services, "GET", "/api/v1/spans", Needs::kRead, search_spans);
}

}  // namespace callscope::serve
