// What the tests of this room share: spans written down in JSON, a store and a catalog in memory,
// and calls as JSON to compare with.
#pragma once

#include <boost/json.hpp>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "calls/call_directory.h"
#include "calls/span_source.h"
#include "model/call.h"
#include "model/span.h"

namespace callscope::calls::testing {

// A file of test/cases/calls: spans, and the calls that are expected of them. Times are seconds
// after 2026-09-01T00:00:00Z; trace and span ids are short texts. The spans may also be those of a
// file of test/cases/captured, named by "captured".
struct CallCase {
  std::string name;
  model::SpanBatch batch;  // the spans in the order of the file
  boost::json::array expected;
};
std::unique_ptr<CallCase> read_case(const std::filesystem::path& path);
std::vector<std::filesystem::path> case_files();

// The time that a case calls `seconds`.
TimeNs case_time(double seconds);
TraceId trace_id(std::string_view text);
SpanId span_id(std::string_view text);

// Keeps the spans it was given; loads them again as the store would.
class MemoryStore {
 public:
  void add(const model::Span& span);
  SpanSource source();  // reads through the mapping table
  uint64_t loads() const { return loads_; }

 private:
  std::map<std::pair<ProjectId, TraceId>, std::map<SpanId, model::Span>> spans_;
  uint64_t loads_ = 0;
};

class MemoryDirectory : public CallDirectory {
 public:
  Result<std::vector<KnownCall>> find_by_traces(ProjectId project,
                                                std::span<const TraceId> traces) override;
  Result<std::vector<KnownCall>> find_by_name(ProjectId project, std::string_view name, TimeNs from,
                                              TimeNs to) override;
  Result<void> save(std::span<model::CallSummary> calls,
                    std::span<const MergedCall> merged) override;

  std::map<CallId, model::CallSummary> calls;
  std::map<CallId, CallId> aliases;
  bool is_failing = false;
  uint64_t saves = 0;  // of calls

 private:
  CallId next_ = 1;
};

boost::json::value to_json(const model::Call& call);

// Where `actual` differs from `expected`, as a path and both values; empty where it does not.
// Members that `expected` lacks are not compared, null stands for an absent one, and lists are
// compared as a whole.
std::string difference(const boost::json::value& expected, const boost::json::value& actual,
                       const std::string& path = "");

}  // namespace callscope::calls::testing
