// The whole API on a port of its own, over a catalog in a folder that goes away and spans in
// memory.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <atomic>

#include "calls/call_book.h"
#include "calls/catalog_directory.h"
#include "calls/span_source.h"
#include "http/server.h"
#include "http/test_client.h"
#include "serve/api.h"
#include "serve/fake_spans.h"
#include "store/catalog/catalog_fixture.h"

namespace callscope::serve {

inline TraceId trace_id(uint8_t number) {
  TraceId id;
  id.bytes[0] = 0xAB;
  id.bytes[15] = number;
  return id;
}
inline SpanId span_id(uint8_t number) {
  SpanId id;
  if (number != 0) id.bytes[0] = 0xCD;
  id.bytes[7] = number;
  return id;
}

// Sees the time that a test sets, from any thread.
class SharedClock : public Clock {
 public:
  TimeNs now() const override { return {now_.load()}; }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(now_.load()));
  }
  void advance(DurationNs by) { now_ += by.ns; }

 private:
  std::atomic<int64_t> now_ = parse_time("2026-11-21T15:00:00Z")->ns;
};

class ApiTest : public store::CatalogTest {
 protected:
  ApiTest() { admin_key = make_key(1, store::Access::kReadWrite, true); }
  ~ApiTest() override {
    api_.stop();
    server_->stop(std::chrono::seconds(5));
  }

  std::string make_key(ProjectId project, store::Access access, bool admin = false) {
    return ok(catalog->write([&](store::Transaction& t) {
             return t.create_key(project, "key", access, admin);
           }))
        .secret;
  }

  // ---- asking
  // ---------------------------------------------------------------------------------------

  http::ClientResponse ask(std::string_view method, std::string_view target, std::string_view key,
                           std::string_view body = {}) {
    http::Headers headers;
    if (!key.empty()) headers.add("x-cekura-api-key", key);
    return http::fetch(server_->port(), method, target, headers, body);
  }
  // The JSON of an answer that has to have that status.
  boost::json::value json(std::string_view method, std::string_view target, int status,
                          std::string_view key, std::string_view body = {}) {
    const http::ClientResponse response = ask(method, target, key, body);
    EXPECT_EQ(response.status, status) << target << " " << response.body;
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(response.body, error);
    EXPECT_FALSE(error) << target << " " << response.body;
    return value;
  }
  boost::json::value get(std::string_view target) { return json("GET", target, 200, admin_key); }
  // "code field" of the error that a request is answered with.
  std::string error(std::string_view target, int status, std::string_view key) {
    const boost::json::value value = json("GET", target, status, key);
    return std::string(value.at_pointer("/error/code").as_string()) + " " +
           std::string(value.at_pointer("/error/field").as_string());
  }
  std::string error(std::string_view target, int status) {
    return error(target, status, admin_key);
  }

  // ---- spans
  // ----------------------------------------------------------------------------------------

  struct SpanSpec {
    uint8_t trace = 1;
    uint8_t id = 1;
    uint8_t parent = 0;
    std::string_view name;
    int64_t start_ms = 0;  // from ten seconds ago
    int64_t length_ms = 0;
    model::Attributes attributes = {};
    ProjectId project = 1;
    AgentId agent = 1;
  };

  model::Span make_span(const SpanSpec& spec) const {
    static const model::Resource resource{
        .attributes = {{"service.name", model::Value::of("front desk")},
                       {"host.name", model::Value::of("pod-1")}}};
    static const model::Scope scope{.name = "my.agent", .version = "1.2"};
    model::Span span;
    span.trace_id = trace_id(spec.trace);
    span.span_id = span_id(spec.id);
    span.parent_span_id = span_id(spec.parent);
    span.name = spec.name;
    span.kind = model::OtelKind::kInternal;
    span.start = start + DurationNs::from_ms(spec.start_ms);
    span.end = span.start + DurationNs::from_ms(spec.length_ms);
    span.received = shared_clock.now();
    span.attributes = spec.attributes;
    span.project = spec.project;
    span.agent = spec.agent;
    span.resource = &resource;
    span.scope = &scope;
    return span;
  }

  void receive(model::Span span) {
    model::SpanFacts facts;
    classifier_.classify(span, facts);
    spans.add(span);
    book_.on_span(span, facts);
  }
  void receive(const SpanSpec& spec) { receive(make_span(spec)); }

  // A call of one turn: stt, llm and a tool that fails. `trace` names it.
  void receive_call(uint8_t trace, ProjectId project = 1, AgentId agent = 1) {
    using model::Value;
    const auto span = [&](SpanSpec spec) {
      spec.trace = trace;
      spec.project = project;
      spec.agent = agent;
      return make_span(spec);
    };
    receive(span({.id = 1, .name = "conversation", .length_ms = 5'000}));
    receive(span({.id = 2,
                  .parent = 1,
                  .name = "stt",
                  .start_ms = 100,
                  .length_ms = 400,
                  .attributes = {{"stt.provider", Value::of("deepgram")},
                                 {"stt.transcript", Value::of("Hello?")}}}));
    receive(span({.id = 3,
                  .parent = 1,
                  .name = "llm",
                  .start_ms = 500,
                  .length_ms = 700,
                  .attributes = {{"gen_ai.system", Value::of("openai")},
                                 {"gen_ai.request.model", Value::of("gpt-4.1")},
                                 {"gen_ai.usage.input_tokens", Value::of_int(120)},
                                 {"gen_ai.usage.output_tokens", Value::of_int(30)}}}));
    model::Span tool = span({.id = 4,
                             .parent = 1,
                             .name = "tool_call",
                             .start_ms = 1'300,
                             .length_ms = 200,
                             .attributes = {{"function.name", Value::of("book_table")},
                                            {"function.input", Value::of(R"({"seats":4})")},
                                            {"function.output", Value::of("no table")}}});
    tool.status = model::StatusCode::kError;
    tool.status_message = "no table";
    receive(tool);
  }

  // The id that the catalog gave to the call of a trace.
  CallId call_of(uint8_t trace, ProjectId project = 1) {
    ok(book_.save());
    const auto calls = ok(catalog->calls_of_trace(project, trace_id(trace)));
    EXPECT_EQ(calls.size(), 1u);
    return calls.empty() ? 0 : calls.front();
  }

  SharedClock shared_clock;  // in place of the catalog's, which only the test's own thread may turn
  const TimeNs start = shared_clock.now() - DurationNs::from_s(10);
  std::string admin_key;
  FakeSpans spans;
  bool is_ready = true;

  // In the order in which they are made.
  Metrics metrics_;
  const normalise::Classifier classifier_;
  calls::Prices prices_ = ok(calls::Prices::load());
  const calls::SpanSource source_ = calls::read_from(spans, *catalog, classifier_);
  calls::CatalogDirectory directory_{*catalog};
  calls::CallBook book_{directory_, source_, prices_, {}};
  calls::CallReader reader_{source_, prices_};
  receive::Authenticator auth_{*catalog, shared_clock};
  const std::unique_ptr<store::ObjectStore> objects_ =
      ok(store::open_object_folder(folder / "objects"));
  receive::Recordings recordings_{*catalog, *objects_, shared_clock, Limits()};
  receive::UploadKeys upload_keys_ =
      ok(receive::UploadKeys::open(*catalog, DurationNs::from_s(3'600)));
  listen::Listener listener_{*catalog, *objects_, shared_clock, {}};
  calls::ReportIntake reports_{*catalog, book_, prices_, shared_clock};
  std::shared_ptr<http::Router> router_ = std::make_shared<http::Router>();
  Api api_{*router_, services()};
  std::unique_ptr<http::Server> server_ = ok(http::Server::start({}, router_));

  Services services() {
    return {.spans = spans,
            .catalog = *catalog,
            .auth = auth_,
            .recordings = recordings_,
            .upload_keys = upload_keys_,
            .calls = reader_,
            .reports = reports_,
            .listener = listener_,
            .objects = *objects_,
            .book = book_,
            .prices = prices_,
            .classifier = classifier_,
            .clock = shared_clock,
            .metrics = metrics_,
            .save_calls = [this] { return book_.save(); },
            .forget_trace = [this](ProjectId project,
                                   const TraceId& trace) { book_.forget(project, trace); },
            .info =
                [] {
                  return ServerInfo{"0.1.0", "127.0.0.1:4317", "http://127.0.0.1:4318"};
                },
            .ready = [this]() -> Result<void> {
              if (is_ready) return {};
              return Error{ErrorCode::kUnavailable, "the disk is full", ""};
            },
            .event_streams_max = 2,
            .event_interval = std::chrono::milliseconds(5)};
  }
};

}  // namespace callscope::serve
