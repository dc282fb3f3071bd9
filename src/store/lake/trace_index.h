// Which rows of a segment belong to which trace: a sorted table of fixed-size entries inside the
// file, searched in place in the memory map.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace callscope::store {

inline constexpr char kTraceIndexSection[] = "callscope.trace_index";

struct TraceRows {
  TraceId trace_id;
  ProjectId project = 0;
  uint32_t first_row = 0;
  uint32_t rows = 0;
};

class TraceIndexBuilder {
 public:
  // Rows come in the segment's order, so those of a trace stand together.
  void add(TraceId trace, ProjectId project);
  // The table of all rows added. Valid as long as the builder.
  std::string_view finish();

 private:
  void end_entry();

  std::string bytes_;
  std::optional<TraceRows> open_;
  uint32_t row_ = 0;
};

class TraceIndex {
 public:
  static constexpr size_t kEntryBytes = 32;

  TraceIndex() = default;
  explicit TraceIndex(std::string_view section) : bytes_(section) {}

  size_t size() const { return bytes_.size() / kEntryBytes; }
  TraceRows at(size_t i) const;
  std::optional<TraceRows> find(ProjectId project, TraceId trace) const;

 private:
  std::string_view bytes_;
};

}  // namespace callscope::store
