// callscope doctor
#include <memory>

#include "main/command.h"
#include "main/folder_checks.h"

namespace callscope {
namespace {

struct DoctorFlags {
  std::string data, grpc, http, file;
  bool deep = false;
  bool release = false;
  bool json = false;
};

Result<std::string> examine(const DoctorFlags& flags, CommandLine& line) {
  ConfigSources sources{.environment = line.environment, .file = flags.file};
  if (sources.file.empty()) sources.file = line.environment("CALLSCOPE_CONFIG").value_or("");
  for (const auto& [name, value] : {std::pair("data", flags.data), std::pair("grpc", flags.grpc),
                                    std::pair("http", flags.http)}) {
    if (!value.empty()) sources.flags[name] = value;
  }
  FolderCheckOptions options{.config = TRY(load_config(sources)).config,
                             .read_every_page = flags.deep,
                             .release = flags.release};
  const auto checked = run_checks(folder_checks(options, system_clock()));
  line.status = worst_of(checked) == Verdict::kProblem ? 1 : 0;
  return flags.json ? findings_as_json(checked) : findings_as_text(checked);
}

}  // namespace

void add_doctor_command(CLI::App& app, CommandLine& line) {
  const auto flags = std::make_shared<DoctorFlags>();
  CLI::App* const doctor = app.add_subcommand("doctor", "Check a set-up and say what to do");
  doctor->add_option("--data", flags->data, "data folder (CALLSCOPE_DATA; default ./data)")
      ->type_name("DIR");
  doctor->add_option("--grpc", flags->grpc, "address that the server is to have (CALLSCOPE_GRPC)")
      ->type_name("HOST:PORT");
  doctor->add_option("--http", flags->http, "address that the server is to have (CALLSCOPE_HTTP)")
      ->type_name("HOST:PORT");
  doctor->add_option("--config", flags->file, "the server's TOML file (CALLSCOPE_CONFIG)")
      ->type_name("FILE");
  doctor->add_flag("--deep", flags->deep, "read every page of every segment, with its checksum");
  doctor->add_flag("--release", flags->release,
                   "take up segments again that were set aside and are sound");
  doctor->add_flag("--json", flags->json, "as JSON");
  doctor->footer("Ends with 1 where there is a problem.");
  doctor->callback(
      [&line, flags] { line.chosen = [&line, flags] { return examine(*flags, line); }; });
}

}  // namespace callscope
