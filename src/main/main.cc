#include <CLI/CLI.hpp>

#include <cstdlib>

#include "base/log.h"
#include "main/serve.h"

int main(int argc, char** argv) {
  CLI::App app{"Callscope: a flight recorder for voice agents"};
  app.require_subcommand(1);
  callscope::ServerOptions options;
  CLI::App* serve = app.add_subcommand("serve", "Run the server");
  std::string data = "data";
  serve->add_option("--data", data, "Data folder");
  serve->add_option("--grpc", options.grpc, "OTLP/gRPC address");
  serve->add_option("--http", options.http, "HTTP address");
  CLI11_PARSE(app, argc, argv);
  options.data = data;
  if (const char* key = std::getenv("CALLSCOPE_BOOTSTRAP_KEY")) options.bootstrap_key = key;
  callscope::configure_log(callscope::LogLevel::kInfo, callscope::LogFormat::kText);
  return callscope::serve(options);
}
