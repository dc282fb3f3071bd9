// A SpanQuery as SQL over a segment, and the same test on a hot row: two readings of one filter.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "store/span_row.h"
#include "store/span_store.h"

namespace callscope::store {

// The last span of a page: the next page starts behind it in the order of start, then span id, both
// falling.
struct SearchCursor {
  TimeNs start;
  SpanId span_id;
};
std::string to_text(const SearchCursor& cursor);
// kInvalidArgument with field "cursor" for a text that to_text did not write; nullopt for an empty
// one.
Result<std::optional<SearchCursor>> parse_search_cursor(std::string_view text);

// Whether a row comes after the span that the cursor names.
bool is_behind(const SpanRow& row, const SearchCursor& cursor);

// SQL knows times to the microsecond: of the one that the cursor lies in it lets every span pass,
// and is_behind() has to tell them apart.
std::string filter_sql(const SpanQuery& query);
bool matches(const SpanRow& row, const SpanQuery& query);

}  // namespace callscope::store
