#include "store/lake/table.h"

#include <vector>

namespace callscope::store {
namespace {

using SpanColumn = TableColumn<SpanRow>;
using Rows = std::span<const SpanRow* const>;

using column::id;
using column::Null;
using column::number;
using column::text;
using column::time;
using model::Measure;
using model::SpanFacts;
using parquet::Codec;
using parquet::ColumnCursor;
using parquet::ColumnWriter;
using parquet::Encoding;
using parquet::Logical;
using parquet::Physical;

template <auto Member>
SpanColumn attribute_text(std::string name, Null null, Encoding encoding) {
  SpanColumn out;
  out.column = {.name = std::move(name),
                .physical = Physical::kByteArray,
                .optional = null == Null::kWhereEmpty,
                .encoding = encoding,
                .logical = Logical::kJson};
  if (null == Null::kWhereEmpty) {
    out.write = [](Rows rows, ColumnWriter& to) {
      for (const SpanRow* row : rows) column::write_text(row->attributes.*Member, true, to);
    };
  } else {
    out.write = [](Rows rows, ColumnWriter& to) {
      for (const SpanRow* row : rows) column::write_text(row->attributes.*Member, false, to);
    };
  }
  out.read = [](const ColumnCursor& in, Arena& arena, SpanRow& row) {
    row.attributes.*Member = arena.copy(in.bytes());
  };
  return out;
}

// What is said in a call, and prompts that are the same in many, are found again over a longer way
// than other columns' values. A reader decompresses such a page up to the row that it wants.
SpanColumn long_pages(SpanColumn column) {
  column.column.page_rows_max = 8 << 10;
  column.column.page_bytes_max = 512 << 10;
  return column;
}

// A text of the facts, null where it is empty.
template <auto Member>
SpanColumn fact_text(std::string name) {
  SpanColumn out;
  out.column = {.name = std::move(name),
                .physical = Physical::kByteArray,
                .optional = true,
                .encoding = Encoding::kDictionary,
                .logical = Logical::kString};
  out.is_fact = true;
  out.write = [](Rows rows, ColumnWriter& to) {
    for (const SpanRow* row : rows) column::write_text(row->facts.*Member, true, to);
  };
  out.read = [](const ColumnCursor& in, Arena& arena, SpanRow& row) {
    row.facts.*Member = arena.copy(in.bytes());
  };
  return out;
}

SpanColumn fact(SpanColumn column) {
  column.is_fact = true;
  return column;
}

template <auto Member>
SpanColumn measure(std::string name, Encoding encoding = Encoding::kDelta) {
  SpanColumn out;
  out.column = {.name = std::move(name),
                .physical = Physical::kInt64,
                .optional = true,
                .encoding = encoding};
  out.is_fact = true;
  out.write = [](Rows rows, ColumnWriter& to) {
    for (const SpanRow* row : rows) {
      const Measure value = row->facts.*Member;
      if (value.has_value()) {
        to.add_int(*value);
      } else {
        to.add_null();
      }
    }
  };
  out.read = [](const ColumnCursor& in, Arena&, SpanRow& row) { row.facts.*Member = in.integer(); };
  return out;
}

template <auto Member>
SpanColumn fact_bool(std::string name) {
  SpanColumn out;
  out.column = {.name = std::move(name), .physical = Physical::kBoolean};
  out.is_fact = true;
  out.write = [](Rows rows, ColumnWriter& to) {
    for (const SpanRow* row : rows) to.add_int(row->facts.*Member ? 1 : 0);
  };
  out.read = [](const ColumnCursor& in, Arena&, SpanRow& row) {
    row.facts.*Member = in.integer() != 0;
  };
  return out;
}

SpanColumn kind() {
  SpanColumn out;
  out.column = {.name = "kind",
                .physical = Physical::kByteArray,
                .encoding = Encoding::kDictionary,
                .logical = Logical::kString};
  out.is_fact = true;
  out.write = [](Rows rows, ColumnWriter& to) {
    for (const SpanRow* row : rows) to.add_bytes(to_string(row->facts.kind));
  };
  out.read = [](const ColumnCursor& in, Arena&, SpanRow& row) {
    row.facts.kind = model::parse_op_kind(in.bytes()).value_or(model::OpKind::kOther);
  };
  return out;
}

SpanColumn cost_source() {
  SpanColumn out;
  out.column = {
      .name = "cost_source", .physical = Physical::kInt32, .encoding = Encoding::kDictionary};
  out.is_fact = true;
  out.write = [](Rows rows, ColumnWriter& to) {
    for (const SpanRow* row : rows) to.add_int(static_cast<int64_t>(row->facts.cost_source));
  };
  out.read = [](const ColumnCursor& in, Arena&, SpanRow& row) {
    row.facts.cost_source = static_cast<model::CostSource>(in.integer());
  };
  return out;
}

std::vector<SpanColumn> make_columns() {
  using R = SpanRow;
  using F = SpanFacts;
  return {
      // Random ids do not compress, and unpacked they can be searched in the mapped file.
      id<&R::trace_id>("trace_id", Null::kNever, Encoding::kDictionary, Codec::kZstd),
      id<&R::span_id>("span_id", Null::kNever, Encoding::kPlain, Codec::kNone),
      id<&R::parent_span_id>("parent_span_id", Null::kWhereEmpty, Encoding::kPlain, Codec::kZstd),
      number<&R::project>("project_id", Physical::kInt64),
      number<&R::agent>("agent_id", Physical::kInt64),
      time<&R::start>("start_time", Encoding::kDelta),
      time<&R::end>("end_time", Encoding::kDelta),
      time<&R::received>("received_time", Encoding::kDictionary),
      text<&R::name>("name", Null::kNever, Encoding::kDictionary),
      number<&R::otel_kind>("otel_kind", Physical::kInt32),
      number<&R::status>("status_code", Physical::kInt32),
      text<&R::status_message>("status_message", Null::kWhereEmpty, Encoding::kDictionary),
      number<&R::flags>("flags", Physical::kInt32),
      text<&R::service_name>("service_name", Null::kNever, Encoding::kDictionary),
      text<&R::scope_name>("scope_name", Null::kNever, Encoding::kDictionary),
      text<&R::scope_version>("scope_version", Null::kNever, Encoding::kDictionary),
      text<&R::resource>("resource", Null::kNever, Encoding::kDictionary, Logical::kJson),
      attribute_text<&AttributeText::keys>("attribute_keys", Null::kNever, Encoding::kDictionary),
      attribute_text<&AttributeText::values>("attribute_values", Null::kNever,
                                             Encoding::kDictionary),
      attribute_text<&AttributeText::ids>("attribute_ids", Null::kWhereEmpty, Encoding::kPlain),
      attribute_text<&AttributeText::numbers>("attribute_numbers", Null::kWhereEmpty,
                                              Encoding::kPlain),
      long_pages(attribute_text<&AttributeText::texts>("attribute_texts", Null::kWhereEmpty,
                                                       Encoding::kPlain)),
      text<&R::events>("events", Null::kWhereEmpty, Encoding::kPlain, Logical::kJson),
      text<&R::links>("links", Null::kWhereEmpty, Encoding::kPlain, Logical::kJson),
      text<&R::extra>("extra", Null::kWhereEmpty, Encoding::kDictionary, Logical::kJson),
      kind(),
      fact_text<&F::framework>("framework"),
      fact_text<&F::rule>("rule"),
      fact_bool<&F::billable>("billable"),
      fact_bool<&F::duration_valid>("duration_valid"),
      fact_bool<&F::interrupted>("interrupted"),
      fact_bool<&F::is_error>("is_error"),
      fact_bool<&F::provisional>("provisional"),
      fact(text<&R::provider>("provider", Null::kWhereEmpty, Encoding::kDictionary)),
      fact(text<&R::model>("model", Null::kWhereEmpty, Encoding::kDictionary)),
      fact(text<&R::tool_name>("tool_name", Null::kWhereEmpty, Encoding::kDictionary)),
      fact(text<&R::session_key>("session_key", Null::kWhereEmpty, Encoding::kDictionary)),
      measure<&F::turn_index>("turn_index", Encoding::kDictionary),
      measure<&F::latency_us>("latency_us"),
      measure<&F::response_latency_us>("response_latency_us"),
      measure<&F::endpointing_us>("endpointing_us"),
      measure<&F::transcription_us>("transcription_us"),
      measure<&F::input_tokens>("input_tokens"),
      measure<&F::output_tokens>("output_tokens"),
      measure<&F::cache_read_tokens>("cache_read_tokens"),
      measure<&F::cache_write_tokens>("cache_write_tokens"),
      measure<&F::reasoning_tokens>("reasoning_tokens"),
      measure<&F::audio_input_tokens>("audio_input_tokens"),
      measure<&F::audio_output_tokens>("audio_output_tokens"),
      measure<&F::characters>("characters"),
      measure<&F::audio_us>("audio_us"),
      measure<&F::cost_nano_usd>("cost_nano_usd"),
      cost_source(),
  };
}

}  // namespace

std::span<const SpanColumn> Table<SpanRow>::columns() {
  static const std::vector<SpanColumn> all = make_columns();
  return all;
}

}  // namespace callscope::store
