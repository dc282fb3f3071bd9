#include "store/catalog/schema.h"

#include <fmt/format.h>

#include <vector>

#include "store/catalog/dialect.h"

namespace callscope::store {
namespace {

// Step n brings a catalog of schema version n-1 to n. A step that was released is never changed:
// what has to differ becomes a further step.
const std::vector<std::vector<std::string_view>> kSteps = {
    {
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) {clustered}",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL) {clustered}",
        "INSERT INTO counters (name, value) VALUES ('access_version', 1)",

        "CREATE TABLE projects (id {id}, name TEXT NOT NULL, created_ns BIGINT NOT NULL)",
        "CREATE TABLE agents (id {id}, project_id BIGINT NOT NULL REFERENCES projects (id),"
        " name TEXT NOT NULL, service_name TEXT NOT NULL, provider TEXT NOT NULL,"
        " created_ns BIGINT NOT NULL)",
        // An agent that is named by its id only has no service name, and there may be many such.
        "CREATE UNIQUE INDEX agents_by_service ON agents (project_id, service_name)"
        " WHERE service_name <> ''",
        "CREATE TABLE access_keys (id {id}, project_id BIGINT NOT NULL REFERENCES projects (id),"
        " name TEXT NOT NULL, hash_hex TEXT NOT NULL UNIQUE, access_level BIGINT NOT NULL,"
        " is_admin BIGINT NOT NULL, created_ns BIGINT NOT NULL, last_used_ns BIGINT, revoked_ns "
        "BIGINT)",

        // Foreign keys would cost a look-up for each row of the tables that are written all the
        // time.
        "CREATE TABLE calls (id {id}, project_id BIGINT NOT NULL, agent_id BIGINT NOT NULL,"
        " started_ns BIGINT NOT NULL, ended_ns BIGINT, last_activity_ns BIGINT NOT NULL,"
        " root_ended BIGINT NOT NULL, sources BIGINT NOT NULL, flags BIGINT NOT NULL,"
        " span_count BIGINT NOT NULL, turn_count BIGINT NOT NULL, tool_count BIGINT NOT NULL,"
        " tool_error_count BIGINT NOT NULL, error_count BIGINT NOT NULL,"
        " interruption_count BIGINT NOT NULL, tokens BIGINT, cost_nano_usd BIGINT,"
        " slowest_turn BIGINT, slowest_ms BIGINT, anchor BIGINT, trace_ids TEXT NOT NULL,"
        " call_id TEXT NOT NULL, rest TEXT NOT NULL)",
        "CREATE INDEX calls_by_start ON calls (project_id, started_ns, id)",
        "CREATE INDEX calls_by_agent ON calls (agent_id, started_ns, id)",
        // Those that may be running or quiet, and those that failed: few among many.
        "CREATE INDEX calls_open ON calls (project_id, last_activity_ns) WHERE root_ended = 0",
        "CREATE INDEX calls_failed ON calls (project_id, started_ns, id) WHERE error_count > 0",

        "CREATE TABLE call_traces (project_id BIGINT NOT NULL, trace_high BIGINT NOT NULL,"
        " trace_low BIGINT NOT NULL, call_id BIGINT NOT NULL,"
        " PRIMARY KEY (project_id, trace_high, trace_low, call_id)) {clustered}",
        "CREATE TABLE call_names (project_id BIGINT NOT NULL, name TEXT NOT NULL,"
        " call_id BIGINT NOT NULL, PRIMARY KEY (project_id, name, call_id)) {clustered}",
        "CREATE TABLE call_aliases (old_id {id}, project_id BIGINT NOT NULL, call_id BIGINT NOT "
        "NULL)",
        "CREATE INDEX call_aliases_by_call ON call_aliases (call_id)",

        "CREATE TABLE labels (id {id}, project_id BIGINT NOT NULL, kind BIGINT NOT NULL,"
        " text TEXT NOT NULL)",
        "CREATE UNIQUE INDEX labels_by_text ON labels (project_id, kind, text)",
        "CREATE TABLE call_labels (label_id BIGINT NOT NULL, call_id BIGINT NOT NULL,"
        " PRIMARY KEY (label_id, call_id)) {clustered}",

        "CREATE TABLE segments (id {id}, dataset BIGINT NOT NULL, path TEXT NOT NULL UNIQUE,"
        " row_count BIGINT NOT NULL, byte_count BIGINT NOT NULL, start_min_ns BIGINT,"
        " start_max_ns BIGINT, received_max_ns BIGINT, generation BIGINT NOT NULL,"
        " created_ns BIGINT NOT NULL, superseded_ns BIGINT, needs_rewrite BIGINT NOT NULL,"
        " quarantined TEXT NOT NULL)",
        "CREATE TABLE tombstones (project_id BIGINT NOT NULL, trace_high BIGINT NOT NULL,"
        " trace_low BIGINT NOT NULL, deleted_ns BIGINT NOT NULL,"
        " PRIMARY KEY (project_id, trace_high, trace_low)) {clustered}",
    },
    // Recordings.
    {
        "CREATE TABLE recordings (id {id}, project_id BIGINT NOT NULL, agent_id BIGINT NOT NULL,"
        " call_id BIGINT NOT NULL, object_key TEXT NOT NULL UNIQUE, source BIGINT NOT NULL,"
        " state BIGINT NOT NULL, content_type TEXT NOT NULL, format TEXT NOT NULL,"
        " encoding TEXT NOT NULL, channels BIGINT, sample_rate_hz BIGINT, duration_ms BIGINT,"
        " byte_count BIGINT NOT NULL, started_ns BIGINT, agent_channel BIGINT, error TEXT NOT NULL,"
        " created_ns BIGINT NOT NULL, url TEXT NOT NULL, attempts BIGINT NOT NULL,"
        " next_attempt_ns BIGINT)",
        "CREATE INDEX recordings_by_call ON recordings (call_id) WHERE call_id <> 0",
        "CREATE INDEX recordings_unfinished ON recordings (state, next_attempt_ns)"
        " WHERE state = 0",
        "CREATE TABLE loose_objects (object_key TEXT PRIMARY KEY, since_ns BIGINT NOT NULL)"
        " {clustered}",
    },
    {
        "CREATE TABLE reports (id {id}, project_id BIGINT NOT NULL, agent_id BIGINT NOT NULL,"
        " kind BIGINT NOT NULL, key TEXT NOT NULL, call_id BIGINT NOT NULL,"
        " created_ns BIGINT NOT NULL, received_ns BIGINT NOT NULL, revision BIGINT NOT NULL,"
        " is_joined BIGINT NOT NULL, body TEXT NOT NULL)",
        "CREATE UNIQUE INDEX reports_by_key ON reports (project_id, kind, key)",
        "CREATE INDEX reports_by_call ON reports (call_id)",
        // Few: those that came within the last second or so.
        "CREATE INDEX reports_to_join ON reports (id) WHERE is_joined = 0",
    },
    {
        "CREATE TABLE analyses (recording_id BIGINT PRIMARY KEY, project_id BIGINT NOT NULL,"
        " call_id BIGINT NOT NULL, agent_id BIGINT NOT NULL, state BIGINT NOT NULL,"
        " attempts BIGINT NOT NULL, error TEXT NOT NULL, started_ns BIGINT,"
        " heard_ms TEXT NOT NULL, facts TEXT NOT NULL, nudge_ms BIGINT NOT NULL,"
        " is_nudged BIGINT NOT NULL)",
        "CREATE INDEX analyses_by_start ON analyses (project_id, started_ns)",
    },
    {
        "CREATE TABLE livekit_keys (api_key TEXT PRIMARY KEY, project_id BIGINT NOT NULL,"
        " api_secret TEXT NOT NULL) {clustered}",
    },
    // Webhooks, ours and those of providers, and agents whose calls wait to be claimed.
    {
        "CREATE TABLE webhooks (id {id}, project_id BIGINT NOT NULL, url TEXT NOT NULL,"
        " secret TEXT NOT NULL, created_ns BIGINT NOT NULL)",
        "CREATE TABLE webhook_deliveries (id {id}, webhook_id BIGINT NOT NULL,"
        " project_id BIGINT NOT NULL, call_id BIGINT NOT NULL, state BIGINT NOT NULL,"
        " attempts BIGINT NOT NULL, last_status BIGINT NOT NULL, error TEXT NOT NULL,"
        " created_ns BIGINT NOT NULL, next_attempt_ns BIGINT, last_attempt_ns BIGINT)",
        "CREATE UNIQUE INDEX webhook_deliveries_by_call ON webhook_deliveries"
        " (call_id, webhook_id)",
        "CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_ns)"
        " WHERE state = 0",
        "CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id)",
        "CREATE TABLE provider_secrets (project_id BIGINT NOT NULL, provider TEXT NOT NULL,"
        " secret TEXT NOT NULL, PRIMARY KEY (project_id, provider)) {clustered}",
        "CREATE TABLE withheld_agents (agent_id BIGINT PRIMARY KEY, project_id BIGINT NOT NULL,"
        " after_ns BIGINT NOT NULL, since_ns BIGINT NOT NULL)",
    },
    {
        "CREATE TABLE saved_views (id {id}, project_id BIGINT NOT NULL, name TEXT NOT NULL,"
        " query TEXT NOT NULL, created_ns BIGINT NOT NULL, updated_ns BIGINT NOT NULL)",
        "CREATE UNIQUE INDEX saved_views_by_name ON saved_views (project_id, name)",
    },
    // People who sign in with a password.
    {
        "CREATE TABLE users (id {id}, project_id BIGINT NOT NULL REFERENCES projects (id),"
        " name TEXT NOT NULL, role BIGINT NOT NULL, password_hash TEXT NOT NULL,"
        " created_ns BIGINT NOT NULL, last_signed_in_ns BIGINT)",
        "CREATE UNIQUE INDEX users_by_name ON users (LOWER(name))",
        "CREATE TABLE user_sessions (hash_hex TEXT PRIMARY KEY, user_id BIGINT NOT NULL,"
        " created_ns BIGINT NOT NULL, expires_ns BIGINT NOT NULL) {clustered}",
        "CREATE INDEX user_sessions_by_user ON user_sessions (user_id)",
    },
    {
        "CREATE TABLE policies (project_id BIGINT NOT NULL, agent_id BIGINT NOT NULL,"
        " retention_days BIGINT, tracing_off_ns BIGINT, PRIMARY KEY (project_id, agent_id))"
        " {clustered}",
    },
};

Result<size_t> schema_version(Session& session) {
  const auto tables =
      TRY(session.all<int64_t>(dialect::table_exists(), std::string_view("settings")));
  if (tables.front() == 0) return size_t{0};
  const auto value =
      TRY(session.one<std::string>("SELECT value FROM settings WHERE name = 'schema_version'"));
  if (!value) return Error{ErrorCode::kDataLoss, "the catalog does not say its schema version"};
  return static_cast<size_t>(std::strtoul(value->c_str(), nullptr, 10));
}

Result<void> apply_steps(Session& session, size_t version, TimeNs now) {
  for (; version < kSteps.size(); ++version) {
    for (const std::string_view statement : kSteps[version]) {
      TRY(session.run_once(dialect::expand(statement)));
    }
  }
  const std::string_view put_setting =
      "INSERT INTO settings (name, value) VALUES (:name, :value)"
      " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
  TRY(session.run(put_setting, std::string_view("schema_version"), std::to_string(kSteps.size())));
  TRY(session.run(put_setting, std::string_view("schema_changed"), to_rfc3339(now)));
  return {};
}

}  // namespace

Result<bool> migrate(Session& session, TimeNs now) {
  if (TRY(schema_version(session)) == kSteps.size()) return false;

  TRY(session.begin(dialect::begin_write()));
  const auto upgrade = [&]() -> Result<bool> {
    // Asked again inside the transaction: another process may have been faster.
    const size_t version = TRY(schema_version(session));
    if (version > kSteps.size()) {
      return Error{
          ErrorCode::kUnsupported,
          fmt::format(
              "the catalog was written by a later version of Callscope (schema {}, this one "
              "knows up to {}): start that version, or restore a backup",
              version, kSteps.size())};
    }
    if (version < kSteps.size()) TRY(apply_steps(session, version, now));
    TRY(session.commit());
    return version == 0;
  };
  auto fresh = upgrade();
  if (!fresh) session.rollback();
  return fresh;
}

}  // namespace callscope::store
