#include "main/serve.h"

#include <fmt/format.h>
#include <malloc.h>

#include <csignal>
#include <cstdio>

#include "base/log.h"

namespace callscope {
namespace {

// Memory that held spans on their way to the lake is wanted again within a second: keeping it saves
// a page fault for every 4 KiB, a twentieth of the time of a span. The engine gives it back when
// nothing comes any more.
void keep_freed_memory() {
  constexpr int kKeptBytes = 256 << 20;
  constexpr int kMappedFromBytes = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kMappedFromBytes);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  mallopt(M_TOP_PAD, 1 << 20);
}

void print_first_key(const Server& server) {
  fmt::print(
      "\nThis data folder is new. Its first API key, shown only now:\n\n"
      "    {0}\n\n"
      "Point an OpenTelemetry exporter at this server:\n\n"
      "    export OTEL_EXPORTER_OTLP_ENDPOINT={1}\n"
      "    export OTEL_EXPORTER_OTLP_HEADERS=x-cekura-api-key={0}\n\n"
      "(OTLP over HTTP; for gRPC the endpoint is http://{2})\n\n"
      "See the calls:\n\n"
      "    {1}/#key={0}\n\n",
      server.first_key(), server.http_url(), server.grpc_address());
}

}  // namespace

int serve(ServerOptions options) {
  keep_freed_memory();
  // Blocked here, before any thread starts, so that only sigwait below takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Result<std::unique_ptr<Server>> server = Server::start(std::move(options), system_clock());
  if (!server) {
    fmt::print(stderr, "callscope: cannot start: {}\n", server.error().message);
    return 1;
  }
  if (!(*server)->first_key().empty()) print_first_key(**server);
  fmt::print("ready grpc={} http={}\n", (*server)->grpc_address(), (*server)->http_url());
  std::fflush(stdout);

  int received = 0;
  sigwait(&signals, &received);
  log_info("stopping", kv("signal", received));
  // A second signal ends the process at once; the log holds what was not moved to the lake.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  (*server)->stop();
  return 0;
}

}  // namespace callscope
