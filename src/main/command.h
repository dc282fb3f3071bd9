// What the groups of commands share: each adds its own to the command line and, when one of them is
// chosen, leaves what it does in CommandLine.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/result.h"
#include "main/target.h"

namespace callscope {

struct CommandLine {
  Environment environment;
  // Does what was chosen and returns what to print. Set while the command line is parsed.
  std::function<Result<std::string>()> chosen;
  int status = 0;  // of the process, where the command did what it was told
};

// What every command that looks at data takes.
struct CommonFlags {
  TargetFlags target;
  bool json = false;
};

void add_common_flags(CLI::App& command, CommonFlags& flags);

// callscope project|agent|key …
void add_access_commands(CLI::App& app, CommandLine& line);
// callscope call|trace …
void add_call_commands(CLI::App& app, CommandLine& line);
// callscope audio …
void add_audio_commands(CLI::App& app, CommandLine& line);
// callscope doctor
void add_doctor_command(CLI::App& app, CommandLine& line);

}  // namespace callscope
