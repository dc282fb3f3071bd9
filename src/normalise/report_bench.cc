// What reading a report costs: a call log of 20 entries, as the figure for call logs has it, and a
// session of an SDK.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <string>

#include "normalise/report.h"

namespace callscope::normalise {
namespace {

constexpr std::string_view kSaid = "I would like to move my appointment to Thursday afternoon.";

std::string call_log(int entries) {
  std::string out =
      R"({"agent":42,"call_id":"sess-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",)"
      R"("timestamp":"2026-01-02T03:04:05Z","call_ended_reason":"customer-ended-call",)"
      R"("metadata":{"plan":"pro","region":"eu"},"transcript_json":[)";
  for (int i = 0; i < entries; ++i) {
    out += fmt::format(R"({}{{"role":"{}","content":"{}","start_time":{}.5,"end_time":{}.25}})",
                       i == 0 ? "" : ",", i % 2 == 0 ? "Testing Agent" : "Main Agent", kSaid, 4 * i,
                       4 * i + 3);
  }
  return out + "]}";
}

std::string session(int entries) {
  std::string out =
      R"({"agent_id":42,"session_id":"s1","session_start":"2026-01-02T03:04:05+00:00","transcript":[)";
  for (int i = 0; i < entries; ++i) {
    out += fmt::format(
        R"({}{{"role":"{}","content":"{}","started_at":"2026-01-02T03:{:02}:05.123456+00:00",)"
        R"("ended_at":"2026-01-02T03:{:02}:08.654321+00:00"}})",
        i == 0 ? "" : ",", i % 2 == 0 ? "user" : "assistant", kSaid, 4 + i % 50, 4 + i % 50);
  }
  return out + "]}";
}

void run(benchmark::State& state, model::ReportKind kind, const std::string& body) {
  for (auto _ : state) benchmark::DoNotOptimize(read_report(kind, body, {}));
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}

void observe_20_entries(benchmark::State& state) {
  run(state, model::ReportKind::kObserve, call_log(20));
}
BENCHMARK(observe_20_entries);

void observe_20000_entries(benchmark::State& state) {
  run(state, model::ReportKind::kObserve, call_log(20'000));
}
BENCHMARK(observe_20000_entries);

void pipecat_20_entries(benchmark::State& state) {
  run(state, model::ReportKind::kPipecatSession, session(20));
}
BENCHMARK(pipecat_20_entries);

}  // namespace
}  // namespace callscope::normalise
