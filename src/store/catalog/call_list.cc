// The list of calls: from a CallQuery to SQL that a suitable index answers.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "store/catalog/call_rows.h"
#include "store/catalog/catalog.h"
#include "store/catalog/catalog_state.h"

namespace callscope::store {
namespace {

constexpr std::array<std::string_view, 5> kSortNames = {"started_at", "duration", "latency", "cost",
                                                        "tokens"};
constexpr std::array<std::string_view, 5> kSortColumns = {"started_ns", "ended_ns - started_ns",
                                                          "slowest_ms", "cost_nano_usd", "tokens"};

// Up to so many calls a condition names them one by one; beyond, it is tried on each call of the
// list.
constexpr int64_t kFewCalls = 2'000;

// Where a call stands in a sorted list. Calls of the same value are told apart by their id.
struct Position {
  int64_t value = 0;
  CallId id = 0;
  auto operator<=>(const Position&) const = default;
};

void columns(auto&& visit, AnyOf<Position> auto& row) {
  visit("value", row.value);
  visit("id", row.id);
}

// What a call without a value is sorted as, so that it comes last either way.
int64_t absent_value(Order order) {
  return order == Order::kDescending ? -std::numeric_limits<int64_t>::max()
                                     : std::numeric_limits<int64_t>::max();
}

std::string sort_expression(const CallQuery& query) {
  const auto column = kSortColumns[static_cast<size_t>(query.sort)];
  if (query.sort == CallSort::kStartedAt) return std::string(column);  // never absent; has an index
  return fmt::format("COALESCE({}, {})", column, absent_value(query.order));
}

Order reversed(Order order) {
  return order == Order::kDescending ? Order::kAscending : Order::kDescending;
}
std::string_view direction(Order order) { return order == Order::kDescending ? "DESC" : "ASC"; }

// ---- cursors: "sort.direction.value.id"
// -----------------------------------------------------------

std::string to_cursor(const Position& position, const CallQuery& query) {
  return fmt::format("{}.{}.{}.{}", to_string(query.sort), direction(query.order), position.value,
                     position.id);
}

Result<std::optional<Position>> parse_cursor(const CallQuery& query) {
  if (query.cursor.empty()) return std::optional<Position>();
  const Error bad{ErrorCode::kInvalidArgument, "cursor is not of a list that is sorted in this way",
                  "cursor"};
  const std::string prefix = fmt::format("{}.{}.", to_string(query.sort), direction(query.order));
  if (!query.cursor.starts_with(prefix)) return bad;
  Position position;
  const char* const end = query.cursor.data() + query.cursor.size();
  const auto value = std::from_chars(query.cursor.data() + prefix.size(), end, position.value);
  if (value.ec != std::errc() || value.ptr == end || *value.ptr != '.') return bad;
  const auto id = std::from_chars(value.ptr + 1, end, position.id);
  if (id.ec != std::errc() || id.ptr != end) return bad;
  return std::optional(position);
}

// ---- conditions
// -----------------------------------------------------------------------------------

// The WHERE clause of a list as it grows, and the calls that it is known to lie among.
struct Conditions {
  std::string where;
  std::vector<Param> params;
  std::optional<std::vector<CallId>> among;  // sorted

  template <typename... Values>
  void add(std::string_view sql, Values... values) {
    where.append(where.empty() ? "" : " AND ").append(sql);
    (params.emplace_back(values), ...);
  }

  void restrict_to(std::vector<CallId> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (among) {
      std::vector<CallId> both;
      std::set_intersection(among->begin(), among->end(), ids.begin(), ids.end(),
                            std::back_inserter(both));
      ids = std::move(both);
    }
    among = std::move(ids);
  }
};

Result<void> add_state(Session& session, const CallQuery& query, Conditions& conditions) {
  const int64_t quiet = (query.now - model::kQuietAfter).ns;
  const int64_t ended = (query.now - model::kEndedAfter).ns;
  if (*query.state == model::CallState::kEnded) {
    conditions.add("(root_ended <> 0 OR last_activity_ns <= :ended)", ended);
    return {};
  }
  // Few calls are open at a time, and an index has just them.
  conditions.restrict_to(
      TRY(session.all<CallId>("SELECT id FROM calls WHERE project_id = :project AND root_ended = 0 "
                              "AND last_activity_ns > :ended",
                              query.project, ended)));
  if (*query.state == model::CallState::kRunning) {
    conditions.add("root_ended = 0 AND last_activity_ns > :quiet", quiet);
  } else {
    conditions.add("root_ended = 0 AND last_activity_ns > :ended AND last_activity_ns <= :quiet",
                   ended, quiet);
  }
  return {};
}

Result<void> add_label(Session& session, const CallQuery& query, const Label& label, size_t number,
                       Conditions& conditions) {
  const auto id = TRY(session.one<int64_t>(
      "SELECT id FROM labels WHERE project_id = :project AND kind = :kind AND text = :text",
      query.project, label.kind, index_text(label.text)));
  if (!id) {
    conditions.restrict_to({});
    return {};
  }
  auto calls = TRY(session.all<CallId>(
      "SELECT call_id FROM call_labels WHERE label_id = :label LIMIT :few", *id, kFewCalls));
  if (static_cast<int64_t>(calls.size()) < kFewCalls) {
    conditions.restrict_to(std::move(calls));
  } else {
    conditions.add(fmt::format("EXISTS (SELECT 1 FROM call_labels l WHERE l.label_id = :label{} AND"
                               " l.call_id = calls.id)",
                               number),
                   *id);
  }
  return {};
}

// Whether the list is found soonest by reading the whole table in its order: where no index has
// what is asked for and most calls are the project's. Going there from an index takes twice as
// long.
Result<bool> reads_whole_table(Session& session, const CallQuery& query) {
  const bool has_index =
      query.agent || query.errors_only || query.started.from.is_set() || query.started.to.is_set();
  const bool needs_rows =
      query.sort != CallSort::kStartedAt || query.latency_min || query.flags != 0;
  if (has_index || !needs_rows) return false;
  const auto own = TRY(session.one<int64_t>(
      "SELECT COUNT(*) FROM calls WHERE project_id = :project", query.project));
  const auto all = TRY(session.one<int64_t>("SELECT MAX(id) FROM calls"));  // or more, of deleted
  return own.value_or(0) > all.value_or(0) / 2;
}

// A plus before a column keeps a database from choosing that column's index: it would take the
// wrong one of two, knowing nothing of how many rows each condition leaves.
Result<Conditions> conditions_of(Session& session, const CallQuery& query) {
  Conditions conditions;
  if (query.among) conditions.restrict_to(*query.among);
  if (query.state) TRY(add_state(session, query, conditions));
  size_t labels = 0;
  const auto with_label = [&](LabelKind kind, std::string text) {
    return add_label(session, query, {kind, std::move(text)}, labels++, conditions);
  };
  if (query.model) TRY(with_label(LabelKind::kModel, *query.model));
  if (query.tool) TRY(with_label(LabelKind::kTool, *query.tool));
  for (const auto& [key, value] : query.metadata)
    TRY(with_label(LabelKind::kMetadata, metadata_text(key, value)));

  const bool by_id = conditions.among.has_value();
  const bool avoids_index = by_id || query.agent || TRY(reads_whole_table(session, query));
  const std::string_view own = avoids_index ? "+project_id" : "project_id";
  conditions.add(fmt::format("{} = :project", own), query.project);
  if (query.agent) conditions.add(by_id ? "+agent_id = :agent" : "agent_id = :agent", *query.agent);
  if (query.started.from.is_set()) conditions.add("started_ns >= :from", query.started.from.ns);
  if (query.started.to.is_set()) conditions.add("started_ns < :to", query.started.to.ns);
  if (TRY(session.one<int64_t>("SELECT 1 FROM withheld_agents WHERE project_id = :project LIMIT 1",
                               query.project))) {
    conditions.add(
        "NOT (sources < 4 AND EXISTS (SELECT 1 FROM withheld_agents WHERE"
        " withheld_agents.agent_id = calls.agent_id AND since_ns <= calls.started_ns))");
  }
  if (query.errors_only) conditions.add("error_count > 0");
  if (query.flags != 0)
    conditions.add("(flags & :flags) = :same", int64_t{query.flags}, int64_t{query.flags});
  if (query.latency_min)
    conditions.add("slowest_ms >= :latency", query.latency_min->ns / 1'000'000);
  return conditions;
}

// ---- the list
// -------------------------------------------------------------------------------------

// Where the first `limit` calls past `after` are, walking in `walk` order through the list that
// `query` sorts.
Result<std::vector<Position>> walk_list(Session& session, const CallQuery& query,
                                        Conditions conditions, std::optional<Position> after,
                                        Order walk, size_t limit) {
  const std::string key = sort_expression(query);
  if (after) {
    conditions.add(
        fmt::format("({}, id) {} (:value, :id)", key, walk == Order::kDescending ? "<" : ">"),
        after->value, after->id);
  }
  const auto select = [&](const std::string& where, std::vector<Param> params) {
    params.emplace_back(static_cast<int64_t>(limit));
    return session.all_of<Position>(
        fmt::format("SELECT {0}, id FROM calls WHERE {1} ORDER BY {0} {2}, id {2}"
                    " LIMIT :limit",
                    key, where, direction(walk)),
        params);
  };
  if (!conditions.among) return select(conditions.where, conditions.params);

  // A statement for each handful of calls; the first of all are among the first of each.
  static const std::string kIds = " AND " + ids_condition("id");
  std::vector<Position> positions;
  const std::span<const CallId> ids = *conditions.among;
  for (size_t from = 0; from < ids.size(); from += kIdsPerStatement) {
    std::vector<Param> params = conditions.params;
    append_ids(params, ids.subspan(from, std::min(kIdsPerStatement, ids.size() - from)));
    const auto some = TRY(select(conditions.where + kIds, std::move(params)));
    positions.insert(positions.end(), some.begin(), some.end());
  }
  std::sort(positions.begin(), positions.end());
  if (walk == Order::kDescending) std::reverse(positions.begin(), positions.end());
  if (positions.size() > limit) positions.resize(limit);
  return positions;
}

}  // namespace

std::string_view to_string(CallSort sort) { return kSortNames[static_cast<size_t>(sort)]; }

std::optional<CallSort> parse_call_sort(std::string_view text) {
  const auto* const found = std::find(kSortNames.begin(), kSortNames.end(), text);
  if (found == kSortNames.end()) return std::nullopt;
  return static_cast<CallSort>(found - kSortNames.begin());
}

Result<CallPage> Catalog::list_calls(const CallQuery& query) const {
  const auto after = TRY(parse_cursor(query));
  const auto reader = TRY(state_->readers.borrow());
  auto conditions = TRY(conditions_of(*reader, query));
  // One more than asked for tells whether there is a next page.
  auto positions =
      TRY(walk_list(*reader, query, std::move(conditions), after, query.order, query.limit + 1));
  CallPage page;
  if (positions.size() > query.limit) {
    positions.resize(query.limit);
    if (!positions.empty()) page.next = to_cursor(positions.back(), query);
  }
  for (const Position& position : positions) {
    auto row = TRY(reader->one<CallRow>("FROM calls WHERE id = :id", position.id));
    // One that was deleted since is left out.
    if (row) page.calls.push_back(TRY(to_call(*std::move(row))));
  }
  return page;
}

Result<CallNeighbours> Catalog::neighbours(const CallQuery& query, CallId id) const {
  const auto reader = TRY(state_->readers.borrow());
  const auto position = TRY(reader->one<Position>(
      fmt::format("SELECT {}, id FROM calls WHERE id = :id AND project_id = :project",
                  sort_expression(query)),
      id, query.project));
  CallNeighbours found;
  if (!position) return found;
  const auto conditions = TRY(conditions_of(*reader, query));
  for (const Order walk : {query.order, reversed(query.order)}) {
    const auto next = TRY(walk_list(*reader, query, conditions, position, walk, 1));
    if (!next.empty()) (walk == query.order ? found.next : found.previous) = next.front().id;
  }
  return found;
}

}  // namespace callscope::store
