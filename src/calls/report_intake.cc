#include "calls/report_intake.h"

#include <future>

#include "base/log.h"
#include "calls/derive.h"
#include "calls/span_source.h"
#include "normalise/report.h"

namespace callscope::calls {
namespace {

// Waiting for the disk. Senders over it are told to retry.
constexpr size_t kWaitingBytesMax = size_t{64} << 20;
// In one transaction, so that nobody waits for a long one.
constexpr size_t kBatchMax = 64;

}  // namespace

ReportIntake::ReportIntake(store::Catalog& catalog, CallBook& book, const Prices& prices,
                           const Clock& clock)
    : catalog_(catalog), book_(book), prices_(prices), clock_(clock) {
  thread_ = std::thread([this] { run(); });
}

ReportIntake::~ReportIntake() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<void> ReportIntake::start() {
  constexpr size_t kMany = 100'000;
  for (const store::SavedReport& saved : TRY(catalog_.reports_to_join(kMany)))
    book_.on_report(saved.project, summarise(saved, read_saved(saved)));
  return {};
}

Result<void> ReportIntake::save(ReportToSave report, std::function<void(Result<SavedAs>)> done) {
  const std::lock_guard lock(mutex_);
  if (waiting_bytes_ > kWaitingBytesMax) {
    return Error{ErrorCode::kResourceExhausted,
                 "too many reports wait to be saved; send this again later"};
  }
  waiting_bytes_ += report.body.size();
  waiting_.push_back({std::move(report), std::move(done)});
  changed_.notify_all();
  return {};
}

Result<SavedAs> ReportIntake::save(ReportToSave report) {
  std::promise<Result<SavedAs>> promise;
  TRY(save(std::move(report), [&](Result<SavedAs> saved) { promise.set_value(std::move(saved)); }));
  return promise.get_future().get();
}

void ReportIntake::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
    if (waiting_.empty()) return;
    std::vector<Waiting> batch;
    const size_t count = std::min(waiting_.size(), kBatchMax);
    std::move(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count),
              std::back_inserter(batch));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(count));
    for (const Waiting& each : batch) waiting_bytes_ -= each.report.body.size();
    lock.unlock();
    save_all(batch);
    lock.lock();
  }
}

void ReportIntake::save_all(std::vector<Waiting>& batch) {
  std::vector<Joined> joined;
  std::vector<Result<SavedAs>> answers;
  const auto saved = catalog_.write(
      [&](store::Transaction& transaction) -> Result<void> {
        for (Waiting& each : batch) {
          auto answer = save_one(transaction, each.report, joined);
          // A refusal is that report's own; anything else fails the transaction.
          if (!answer && answer.error().code != ErrorCode::kConflict)
            return std::move(answer).error();
          answers.push_back(std::move(answer));
        }
        return {};
      },
      store::Durability::kPower);
  if (!saved) {
    log_error("cannot save reports", kv("count", batch.size()), kv("error", saved.error().message));
    for (Waiting& each : batch)
      each.done(Error{ErrorCode::kUnavailable, "cannot save the report: " + saved.error().message});
    return;
  }
  for (Joined& each : joined) book_.on_report(each.project, std::move(each.facts));
  for (size_t i = 0; i < batch.size(); ++i) batch[i].done(std::move(answers[i]));
}

Result<SavedAs> ReportIntake::save_one(store::Transaction& transaction, ReportToSave& report,
                                       std::vector<Joined>& joined) {
  const model::ReportKind kind = report.report.kind;
  auto known = TRY(transaction.report_by_key(report.project, kind, report.report.idempotency_key));
  store::SavedReport row;
  if (known) {
    if (report.refuses_known) {
      return Error{ErrorCode::kConflict,
                   "a call with this call_id exists already; this project refuses to change it",
                   "call_id"};
    }
    row = *std::move(known);
    std::string body = row.body == report.body
                           ? row.body
                           : normalise::update_body(kind, row.body, report.body, {});
    if (body == row.body) return SavedAs{row.call, row.id, false};
    row.body = std::move(body);
    if (report.agent != 0) row.agent = report.agent;
    ++row.revision;
  } else {
    row.id = TRY(transaction.new_report_id());
    row.project = report.project;
    row.agent = report.agent;
    row.kind = kind;
    row.key = report.report.idempotency_key;
    row.created = clock_.now();
    row.revision = 1;
    row.body = std::move(report.body);
  }
  row.received = clock_.now();
  row.is_joined = false;
  ReportFacts facts = summarise(row, row.revision == 1 ? report.report : read_saved(row));
  if (row.call == 0) row.call = TRY(find_or_add_call(transaction, row.project, facts));
  TRY(transaction.put_report(row));
  const SavedAs saved{row.call, row.id, row.revision == 1};
  joined.push_back({row.project, std::move(facts)});
  return saved;
}

// The call of a trace that the report names, or a new one made of the report alone; the book finds
// out what else it belongs to.
Result<CallId> ReportIntake::find_or_add_call(store::Transaction& transaction, ProjectId project,
                                              const ReportFacts& facts) {
  for (const TraceId& trace : facts.attached) {
    if (const auto call = TRY(transaction.call_of_trace(project, trace))) return *call;
  }
  TraceFacts piece(project, store::trace_of_report(facts.id));
  piece.set_report(facts);
  const TraceFacts* pieces[] = {&piece};
  const FactSet set = make_fact_set(pieces);
  const SpanTree tree(set);
  const std::vector<CallFacts> calls = partition(set, tree);
  PriceCache prices(prices_);
  model::CallSummary summary = derive(set, tree, calls.front(), prices).summary;
  summary.id = TRY(transaction.new_call_ids(1));
  TRY(transaction.put_call(summary));
  return summary.id;
}

}  // namespace callscope::calls
