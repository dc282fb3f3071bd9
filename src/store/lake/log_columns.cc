#include <vector>

#include "store/lake/table.h"

namespace callscope::store {
namespace {

using column::id;
using column::Null;
using column::number;
using column::text;
using column::time;
using parquet::Codec;
using parquet::Encoding;
using parquet::Logical;
using parquet::Physical;

std::vector<TableColumn<LogRow>> make_columns() {
  using R = LogRow;
  return {
      id<&R::trace_id>("trace_id", Null::kWhereEmpty, Encoding::kDictionary, Codec::kZstd),
      id<&R::span_id>("span_id", Null::kWhereEmpty, Encoding::kPlain, Codec::kZstd),
      number<&R::project>("project_id", Physical::kInt64),
      number<&R::agent>("agent_id", Physical::kInt64),
      time<&R::time>("time", Encoding::kDelta),
      time<&R::received>("received_time", Encoding::kDictionary),
      number<&R::severity_number>("severity_number", Physical::kInt32),
      text<&R::severity_text>("severity_text", Null::kWhereEmpty, Encoding::kDictionary),
      text<&R::event_name>("event_name", Null::kWhereEmpty, Encoding::kDictionary),
      text<&R::service_name>("service_name", Null::kNever, Encoding::kDictionary),
      text<&R::scope_name>("scope_name", Null::kNever, Encoding::kDictionary),
      text<&R::resource>("resource", Null::kNever, Encoding::kDictionary, Logical::kJson),
      text<&R::body>("body", Null::kNever, Encoding::kPlain, Logical::kJson),
      text<&R::attributes>("attributes", Null::kNever, Encoding::kPlain, Logical::kJson),
  };
}

}  // namespace

std::span<const TableColumn<LogRow>> Table<LogRow>::columns() {
  static const std::vector<TableColumn<LogRow>> all = make_columns();
  return all;
}

}  // namespace callscope::store
