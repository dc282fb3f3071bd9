// What a request costs, over loopback, client and server on the same cores. The clients are
// blocking sockets that do as little as they can; "server_cpu" is the CPU time of the server's
// threads alone.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <thread>

#include "http/server.h"
#include "http/test_client.h"

namespace callscope::http {
namespace {

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

constexpr int kRequestsEach = 200;

// Each of the connections sends `request` kRequestsEach times and reads the answers.
void run(benchmark::State& state, const std::string& request, int connections) {
  const std::string answer(90'000, 'a');
  auto router = std::make_shared<Router>();
  router->add("GET", "/trace",
              [&](Request, Responder out) { out.send(Response::json(200, answer)); },
              {.run = state.range(0) == 0 ? Run::kInline : Run::kPool});
  router->add("POST", "/v1/traces",
              [](Request, Responder out) { out.send(Response::json(200, "{}")); },
              {.run = Run::kInline, .body_bytes_max = 64u << 20});
  auto server = Server::start({.threads = 2}, router);
  double server_cpu = 0;
  for (auto _ : state) {
    std::atomic<double> client_cpu = 0;
    const double before = cpu_seconds(RUSAGE_SELF);
    std::vector<std::thread> clients;
    for (int i = 0; i < connections; ++i) {
      clients.emplace_back([&] {
        TestClient client((*server)->port());
        for (int n = 0; n < kRequestsEach; ++n) {
          client.send(request);
          benchmark::DoNotOptimize(client.read_response());
        }
        client_cpu += cpu_seconds(RUSAGE_THREAD);
      });
    }
    for (auto& client : clients) client.join();
    server_cpu += cpu_seconds(RUSAGE_SELF) - before - client_cpu;
  }
  const auto requests = static_cast<double>(state.iterations()) * connections * kRequestsEach;
  state.counters["requests/s"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
  state.counters["server_cpu_us"] = server_cpu * 1e6 / requests;
}

void BM_Get90kB(benchmark::State& state) {
  run(state, "GET /trace HTTP/1.1\r\nHost: x\r\n\r\n", 1);
}
BENCHMARK(BM_Get90kB)
    ->ArgName("pool")
    ->Arg(0)
    ->Arg(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_Post430kB(benchmark::State& state) {
  run(state,
      "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Length: 430000\r\n\r\n" +
          std::string(430'000, 'a'),
      4);
}
BENCHMARK(BM_Post430kB)->Arg(0)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace callscope::http
