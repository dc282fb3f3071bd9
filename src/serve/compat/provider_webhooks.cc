#include "serve/compat/provider_webhooks.h"

#include <algorithm>
#include <boost/json.hpp>

#include "normalise/report.h"
#include "normalise/signatures.h"
#include "serve/endpoint.h"
#include "store/catalog/provider_secrets.h"

namespace callscope::serve::compat {
namespace {

namespace json = boost::json;
using model::ReportKind;

std::string_view signature_header(std::string_view provider) {
  if (provider == "retell") return "x-retell-signature";
  return provider == "elevenlabs" ? "elevenlabs-signature" : "x-vapi-secret";
}

bool has_key(const http::Request& request) {
  const auto has = [&](std::string_view name) { return request.headers.find(name).has_value(); };
  return has("x-cekura-api-key") || has("x-callscope-api-key") || has("authorization");
}

// The project that the query names, by itself or by its agent.
Result<std::optional<ProjectId>> named_project(const Services& services, Params& params,
                                               std::optional<int64_t> agent) {
  const auto project = params.id("project_id");
  if (project || !agent) return project;
  const auto agents = TRY(services.catalog.all_agents());
  const auto found = std::find_if(agents.begin(), agents.end(),
                                  [&](const store::Agent& each) { return each.id == *agent; });
  return found == agents.end() ? std::nullopt : std::optional(found->project);
}

json::value parse(std::string_view body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error, {}, {.max_depth = 200});
  return error ? json::value() : value;
}

}  // namespace

std::string_view provider_of(ReportKind kind) {
  switch (kind) {
    case ReportKind::kRetell:
      return "retell";
    case ReportKind::kElevenLabs:
      return "elevenlabs";
    case ReportKind::kVapi:
      return "vapi";
    default:
      return {};
  }
}

Result<ProviderSender> identify_provider(const Services& services, std::string_view provider,
                                         const http::Request& request) {
  Params params(request.query);
  ProviderSender from;
  from.sender.agent = params.id("agent_id");
  from.signature = request.headers.get(signature_header(provider));
  receive::Identity& caller = from.sender.caller;
  std::optional<ProjectId> project;
  if (!has_key(request)) project = TRY(named_project(services, params, from.sender.agent));
  if (project) {
    from.secret = TRY(store::provider_secret(services.catalog, *project, provider));
    caller = {.project = *project, .access = store::Access::kReadWrite};
    if (from.secret) return from;
  }
  caller = TRY(identify(services, request));  // says that a key is needed
  TRY(require(Needs::kWrite, caller));
  from.secret = TRY(store::provider_secret(services.catalog, caller.project, provider));
  return from;
}

Result<void> check_signature(const Services& services, std::string_view provider,
                             const ProviderSender& from, std::string_view body) {
  if (!from.secret) return {};
  const TimeNs now = services.clock.now();
  if (provider == "retell")
    return normalise::check_retell_signature(from.signature, body, *from.secret, now);
  if (provider == "elevenlabs")
    return normalise::check_elevenlabs_signature(from.signature, body, *from.secret, now);
  return normalise::check_vapi_secret(from.signature, *from.secret);
}

bool is_passed_over(ReportKind kind, std::string_view body) {
  if (kind != ReportKind::kVapi) return false;
  const json::value parsed = parse(body);
  boost::system::error_code error;
  const json::value* type = parsed.find_pointer("/message/type", error);
  return type && type->is_string() && type->get_string() != "end-of-call-report";
}

Result<std::shared_ptr<receive::RecordingWriter>> take_audio(const Services& services,
                                                             ProjectId project, std::string& body) {
  const std::string audio = TRY(normalise::elevenlabs_audio(body, services.report_limits));
  if (audio.empty()) return std::shared_ptr<receive::RecordingWriter>();
  receive::RecordingDetails details;
  details.project = project;
  details.source = store::RecordingSource::kObserve;
  std::shared_ptr<receive::RecordingWriter> writer =
      TRY(services.recordings.begin(std::move(details)));
  if (auto written = writer->write(audio); !written) {
    written.error().field = "data.full_audio";
    return std::move(written).error();
  }
  // The catalog keeps what was said, and the object store the sound.
  json::value parsed = parse(body);
  if (parsed.is_object()) {
    json::value* data = parsed.get_object().if_contains("data");
    if (data && data->is_object()) data->get_object().erase("full_audio");
    body = json::serialize(parsed);
  }
  return writer;
}

}  // namespace callscope::serve::compat
