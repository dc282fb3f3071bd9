#include "main/options.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace callscope {
namespace {

Error expected(std::string_view what) {
  return {ErrorCode::kInvalidArgument, fmt::format("must be {}", what)};
}

// ---- one kind of value each
// -----------------------------------------------------------------------

template <auto Member>
Result<void> set_text(Config& config, std::string_view text) {
  config.server.*Member = std::string(text);
  return {};
}

template <auto Member>
std::string get_text(const Config& config) {
  return std::string(config.server.*Member);
}

template <auto Member>
Result<void> set_address(Config& config, std::string_view text) {
  const size_t colon = text.rfind(':');
  uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const bool has_port = colon != std::string_view::npos && colon > 0 && text.back() != ':';
  const auto parsed = std::from_chars(text.data() + (has_port ? colon + 1 : 0), end, port);
  // A number too large is read to its end too, so the error counts as well.
  if (!has_port || parsed.ptr != end || parsed.ec != std::errc{})
    return expected("HOST:PORT, such as 127.0.0.1:4318; port 0 takes a free one");
  return set_text<Member>(config, text);
}

template <auto Part, auto Member, int64_t Least>
Result<void> set_limit(Config& config, std::string_view text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || parsed != end || value < Least) {
    return expected(fmt::format("a whole number of at least {}", Least));
  }
  config.server.*Part.*Member = value;
  return {};
}

template <auto Part, auto Member>
std::string get_limit(const Config& config) {
  return std::to_string(config.server.*Part.*Member);
}

struct LevelName {
  std::string_view name;
  LogLevel level;
};
constexpr std::array<LevelName, 5> kLevels = {{{"debug", LogLevel::kDebug},
                                               {"info", LogLevel::kInfo},
                                               {"warning", LogLevel::kWarning},
                                               {"error", LogLevel::kError},
                                               {"off", LogLevel::kOff}}};

Result<void> set_log_level(Config& config, std::string_view text) {
  for (const auto& [name, level] : kLevels) {
    if (text != name) continue;
    config.log_level = level;
    return {};
  }
  return expected("debug, info, warning, error or off");
}

std::string get_log_level(const Config& config) {
  const auto* const found =
      std::find_if(kLevels.begin(), kLevels.end(),
                   [&](const LevelName& known) { return known.level == config.log_level; });
  return std::string(found->name);
}

Result<void> set_log_format(Config& config, std::string_view text) {
  if (text != "text" && text != "json") return expected("text or json");
  config.log_format = text == "json" ? LogFormat::kJson : LogFormat::kText;
  return {};
}

std::string get_log_format(const Config& config) {
  return config.log_format == LogFormat::kJson ? "json" : "text";
}

// ---- the table
// ------------------------------------------------------------------------------------

constexpr std::string_view kWhere = "Where";
constexpr std::string_view kLog = "Log";
constexpr std::string_view kRequest = "Limits of one request";
constexpr std::string_view kMemory = "Limits of memory";
constexpr std::string_view kDisk = "Limits of disk";
constexpr std::string_view kRecordings = "Limits of recordings";
constexpr std::string_view kWebhooks = "Limits of webhooks";
constexpr std::string_view kHttp = "Limits of HTTP";
constexpr std::string_view kAnswers = "Limits of answers";
constexpr std::string_view kRetention = "Retention";

template <auto Member>
constexpr Option text(std::string_view name, std::string_view value, std::string_view help) {
  return {name, value, kWhere, help, set_text<Member>, get_text<Member>};
}

template <auto Member>
constexpr Option address(std::string_view name, std::string_view help) {
  return {name, "HOST:PORT", kWhere, help, set_address<Member>, get_text<Member>};
}

template <auto Member, int64_t Least = 1>
constexpr Option limit(std::string_view group, std::string_view name, std::string_view value,
                       std::string_view help) {
  constexpr auto kLimits = &ServerOptions::limits;
  return {name, value, group, help, set_limit<kLimits, Member, Least>, get_limit<kLimits, Member>};
}

template <auto Member, int64_t Least = 1>
constexpr Option webhook_limit(std::string_view name, std::string_view value,
                               std::string_view help) {
  constexpr auto kLimits = &ServerOptions::webhook_limits;
  return {
      name, value, kWebhooks, help, set_limit<kLimits, Member, Least>, get_limit<kLimits, Member>};
}

template <auto Member>
constexpr Option secret(std::string_view name, std::string_view value, std::string_view help) {
  Option option = text<Member>(name, value, help);
  option.is_secret = true;
  return option;
}

// In the order of the help. Limits stand as in base/limits.h, which gives the reasons.
constexpr Option kOptions[] = {
    text<&ServerOptions::data>("data", "DIR", "the data folder; made when it is missing"),
    address<&ServerOptions::grpc>("grpc", "address of OTLP/gRPC; port 0 takes a free one"),
    address<&ServerOptions::http>("http", "address of OTLP/HTTP, the API and the web UI"),
    text<&ServerOptions::public_url>(
        "public_url", "URL", "how browsers reach the HTTP port, where a proxy stands before it"),
    text<&ServerOptions::tls_certificate_file>(
        "tls_cert", "FILE", "certificate chain, PEM; both ports then speak TLS only"),
    text<&ServerOptions::tls_key_file>("tls_key", "FILE", "the certificate's private key, PEM"),
    text<&ServerOptions::prices_file>("prices", "FILE",
                                      "your own prices of models, before the built-in ones"),
    text<&ServerOptions::objects>(
        "objects", "URL",
        "where recordings are kept: s3://BUCKET/PREFIX?endpoint=URL&region=REGION; a folder of the "
        "data folder otherwise"),
    secret<&ServerOptions::objects_access_key>("objects_access_key", "KEY",
                                               "of the bucket; otherwise AWS_ACCESS_KEY_ID"),
    secret<&ServerOptions::objects_secret_key>("objects_secret_key", "KEY",
                                               "of the bucket; otherwise AWS_SECRET_ACCESS_KEY"),
    secret<&ServerOptions::objects_session_token>("objects_session_token", "TOKEN",
                                                  "of the bucket; otherwise AWS_SESSION_TOKEN"),
    text<&ServerOptions::upload_role>(
        "upload_role", "ARN",
        "a role of the bucket: agents upload to it by themselves, with credentials of the role for "
        "one object; otherwise through this server"),
    text<&ServerOptions::sts>("sts", "URL",
                              "the token service of upload_role; that of AWS otherwise"),
    text<&ServerOptions::fetch_allow>(
        "fetch_allow", "LIST",
        "hosts and networks that recordings may be fetched from and webhooks sent to, besides the "
        "public internet: media.internal,10.1.0.0/16"),
    secret<&ServerOptions::bootstrap_key>(
        "bootstrap_key", "KEY",
        "the API key of a new data folder; where there is none one is made and printed"),

    {"log_level", "LEVEL", kLog, "debug, info, warning, error or off", set_log_level,
     get_log_level},
    {"log_format", "FORMAT", kLog, "text or json, one line an event", set_log_format,
     get_log_format},

    limit<&Limits::retention_age_s, 0>(
        kRetention, "retention_age_s", "SECONDS",
        "how long spans, log lines and calls are kept; 0 is for ever"),
    limit<&Limits::retention_bytes, 0>(
        kRetention, "retention_bytes", "BYTES",
        "what the lake may take; beyond it the oldest segments go; 0 sets no bound"),

    limit<&Limits::message_bytes_max>(kRequest, "message_bytes_max", "BYTES",
                                      "as it comes over the wire"),
    limit<&Limits::decompressed_bytes_max>(kRequest, "decompressed_bytes_max", "BYTES",
                                           "decompressed"),
    limit<&Limits::attributes_per_span_max>(kRequest, "attributes_per_span_max", "COUNT",
                                            "further ones are counted and dropped"),
    limit<&Limits::attribute_bytes_max>(kRequest, "attribute_bytes_max", "BYTES",
                                        "a longer value is cut, with a mark"),
    limit<&Limits::json_depth_max>(kRequest, "json_depth_max", "COUNT", "nesting of JSON"),

    limit<&Limits::inflight_bytes_max>(
        kMemory, "inflight_bytes_max", "BYTES",
        "requests received and not answered; over it senders are told to retry"),
    limit<&Limits::hot_items_max>(kMemory, "hot_items_max", "COUNT",
                                  "spans of one file of the write-ahead log"),
    limit<&Limits::callbook_bytes_max>(kMemory, "callbook_bytes_max", "BYTES",
                                       "calls being put together"),
    limit<&Limits::unflushed_bytes_max>(
        kMemory, "unflushed_bytes_max", "BYTES",
        "spans that cannot be moved to the lake and yet can be read"),
    limit<&Limits::query_bytes_max>(kMemory, "query_bytes_max", "BYTES",
                                    "of DuckDB; beyond it spills to disk"),

    limit<&Limits::wal_backlog_bytes_max>(
        kDisk, "wal_backlog_bytes_max", "BYTES",
        "spans waiting to be indexed; over it senders are told to retry"),
    limit<&Limits::wal_file_bytes_max>(kDisk, "wal_file_bytes_max", "BYTES",
                                       "one file of the write-ahead log"),
    limit<&Limits::disk_free_bytes_min, 0>(kDisk, "disk_free_bytes_min", "BYTES",
                                           "below this much free space spans are refused"),
    limit<&Limits::flush_age_ms_max>(kDisk, "flush_age_ms_max", "MS",
                                     "spans are in the lake at this age"),
    limit<&Limits::segment_bytes_max>(kDisk, "segment_bytes_max", "BYTES",
                                      "compaction merges segments up to this size"),

    limit<&Limits::recording_bytes_max>(kRecordings, "recording_bytes_max", "BYTES",
                                        "of one recording"),
    limit<&Limits::upload_lifetime_s>(
        kRecordings, "upload_lifetime_s", "SECONDS",
        "how long the credentials of an SDK's upload hold: longer than any call"),
    limit<&Limits::fetch_ms_max>(kRecordings, "fetch_ms_max", "MS",
                                 "one attempt to fetch a recording from its URL"),
    limit<&Limits::fetch_attempts_max>(kRecordings, "fetch_attempts_max", "COUNT",
                                       "attempts to fetch a recording"),

    webhook_limit<&WebhookLimits::settle_ms, 0>("webhook_settle_ms", "MS",
                                                "from the end of a call to its delivery"),
    webhook_limit<&WebhookLimits::attempt_ms_max>("webhook_ms_max", "MS",
                                                  "one attempt to deliver a call"),
    webhook_limit<&WebhookLimits::attempts_max>("webhook_attempts_max", "COUNT",
                                                "attempts to deliver a call"),

    limit<&Limits::http_connections_max>(kHttp, "http_connections_max", "COUNT",
                                         "open connections"),
    limit<&Limits::http_header_bytes_max>(kHttp, "http_header_bytes_max", "BYTES",
                                          "request line and headers"),
    limit<&Limits::http_request_ms_max>(kHttp, "http_request_ms_max", "MS",
                                        "from a request's first byte to its last"),
    limit<&Limits::http_idle_ms_max>(kHttp, "http_idle_ms_max", "MS",
                                     "between two requests of a connection"),
    limit<&Limits::event_streams_max>(kHttp, "event_streams_max", "COUNT",
                                      "open streams of live events"),

    limit<&Limits::list_limit_default>(kAnswers, "list_limit_default", "COUNT",
                                       "entries of a list, unless asked otherwise"),
    limit<&Limits::list_limit_max>(kAnswers, "list_limit_max", "COUNT",
                                   "the most that may be asked for"),
    limit<&Limits::trace_spans_max>(kAnswers, "trace_spans_max", "COUNT", "spans in one answer"),
    limit<&Limits::query_ms_max>(kAnswers, "query_ms_max", "MS", "a longer question is ended"),
};

}  // namespace

std::string Option::flag() const {
  std::string text = "--" + std::string(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string Option::variable() const {
  std::string text = "CALLSCOPE_" + std::string(name);
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::span<const Option> options() { return kOptions; }

}  // namespace callscope
