// callscope call|trace: what was recorded, asked of the running server.
#include <memory>

#include "base/file.h"
#include "base/ids.h"
#include "main/api_client.h"
#include "main/call_text.h"
#include "main/command.h"
#include "main/json_view.h"

namespace callscope {
namespace {

namespace json = boost::json;

constexpr size_t kSpansMax = 1'000'000;

struct CallFlags {
  CommonFlags common;
  std::string id;
  // Of `call list`, each a parameter of the API; empty where not given.
  std::string agent, state, from, to, text, model, tool, latency, sort;
  std::vector<std::string> metadata;  // KEY=VALUE
  bool errors = false;
  size_t limit = 100;
  // Of `call export`.
  std::string format = "json";
  std::string output;
};

std::string with_newline(std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

Result<ApiClient::Parameters> list_parameters(const CallFlags& flags) {
  ApiClient::Parameters parameters;
  const auto add = [&](std::string name, const std::string& value) {
    if (!value.empty()) parameters.emplace_back(std::move(name), value);
  };
  add("agent_id", flags.agent);
  add("state", flags.state);
  add("from", flags.from);
  add("to", flags.to);
  add("text", flags.text);
  add("model", flags.model);
  add("tool", flags.tool);
  add("min_latency_ms", flags.latency);
  add("sort", flags.sort);
  if (flags.errors) add("error", "true");
  for (const std::string& entry : flags.metadata) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{ErrorCode::kInvalidArgument, "--metadata must be KEY=VALUE, not " + entry,
                   "metadata"};
    }
    parameters.emplace_back("metadata." + entry.substr(0, equals), entry.substr(equals + 1));
  }
  return parameters;
}

Result<std::string> list_calls(ApiClient& api, const CallFlags& flags) {
  const auto parameters = TRY(list_parameters(flags));
  json::array calls = TRY(api.get_list("calls", parameters, flags.limit));
  if (!flags.common.json) return calls_as_text(calls);
  return json::serialize(json::object{{"items", std::move(calls)}, {"next", nullptr}}) + "\n";
}

// A path of the API takes numbers; anything else in its place could name another path.
Result<std::string> call_path(const CallFlags& flags) {
  if (!flags.id.empty() && flags.id.find_first_not_of("0123456789") == std::string::npos)
    return "calls/" + flags.id;
  return Error{ErrorCode::kInvalidArgument,
               "a call's ID is a number, as `callscope call list` shows it", "id"};
}

Result<std::string> show_call(ApiClient& api, const CallFlags& flags) {
  const std::string path = TRY(call_path(flags));
  if (flags.common.json) return with_newline(TRY(api.get(path)));
  const json::value call = TRY(api.get_json(path));
  return call_as_text(JsonView(call));
}

// The call and its spans in one JSON object, or its traces as OTLP/JSON, one request a line.
Result<std::string> export_call(ApiClient& api, const CallFlags& flags) {
  const std::string path = TRY(call_path(flags));
  json::value call = TRY(api.get_json(path));
  std::string text;
  if (flags.format == "otlp") {
    for (const json::value& trace : JsonView(call)["trace_ids"].items()) {
      text += with_newline(TRY(api.get("traces/" + JsonView(trace).text(), {{"format", "otlp"}})));
    }
  } else {
    json::array spans = TRY(api.get_list(path + "/spans", {}, kSpansMax));
    text = json::serialize(json::object{{"call", std::move(call)}, {"spans", std::move(spans)}}) +
           "\n";
  }
  if (flags.output.empty()) return text;
  TRY(write_file_durably(flags.output, text));
  return fmt::format("wrote {} bytes to {}\n", text.size(), flags.output);
}

Result<std::string> delete_call(ApiClient& api, const CallFlags& flags) {
  const std::string path = TRY(call_path(flags));
  TRY(api.remove(path));
  return flags.common.json ? fmt::format("{{\"id\":{}}}\n", flags.id)
                           : fmt::format("deleted call {}\n", flags.id);
}

Result<std::string> show_trace(ApiClient& api, const CallFlags& flags) {
  const auto id = TraceId::from_hex(flags.id);
  if (!id)
    return Error{ErrorCode::kInvalidArgument, "a trace id is 32 hex digits, not " + flags.id,
                 "trace_id"};
  const std::string path = "traces/" + id->hex();
  if (flags.common.json) return with_newline(TRY(api.get(path)));
  const json::value trace = TRY(api.get_json(path));
  return trace_as_text(JsonView(trace));
}

// Adds a command below `parent` that calls `run(client, flags)`.
CLI::App& add(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
              const std::shared_ptr<CallFlags>& flags,
              Result<std::string> (*run)(ApiClient&, const CallFlags&)) {
  CLI::App* const command = parent.add_subcommand(name, help);
  add_common_flags(*command, flags->common);
  command->callback([&line, flags, run] {
    line.chosen = [&line, flags, run]() -> Result<std::string> {
      ApiClient client(TRY(find_server(flags->common.target, line.environment)),
                       flags->common.target.project);
      return run(client, *flags);
    };
  });
  return *command;
}

void add_list_flags(CLI::App& list, CallFlags& flags) {
  list.add_option("--agent", flags.agent, "only calls of this agent")->type_name("ID");
  list.add_option("--state", flags.state, "running, quiet or ended")
      ->check(CLI::IsMember({"running", "quiet", "ended"}));
  list.add_option("--from", flags.from,
                  "started at or after this time, such as 2026-11-21T15:00:00Z")
      ->type_name("TIME");
  list.add_option("--to", flags.to, "started before this time")->type_name("TIME");
  list.add_option("--text", flags.text, "with this text in a span")->type_name("TEXT");
  list.add_option("--model", flags.model, "that used this model")->type_name("NAME");
  list.add_option("--tool", flags.tool, "that used this tool")->type_name("NAME");
  list.add_flag("--errors", flags.errors, "with an error in them");
  list.add_option("--min-latency-ms", flags.latency, "whose slowest turn took at least this long")
      ->type_name("MS");
  list.add_option("--metadata", flags.metadata,
                  "whose metadata has this; may be given more than once")
      ->type_name("KEY=VALUE");
  list.add_option("--sort", flags.sort,
                  "started_at, duration, latency, cost or tokens; -cost for the highest first")
      ->type_name("FIELD");
  list.add_option("--limit", flags.limit, "at most so many")
      ->capture_default_str()
      ->type_name("COUNT");
}

}  // namespace

void add_call_commands(CLI::App& app, CommandLine& line) {
  const auto make_flags = [] { return std::make_shared<CallFlags>(); };
  const auto takes_id = [](CLI::App& command, CallFlags& flags) {
    command.add_option("ID", flags.id, "as `call list` shows it")->required();
  };

  CLI::App* const call =
      app.add_subcommand("call", "List, show, export and delete calls, on a running server")
          ->require_subcommand(1);
  auto flags = make_flags();
  add_list_flags(add(*call, line, "list", "List calls, newest first", flags, list_calls), *flags);

  flags = make_flags();
  takes_id(add(*call, line, "show", "Show a call: its turns, tools and models", flags, show_call),
           *flags);

  flags = make_flags();
  CLI::App& export_command =
      add(*call, line, "export", "Write a call with all its spans", flags, export_call);
  takes_id(export_command, *flags);
  export_command.add_option("--format", flags->format, "json, or otlp: its traces as OTLP/JSON")
      ->capture_default_str()
      ->check(CLI::IsMember({"json", "otlp"}));
  export_command.add_option("--output", flags->output, "to this file; default standard output")
      ->type_name("FILE");

  flags = make_flags();
  takes_id(add(*call, line, "delete", "Delete a call with its spans and log lines, for good", flags,
               delete_call),
           *flags);

  CLI::App* const trace =
      app.add_subcommand("trace", "Show traces, on a running server")->require_subcommand(1);
  flags = make_flags();
  add(*trace, line, "show", "Show the spans of a trace as a tree", flags, show_trace)
      .add_option("TRACE_ID", flags->id, "32 hex digits")
      ->required();
}

}  // namespace callscope
