#include "main/cli.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/encoding.h"
#include "main/command.h"
#include "main/text_table.h"

namespace callscope {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

// What `serve` and `config show` were given.
struct ServeFlags {
  std::string file;
  std::map<std::string, std::string, std::less<>> given;  // by option
  std::vector<CLI::Option*> flags;  // in the order of options(); null without a flag
  bool json = false;
};

// The flags of all options, each with its variable and its default in the help.
void add_option_flags(CLI::App& command, const std::shared_ptr<ServeFlags>& flags) {
  command.add_option("--config", flags->file,
                     "TOML file with any of these options (CALLSCOPE_CONFIG)");
  const Config defaults;
  std::string without_flag;
  for (const Option& option : options()) {
    if (option.is_secret) {
      flags->flags.push_back(nullptr);
      without_flag += fmt::format("\n  {}  {}", option.variable(), option.help);
      continue;
    }
    std::string standard = option.get(defaults);
    if (!standard.empty()) standard = fmt::format("; default {}", standard);
    CLI::Option* const flag =
        command.add_option(option.flag(), flags->given[std::string(option.name)],
                           fmt::format("{} ({}{})", option.help, option.variable(), standard));
    flag->type_name(std::string(option.value))->group(std::string(option.group));
    flags->flags.push_back(flag);
  }
  command.footer(
      "Each option may also be an environment variable, named in brackets, or a line of the TOML\n"
      "file: --wal-file-bytes-max is wal_file_bytes_max = 100663296. A flag counts before a\n"
      "variable, that before the file. As a variable only:" +
      without_flag);
}

Result<LoadedConfig> load(const ServeFlags& flags, const Environment& environment) {
  ConfigSources sources{.environment = environment, .file = flags.file};
  if (sources.file.empty()) sources.file = environment("CALLSCOPE_CONFIG").value_or("");
  for (size_t i = 0; i < options().size(); ++i) {
    if (flags.flags[i] == nullptr || flags.flags[i]->count() == 0) continue;
    const std::string name(options()[i].name);
    sources.flags[name] = flags.given.at(name);
  }
  return load_config(sources);
}

std::string show_config(const LoadedConfig& loaded, bool as_json) {
  if (!as_json) {
    TextTable table({"OPTION", "VALUE", "FROM"});
    for (const Origin& origin : loaded.origins) {
      table.add(
          {std::string(origin.option), origin.value.empty() ? "-" : origin.value, origin.from});
    }
    return table.text();
  }
  std::string out = "{";
  for (const Origin& origin : loaded.origins) {
    if (out.size() > 1) out += ',';
    append_json_string(out, origin.option);
    out += ":{\"value\":";
    append_json_string(out, origin.value);
    out += ",\"from\":";
    append_json_string(out, origin.from);
    out += '}';
  }
  return out + "}\n";
}

void add_config_command(CLI::App& app, CommandLine& line) {
  const auto flags = std::make_shared<ServeFlags>();
  CLI::App* const config =
      app.add_subcommand("config", "Show the configuration")->require_subcommand(1);
  CLI::App* const show =
      config->add_subcommand("show", "Show every option, its value and where that came from");
  show->add_flag("--json", flags->json, "as JSON");
  add_option_flags(*show, flags);
  show->callback([&line, flags] {
    line.chosen = [&line, flags]() -> Result<std::string> {
      return show_config(TRY(load(*flags, line.environment)), flags->json);
    };
  });
}

}  // namespace

void add_common_flags(CLI::App& command, CommonFlags& flags) {
  command.add_option("--data", flags.target.data, "data folder (CALLSCOPE_DATA; default ./data)")
      ->type_name("DIR");
  command
      .add_option("--server", flags.target.server, "a server instead, by its URL (CALLSCOPE_URL)")
      ->type_name("URL")
      ->excludes("--data");
  command.add_option("--key", flags.target.key, "API key for the server (CALLSCOPE_API_KEY)")
      ->type_name("KEY");
  command
      .add_option("--project", flags.target.project,
                  "the project meant; default the key's own, or 1")
      ->type_name("ID");
  command.add_flag("--json", flags.json, "as JSON");
}

int run_cli(int argc, char** argv, const ServeFn& serve) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CLI::App app("Callscope: a flight recorder for voice agents", "callscope");
  app.require_subcommand(1);
  app.set_version_flag("--version", "callscope " CALLSCOPE_VERSION);
  app.footer("`callscope COMMAND --help` says more about each.");
  CommandLine line{.environment = process_environment()};

  const auto flags = std::make_shared<ServeFlags>();
  CLI::App* const serve_command = app.add_subcommand("serve", "Run the server");
  add_option_flags(*serve_command, flags);
  add_access_commands(app, line);
  add_call_commands(app, line);
  add_audio_commands(app, line);
  add_doctor_command(app, line);
  add_config_command(app, line);
  app.add_subcommand("version", "Say which version this is")->callback([&] {
    line.chosen = [] { return Result<std::string>("callscope " CALLSCOPE_VERSION "\n"); };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const std::vector<std::string> unread = app.remaining(true);
    const bool is_word = !unread.empty() && !unread.front().starts_with('-');
    if (is_word && e.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError))
      fmt::print(stderr, "There is no command \"{}\".\n", unread.front());
    return app.exit(e) == 0 ? 0 : kUsage;
  }

  const auto fail = [](const Error& error) {
    fmt::print(stderr, "callscope: {}\n", error.message);
    return error.code == ErrorCode::kInvalidArgument ? kUsage : kFailed;
  };
  if (serve_command->parsed()) {
    const auto loaded = load(*flags, line.environment);
    if (!loaded) return fail(loaded.error());
    configure_log(loaded->config.log_level, loaded->config.log_format);
    return serve(loaded->config);
  }
  configure_log(LogLevel::kWarning, LogFormat::kText);
  const auto printed = line.chosen();
  if (!printed) return fail(printed.error());
  std::fwrite(printed->data(), 1, printed->size(), stdout);
  return std::fflush(stdout) == 0 ? line.status : kFailed;
}

}  // namespace callscope
