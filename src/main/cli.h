// The command line: `callscope serve` and the commands that administer, show and check.
#pragma once

#include <functional>

#include "main/config.h"

namespace callscope {

// Runs the server until it is told to stop; returns the exit status.
using ServeFn = std::function<int(const Config&)>;

// 0 where the command did its work, 1 where it could not, 2 where it was called wrongly.
int run_cli(int argc, char** argv, const ServeFn& serve);

}  // namespace callscope
