// Jaeger's query API, read only, so that Jaeger UI and Grafana's Jaeger data source work on this
// server. Unlike our own paths it passes over parameters it does not know: its clients send many.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/encoding.h"
#include "serve/endpoint.h"
#include "serve/jaeger_json.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "serve/withheld_calls.h"

namespace callscope::serve {
namespace {

constexpr size_t kTracesStandard = 20;
constexpr size_t kTracesMax = 1'000;
// A search by service looks at so many spans for those of the service.
constexpr size_t kSpansLookedAtMax = 20'000;

using JaegerEndpoint =
    std::function<Result<std::string>(const Services&, ProjectId, const http::Request&)>;

// Grafana can send the key as the password of HTTP basic authentication.
std::optional<std::string> bearer_of_basic(const http::Request& request) {
  constexpr std::string_view kScheme = "basic ";
  const std::string_view header = request.headers.get("Authorization");
  if (header.size() <= kScheme.size()) return std::nullopt;
  if (!http::equal_ignoring_case(header.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto credentials = from_base64(header.substr(kScheme.size()));
  if (!credentials) return std::nullopt;
  const size_t colon = credentials->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return "Bearer " + credentials->substr(colon + 1);
}

Result<std::string> ask(const Services& services, const JaegerEndpoint& endpoint,
                        const http::Request& request) {
  const auto bearer = bearer_of_basic(request);
  const receive::Identity caller =
      TRY(services.auth.authenticate([&](std::string_view name) -> std::optional<std::string_view> {
        if (bearer && name == "authorization") return *bearer;
        return request.headers.find(name);
      }));
  return endpoint(services, caller.project, request);
}

void add(http::Router& router, const Services& services, std::string pattern,
         JaegerEndpoint endpoint) {
  router.add("GET", std::move(pattern),
             [&services, endpoint = std::move(endpoint)](http::Request request,
                                                         http::Responder responder) {
               auto body = ask(services, endpoint, request);
               if (body) return responder.send(answer(std::move(*body)));
               const int status = http::status_of(body.error().code);
               responder.send(answer(status, jaeger_error(status, body.error().message)));
             });
}

Error bad_parameter(std::string_view name, std::string_view why) {
  return {ErrorCode::kInvalidArgument, fmt::format("{} {}", name, why), std::string(name)};
}

Result<std::string> list_services(const Services& services, ProjectId project,
                                  const http::Request&) {
  return jaeger_names(TRY(services.spans.services(project)));
}

Result<std::string> list_service_operations(const Services& services, ProjectId project,
                                            const http::Request& request) {
  return jaeger_names(TRY(services.spans.operations(project, request.parameter("service"))));
}

Result<std::string> list_operations(const Services& services, ProjectId project,
                                    const http::Request& request) {
  const auto service = request.query.find("service");
  if (!service) return bad_parameter("service", "is missing");
  const auto names = TRY(services.spans.operations(project, *service));
  std::string data;
  JsonWriter json(data);
  json.begin_array();
  for (const std::string& name : names)
    json.begin_object().member("name", name).member("spanKind", "").end_object();
  json.end_array();
  return jaeger_envelope(data, names.size());
}

// Jaeger leaves out zeros in front of an id.
std::optional<TraceId> parse_trace_id(std::string_view hex) {
  if (hex.empty() || hex.size() > 32) return std::nullopt;
  return TraceId::from_hex(std::string(32 - hex.size(), '0') + std::string(hex));
}

// Appends the traces there are as a list's elements; returns how many.
Result<size_t> append_traces(const Services& services, ProjectId project,
                             const std::vector<TraceId>& ids, std::string& data) {
  size_t count = 0;
  for (const TraceId& id : ids) {
    const auto batch = TRY(services.spans.trace(project, id));
    TRY(leave_out_withheld(services, project, *batch));
    if (batch->spans.empty()) continue;
    if (count++ > 0) data += ',';
    append_jaeger_trace(data, id, *batch);
  }
  return count;
}

Result<std::string> get_trace(const Services& services, ProjectId project,
                              const http::Request& request) {
  const auto id = parse_trace_id(request.parameter("trace_id"));
  if (!id) return bad_parameter("traceID", "must be up to 32 hex digits");
  std::string data = "[";
  if (TRY(append_traces(services, project, {*id}, data)) == 0)
    return not_found("trace " + id->hex());
  return jaeger_envelope(data + "]", 1);
}

// ---- search
// -----------------------------------------------------------------------------------------

struct Search {
  store::SpanQuery query;
  std::string service;  // empty: any
  size_t limit = kTracesStandard;
  std::vector<TraceId> trace_ids;  // these instead of a search
};

void add_tag(Search& search, std::string key, std::string value) {
  // Jaeger's own spelling of a failed span.
  if (key == "error" && value == "true") {
    search.query.errors_only = true;
  } else {
    search.query.attributes.emplace_back(std::move(key), std::move(value));
  }
}

Result<void> read_tags(Search& search, std::string_view json) {
  boost::system::error_code error;
  const boost::json::value tags = boost::json::parse({json.data(), json.size()}, error);
  if (error || !tags.is_object()) return bad_parameter("tags", "must be a JSON object");
  for (const auto& [key, value] : tags.get_object()) {
    add_tag(search, std::string(key),
            value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value));
  }
  return {};
}

Result<std::optional<int64_t>> read_number(const http::Query& query, std::string_view name) {
  const auto text = query.find(name);
  if (!text || text->empty()) return std::optional<int64_t>();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0) {
    return bad_parameter(name, "must be a whole number");
  }
  return std::optional(value);
}

Result<std::optional<DurationNs>> read_duration(const http::Query& query, std::string_view name) {
  const auto text = query.find(name);
  if (!text || text->empty()) return std::optional<DurationNs>();
  if (const auto duration = parse_go_duration(*text)) return duration;
  return bad_parameter(name, "must be a length such as 100ms or 1.5s");
}

Result<Search> read_search(ProjectId project, const http::Query& query) {
  constexpr int64_t kMicrosecondsMax = INT64_MAX / 1'000;
  Search search;
  search.query.project = project;
  search.service = query.find("service").value_or("");
  if (const auto name = query.find("operation"); name && !name->empty() && *name != "all") {
    search.query.name = std::string(*name);
  }
  for (const auto& [name, value] : query) {
    if (name == "tag") {
      const size_t colon = value.find(':');
      if (colon == std::string::npos) return bad_parameter("tag", "must be of the form key:value");
      add_tag(search, value.substr(0, colon), value.substr(colon + 1));
    } else if (name == "tags" && !value.empty()) {
      TRY(read_tags(search, value));
    } else if (name == "traceID") {
      const auto id = parse_trace_id(value);
      if (!id) return bad_parameter("traceID", "must be up to 32 hex digits");
      search.trace_ids.push_back(*id);
    }
  }
  const auto start_us = TRY(read_number(query, "start"));
  const auto end_us = TRY(read_number(query, "end"));
  if (start_us) search.query.started.from = TimeNs{std::min(*start_us, kMicrosecondsMax) * 1'000};
  if (end_us) search.query.started.to = TimeNs{std::min(*end_us, kMicrosecondsMax) * 1'000};
  search.query.duration_min = TRY(read_duration(query, "minDuration"));
  search.query.duration_max = TRY(read_duration(query, "maxDuration"));
  const auto limit = TRY(read_number(query, "limit")).value_or(kTracesStandard);
  search.limit = std::clamp(static_cast<size_t>(limit), size_t{1}, kTracesMax);
  if (search.trace_ids.size() > kTracesMax) return bad_parameter("traceID", "is there too often");
  return search;
}

// The newest traces with a span that is searched for.
Result<std::vector<TraceId>> find_traces(const Services& services, Search& search) {
  std::vector<TraceId> found;
  std::unordered_set<TraceId, TraceIdHash> seen;
  search.query.limit = 1'000;
  for (size_t looked_at = 0; looked_at < kSpansLookedAtMax;) {
    const store::SpanPage page = TRY(services.spans.search(search.query));
    for (const model::Span& span : page.batch->spans) {
      if (!search.service.empty() && service_of(span.resource) != search.service) continue;
      if (!seen.insert(span.trace_id).second) continue;
      found.push_back(span.trace_id);
      if (found.size() == search.limit) return found;
    }
    looked_at += page.batch->spans.size();
    if (!page.next) break;
    search.query.cursor = *page.next;
  }
  return found;
}

Result<std::string> search_traces(const Services& services, ProjectId project,
                                  const http::Request& request) {
  Search search = TRY(read_search(project, request.query));
  const auto ids = search.trace_ids.empty() ? TRY(find_traces(services, search)) : search.trace_ids;
  std::string data = "[";
  const size_t count = TRY(append_traces(services, project, ids, data));
  return jaeger_envelope(data + "]", count);
}

}  // namespace

void add_jaeger_routes(http::Router& router, const Services& services) {
  add(router, services, "/jaeger/api/services", list_services);
  add(router, services, "/jaeger/api/services/{service}/operations", list_service_operations);
  add(router, services, "/jaeger/api/operations", list_operations);
  add(router, services, "/jaeger/api/traces", search_traces);
  add(router, services, "/jaeger/api/traces/{trace_id}", get_trace);
  // Calls of voice agents are not a graph of services.
  add(router, services, "/jaeger/api/dependencies",
      [](const Services&, ProjectId, const http::Request&) -> Result<std::string> {
        return jaeger_envelope("[]", 0);
      });
}

}  // namespace callscope::serve
