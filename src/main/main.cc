#include "base/log.h"
#include "main/cli.h"
#include "main/serve.h"

int main(int argc, char** argv) {
  return callscope::run_cli(argc, argv, [](const callscope::Config& config) {
    callscope::configure_log(config.log_level, config.log_format);
    return callscope::serve(config.server);
  });
}
