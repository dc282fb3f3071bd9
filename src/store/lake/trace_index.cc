#include "store/lake/trace_index.h"

#include <cstring>
#include <tuple>

namespace callscope::store {

// Entry, little endian: 0 trace id (16 bytes), 16 i64 project, 24 u32 first row, 28 u32 rows.

void TraceIndexBuilder::add(TraceId trace, ProjectId project) {
  if (!open_ || open_->trace_id != trace || open_->project != project) {
    end_entry();
    open_ = TraceRows{trace, project, row_, 0};
  }
  ++open_->rows;
  ++row_;
}

void TraceIndexBuilder::end_entry() {
  if (!open_) return;
  const size_t at = bytes_.size();
  bytes_.resize(at + TraceIndex::kEntryBytes);
  char* p = bytes_.data() + at;
  std::memcpy(p, open_->trace_id.bytes.data(), 16);
  std::memcpy(p + 16, &open_->project, 8);
  std::memcpy(p + 24, &open_->first_row, 4);
  std::memcpy(p + 28, &open_->rows, 4);
  open_.reset();
}

std::string_view TraceIndexBuilder::finish() {
  end_entry();
  return bytes_;
}

TraceRows TraceIndex::at(size_t i) const {
  const char* p = bytes_.data() + i * kEntryBytes;
  TraceRows rows;
  std::memcpy(rows.trace_id.bytes.data(), p, 16);
  std::memcpy(&rows.project, p + 16, 8);
  std::memcpy(&rows.first_row, p + 24, 4);
  std::memcpy(&rows.rows, p + 28, 4);
  return rows;
}

std::optional<TraceRows> TraceIndex::find(ProjectId project, TraceId trace) const {
  size_t low = 0;
  size_t high = size();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const TraceRows entry = at(middle);
    if (std::tie(entry.trace_id, entry.project) < std::tie(trace, project)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size()) return std::nullopt;
  const TraceRows entry = at(low);
  if (entry.trace_id != trace || entry.project != project) return std::nullopt;
  return entry;
}

}  // namespace callscope::store
