#include "store/catalog/call_writer.h"

#include <algorithm>
#include <iterator>

namespace callscope::store {
namespace {

// Of these many calls and labels the writer remembers what it wrote: some megabytes.
constexpr size_t kRememberedMax = 100'000;

// "a = :a, b = :b" of the columns that `visit_columns` names.
std::string set_list(auto&& visit_columns) {
  std::string list;
  visit_columns(
      [&](std::string_view name, const auto&) {
        list += fmt::format("{}{} = :{}", list.empty() ? "" : ", ", name, name);
      },
      CallToSave{});
  return list;
}

const std::string& insert_call_sql() {
  static const std::string sql = insert_sql<CallToSave>("calls") + " ON CONFLICT (id) DO NOTHING";
  return sql;
}

const std::string& update_call_sql() {
  static const std::string sql = "UPDATE calls SET " +
                                 set_list([](auto visit, const CallToSave& row) {
                                   indexed_columns(visit, row);
                                   other_columns(visit, row);
                                 }) +
                                 " WHERE id = :id";
  return sql;
}

const std::string& update_numbers_sql() {
  static const std::string sql =
      "UPDATE calls SET " +
      set_list([](auto visit, const CallToSave& row) { other_columns(visit, row); }) +
      " WHERE id = :id";
  return sql;
}

constexpr size_t kLabelsPerStatement = 8;

std::string insert_labels_sql(size_t count) {
  std::string sql = "INSERT INTO call_labels (label_id, call_id) VALUES ";
  for (size_t i = 0; i < count; ++i)
    sql += fmt::format("{}(:label{}, :call{})", i == 0 ? "" : ", ", i, i);
  return sql += " ON CONFLICT DO NOTHING";
}

// Takes a few strings and numbers together. Never kept on disk.
class Hash {
 public:
  void add(uint64_t value) { hash_ = (hash_ ^ (hash_ >> 29) ^ value) * 0x9E3779B97F4A7C15ull; }
  void add(std::string_view text) { add(std::hash<std::string_view>()(text)); }
  uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 1;
};

// Of all that CallWriter::put writes beside the row and into columns with an index.
uint64_t hash_associations(const model::CallSummary& call) {
  Hash hash;
  for (const int64_t number : {call.project, call.agent, call.started.ns})
    hash.add(static_cast<uint64_t>(number));
  hash.add(call.call_id);
  for (const TraceId& id : links_of(call)) hash.add(id.view());
  hash.add(call.session_keys.size());
  for (const std::string& key : call.session_keys) hash.add(key);
  hash.add(call.models.size());
  for (const model::ModelName& name : call.models) hash.add(name.model);
  hash.add(call.tool_names.size());
  for (const std::string& name : call.tool_names) hash.add(name);
  for (const auto& [key, value] : call.metadata) {
    hash.add(key);
    hash.add(value);
  }
  return hash.value();
}

// Calls `add` for what only `after` has and `drop` for what only `before` has; both are sorted.
template <typename T, typename Add, typename Drop>
Result<void> for_differences(const std::vector<T>& before, const std::vector<T>& after, Add add,
                             Drop drop) {
  std::vector<T> only;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(only));
  for (const T& value : only) TRY(add(value));
  only.clear();
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(only));
  for (const T& value : only) TRY(drop(value));
  return {};
}

}  // namespace

Result<void> CallWriter::put(const model::CallSummary& call) {
  CallUpdate update{{&call, extras_of(call)}};
  const uint64_t associations = hash_associations(call);
  const auto known = memory_.associations.find(call.id);
  if (known != memory_.associations.end() && known->second == associations) {
    if (TRY(session_.run_row(update_numbers_sql(), update)) == 1) return {};
  }

  model::CallSummary before;
  if (TRY(session_.run_row(insert_call_sql(), update.to_save)) == 0) {
    before = TRY(saved(call.id)).value_or(model::CallSummary());
    if (before.project != call.project) {
      return Error{ErrorCode::kInternal,
                   fmt::format("call {} belongs to another project", call.id)};
    }
    TRY(session_.run_row(update_call_sql(), update.to_save));
  }
  TRY(replace_traces(before, call));
  TRY(replace_names(before, call));
  TRY(replace_labels(before, call));
  if (memory_.associations.size() >= kRememberedMax) memory_.associations.clear();
  memory_.associations[call.id] = associations;
  return {};
}

Result<bool> CallWriter::remove(ProjectId project, CallId id) {
  memory_.associations.erase(id);
  const auto found = TRY(saved(id));
  if (!found || found->project != project) return false;
  model::CallSummary nothing;
  nothing.id = id;
  nothing.project = project;
  TRY(replace_traces(*found, nothing));
  TRY(replace_names(*found, nothing));
  TRY(replace_labels(*found, nothing));
  TRY(session_.run("DELETE FROM calls WHERE id = :id", id));
  return true;
}

Result<std::optional<model::CallSummary>> CallWriter::saved(CallId id) {
  auto row = TRY(session_.one<CallRow>("FROM calls WHERE id = :id", id));
  if (!row) return std::optional<model::CallSummary>();
  return std::optional(TRY(to_call(*std::move(row))));
}

Result<void> CallWriter::replace_traces(const model::CallSummary& before,
                                        const model::CallSummary& after) {
  const auto add = [&](TraceId id) {
    const TraceColumns trace = to_columns(id);
    return session_.run(
        "INSERT INTO call_traces (project_id, trace_high, trace_low, call_id)"
        " VALUES (:project, :high, :low, :call) ON CONFLICT DO NOTHING",
        after.project, trace.high, trace.low, after.id);
  };
  const auto drop = [&](TraceId id) {
    const TraceColumns trace = to_columns(id);
    return session_.run(
        "DELETE FROM call_traces WHERE project_id = :project AND trace_high = :high"
        " AND trace_low = :low AND call_id = :call",
        after.project, trace.high, trace.low, after.id);
  };
  const auto sorted = [](std::vector<TraceId> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  return for_differences(sorted(links_of(before)), sorted(links_of(after)), add, drop);
}

Result<void> CallWriter::replace_names(const model::CallSummary& before,
                                       const model::CallSummary& after) {
  const auto add = [&](const std::string& name) {
    return session_.run(
        "INSERT INTO call_names (project_id, name, call_id) VALUES (:project, :name, :call)"
        " ON CONFLICT DO NOTHING",
        after.project, name, after.id);
  };
  const auto drop = [&](const std::string& name) {
    return session_.run(
        "DELETE FROM call_names WHERE project_id = :project AND name = :name AND call_id = :call",
        after.project, name, after.id);
  };
  return for_differences(names_of(before), names_of(after), add, drop);
}

Result<void> CallWriter::replace_labels(const model::CallSummary& before,
                                        const model::CallSummary& after) {
  std::vector<Param> links;
  const auto add = [&](const Label& label) -> Result<void> {
    links.emplace_back(TRY(label_id(after.project, label)));
    links.emplace_back(after.id);
    return {};
  };
  const auto drop = [&](const Label& label) { return drop_label(after.project, label, after.id); };
  TRY(for_differences(labels_of(before), labels_of(after), add, drop));

  // A new call has half a dozen; one statement for all costs half as much as one for each.
  for (size_t from = 0; from < links.size(); from += 2 * kLabelsPerStatement) {
    const size_t to = std::min(links.size(), from + 2 * kLabelsPerStatement);
    TRY(session_.run_of(insert_labels_sql((to - from) / 2),
                        {links.begin() + static_cast<ptrdiff_t>(from),
                         links.begin() + static_cast<ptrdiff_t>(to)}));
  }
  return {};
}

Result<int64_t> CallWriter::label_id(ProjectId project, const Label& label) {
  const std::string key =
      fmt::format("{}/{}/{}", project, static_cast<int>(label.kind), label.text);
  if (const auto known = memory_.labels.find(key); known != memory_.labels.end())
    return known->second;
  auto id = TRY(session_.one<int64_t>(
      "SELECT id FROM labels WHERE project_id = :project AND kind = :kind AND text = :text",
      project, label.kind, label.text));
  if (!id) {
    id = TRY(next_id(session_, "labels"));
    TRY(session_.run(
        "INSERT INTO labels (id, project_id, kind, text) VALUES (:id, :project, :kind, :text)", *id,
        project, label.kind, label.text));
  }
  if (memory_.labels.size() >= kRememberedMax) memory_.labels.clear();
  memory_.labels[key] = *id;
  return *id;
}

Result<void> CallWriter::drop_label(ProjectId project, const Label& label, CallId call) {
  const int64_t id = TRY(label_id(project, label));
  TRY(session_.run("DELETE FROM call_labels WHERE label_id = :label AND call_id = :call", id,
                   call));
  const int64_t unused = TRY(session_.run(
      "DELETE FROM labels WHERE id = :id"
      " AND NOT EXISTS (SELECT 1 FROM call_labels WHERE call_labels.label_id = labels.id)",
      id));
  if (unused > 0) memory_.labels.clear();
  return {};
}

}  // namespace callscope::store
