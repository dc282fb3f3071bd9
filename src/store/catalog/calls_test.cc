#include <algorithm>

#include "store/catalog/catalog_fixture.h"

namespace callscope::store {
namespace {

using CallsTest = CatalogTest;

// With something in every member that is kept.
model::CallSummary full_call(model::CallSummary call) {
  call.call_id = "room-42";
  call.anchor = *SpanId::from_hex("fedcba9876543210");
  call.end_reason = "customer hung up";
  call.sources = model::kFromOtlp;
  call.flags = 5;
  call.span_count = 59;
  call.turn_count = 4;
  call.tool_count = 2;
  call.tool_error_count = 1;
  call.error_count = 3;
  call.interruption_count = 1;
  call.trace_ids.push_back(*TraceId::from_hex("ffffffffffffffff8000000000000001"));
  call.session_keys = {"customer-7", "job-1"};
  call.frameworks = {{"pipecat", "1.2.0"}};
  call.models = {{model::OpKind::kLlm, "openai", "gpt-4o"},
                 {model::OpKind::kStt, "deepgram", "nova-3"}};
  call.tool_names = {"book_table"};
  call.metadata = {{"tenant", "acme"}};
  call.totals.input_tokens = 900;
  call.totals.output_tokens = 100;
  call.totals.cost_nano_usd = 1234567;
  call.turn_reported_ms = {700, 1200, 800};
  call.reported = model::summarise(call.turn_reported_ms);
  call.slowest_turn = 2;
  call.slowest_ms = 1200;
  return call;
}

TEST_F(CallsTest, WhatIsPutIsRead) {
  const CallId plain = new_call_id();
  const auto call = sample_call(plain);
  put(call);
  EXPECT_EQ(ok(catalog->call(1, plain)), call);

  const auto full = full_call(sample_call(new_call_id()));
  put(full);
  const auto read = ok(catalog->call(1, full.id));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, full);
  EXPECT_EQ(ok(catalog->call(1, 999)), std::nullopt);
}

TEST_F(CallsTest, SavingAgainReplaces) {
  auto call = full_call(sample_call(new_call_id()));
  put(call);
  call.span_count = 60;  // only numbers
  put(call);
  EXPECT_EQ(ok(catalog->call(1, call.id)), call);

  // The first trace turns out to be an earlier one, another goes, as do a key, a model and a tool.
  call.started = call.started - DurationNs::from_s(5);
  call.trace_ids = {trace_of(1234), call.trace_ids[1]};
  call.session_keys = {"job-1"};
  call.models.pop_back();
  call.tool_names.clear();
  call.metadata = {{"tenant", "beta"}};
  put(call);
  EXPECT_EQ(ok(catalog->call(1, call.id)), call);
  EXPECT_TRUE(ok(catalog->calls_of_trace(1, trace_of(call.id))).empty());
  EXPECT_EQ(ok(catalog->calls_of_trace(1, trace_of(1234))), std::vector{call.id});
  EXPECT_TRUE(ok(catalog->calls_of_name(1, "customer-7", clock.time, 9)).empty());
  const auto count = [&](CallQuery query) {
    query.project = 1;
    query.now = clock.time;
    return ok(catalog->list_calls(query)).calls.size();
  };
  EXPECT_EQ(count({.model = "nova-3"}), 0u);
  EXPECT_EQ(count({.model = "gpt-4o"}), 1u);
  EXPECT_EQ(count({.tool = "book_table"}), 0u);
  EXPECT_EQ(count({.metadata = {{"tenant", "acme"}}}), 0u);
  EXPECT_EQ(count({.metadata = {{"tenant", "beta"}}}), 1u);
}

// What the writer remembers of a call may not be believed after the transaction that wrote it
// failed.
TEST_F(CallsTest, ARolledBackSaveIsSavedAgain) {
  auto call = full_call(sample_call(new_call_id()));
  {
    auto transaction = ok(catalog->begin());
    ok(transaction.put_call(call));
  }
  EXPECT_EQ(ok(catalog->call(1, call.id)), std::nullopt);
  put(call);
  EXPECT_EQ(ok(catalog->call(1, call.id)), call);
  EXPECT_EQ(
      ok(catalog->list_calls({.project = 1, .now = clock.time, .model = "gpt-4o"})).calls.size(),
      1u);
}

TEST_F(CallsTest, ATraceMayHoldSeveralCallsAndACallSeveralTraces) {
  auto first = sample_call(new_call_id());
  auto second = sample_call(new_call_id());
  second.trace_ids = {first.trace_ids[0], trace_of(77)};
  second.call_id = "second";
  put(first);
  put(second);
  EXPECT_EQ(ok(catalog->calls_of_trace(1, first.trace_ids[0])), (std::vector{first.id, second.id}));
  EXPECT_EQ(
      ok(catalog->calls_of_traces(1, std::vector{first.trace_ids[0], trace_of(77), trace_of(78)})),
      (std::vector{first.id, second.id}));
}

TEST_F(CallsTest, FoundByEachOfItsNames) {
  auto early = sample_call(new_call_id());
  early.started = clock.time - DurationNs::from_s(9000);
  early.session_keys = {"customer-7"};
  auto late = sample_call(new_call_id());
  late.session_keys = {"customer-7"};
  late.call_id = "visit-2";
  put(late);
  put(early);

  EXPECT_EQ(ok(catalog->call_by_name(1, "customer-7"))->id, late.id);
  EXPECT_EQ(ok(catalog->call_by_name(1, "visit-2"))->id, late.id);
  EXPECT_EQ(ok(catalog->call_by_name(1, early.call_id))->id, early.id);  // its trace id
  EXPECT_EQ(ok(catalog->call_by_name(1, "nobody")), std::nullopt);

  const auto named = ok(catalog->calls_of_name(1, "customer-7", clock.time, 10));
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].call, late.id);
  EXPECT_EQ(named[0].ended, late.ended);
  EXPECT_EQ(named[1].call, early.id);
  EXPECT_EQ(ok(catalog->calls_of_name(1, "customer-7", early.started, 10)).size(), 1u);
  EXPECT_EQ(ok(catalog->calls_of_name(1, "customer-7", clock.time, 1)).size(), 1u);
}

TEST_F(CallsTest, AMergedCallIsFoundByBothIds) {
  const auto a = sample_call(new_call_id());
  auto b = sample_call(new_call_id());
  auto c = sample_call(new_call_id());
  for (const auto& call : {a, b, c}) put(call);
  b.trace_ids.push_back(a.trace_ids[0]);
  ok(catalog->write([&](Transaction& t) -> Result<void> {
    TRY(t.merge_calls(1, a.id, b.id));
    return t.put_call(b);
  }));
  EXPECT_EQ(ok(catalog->call(1, a.id)), b);
  EXPECT_EQ(ok(catalog->calls_of_trace(1, a.trace_ids[0])), std::vector{b.id});

  c.trace_ids.insert(c.trace_ids.end(), b.trace_ids.begin(), b.trace_ids.end());
  ok(catalog->write([&](Transaction& t) -> Result<void> {
    TRY(t.put_call(c));
    return t.merge_calls(1, b.id, c.id);
  }));
  EXPECT_EQ(ok(catalog->call(1, a.id)), c);
  EXPECT_EQ(ok(catalog->call(1, b.id)), c);
  EXPECT_EQ(ok(catalog->list_calls({.project = 1, .now = clock.time})).calls.size(), 1u);

  ok(catalog->write([&](Transaction& t) { return t.delete_call(1, c.id); }));
  for (const CallId id : {a.id, b.id, c.id}) EXPECT_EQ(ok(catalog->call(1, id)), std::nullopt);
}

TEST_F(CallsTest, ADeletedCallLeavesNothing) {
  const auto call = full_call(sample_call(new_call_id()));
  put(call);
  ok(catalog->write([&](Transaction& t) { return t.delete_call(1, call.id); }));
  EXPECT_EQ(ok(catalog->call(1, call.id)), std::nullopt);
  EXPECT_EQ(ok(catalog->call_by_name(1, "room-42")), std::nullopt);
  EXPECT_TRUE(ok(catalog->calls_of_trace(1, call.trace_ids[0])).empty());
  EXPECT_EQ(
      ok(catalog->list_calls({.project = 1, .now = clock.time, .model = "gpt-4o"})).calls.size(),
      0u);
  EXPECT_EQ(code_of(catalog->write([&](Transaction& t) { return t.delete_call(1, call.id); })),
            ErrorCode::kNotFound);
  // Its labels are gone too, and come back with the next call that has them.
  auto next = full_call(sample_call(new_call_id()));
  put(next);
  EXPECT_EQ(
      ok(catalog->list_calls({.project = 1, .now = clock.time, .model = "gpt-4o"})).calls.size(),
      1u);
}

TEST_F(CallsTest, OldOnesAreToldForRetention) {
  std::vector<CallId> ids;
  for (int i = 0; i < 5; ++i) {
    auto call = sample_call(new_call_id());
    call.started = clock.time - DurationNs::from_s(100 - i);
    put(call);
    ids.push_back(call.id);
  }
  const TimeNs before = clock.time - DurationNs::from_s(97);
  EXPECT_EQ(ok(catalog->old_calls(1, before, 10)), (std::vector{ids[0], ids[1], ids[2]}));
  EXPECT_EQ(ok(catalog->old_calls(1, before, 2)), (std::vector{ids[0], ids[1]}));
}

// Everything that takes a project finds nothing of another, and changes nothing there.
TEST_F(CallsTest, ProjectsAreApart) {
  const Project other = make_project("other");
  const Agent agent = make_agent(1, "mine");
  const auto call = full_call(sample_call(new_call_id(), 1, agent.id));
  put(call);
  const CallId merged = new_call_id();
  ok(catalog->write([&](Transaction& t) { return t.merge_calls(1, merged, call.id); }));
  const NewKey key = ok(catalog->write(
      [](Transaction& t) { return t.create_key(1, "k", Access::kReadWrite, /*admin=*/false); }));

  const ProjectId stranger = other.id;
  EXPECT_EQ(code_of(catalog->agent(stranger, agent.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(ok(catalog->agents(stranger)).empty());
  EXPECT_TRUE(ok(catalog->keys(stranger)).empty());
  EXPECT_EQ(ok(catalog->call(stranger, call.id)), std::nullopt);
  EXPECT_EQ(ok(catalog->call(stranger, merged)), std::nullopt);
  EXPECT_EQ(ok(catalog->call_by_name(stranger, "room-42")), std::nullopt);
  EXPECT_EQ(ok(catalog->call_by_name(stranger, call.trace_ids[0].hex())), std::nullopt);
  EXPECT_TRUE(ok(catalog->calls_of_trace(stranger, call.trace_ids[0])).empty());
  EXPECT_TRUE(ok(catalog->calls_of_traces(stranger, call.trace_ids)).empty());
  EXPECT_TRUE(ok(catalog->calls_of_name(stranger, "customer-7", clock.time, 9)).empty());
  EXPECT_TRUE(ok(catalog->old_calls(stranger, clock.time, 9)).empty());
  CallQuery query{.project = stranger, .now = clock.time};
  const auto listed = [&] { return ok(catalog->list_calls(query)).calls.size(); };
  EXPECT_EQ(listed(), 0u);
  query.agent = agent.id;
  EXPECT_EQ(listed(), 0u);
  query.agent.reset();
  query.among = {call.id};
  EXPECT_EQ(listed(), 0u);
  query.among.reset();
  query.model = "gpt-4o";
  EXPECT_EQ(listed(), 0u);
  query.model.reset();
  EXPECT_EQ(ok(catalog->neighbours(query, call.id)).next, std::nullopt);

  const auto refused = [&](auto change) {
    return code_of(catalog->write(change)) == ErrorCode::kNotFound;
  };
  EXPECT_TRUE(refused([&](Transaction& t) { return t.delete_call(stranger, call.id); }));
  EXPECT_TRUE(refused([&](Transaction& t) { return t.revoke_key(stranger, key.key.id); }));
  ok(catalog->write([&](Transaction& t) { return t.merge_calls(stranger, call.id, merged); }));
  EXPECT_EQ(ok(catalog->call(1, call.id)), call);
  auto stolen = call;
  stolen.project = stranger;
  EXPECT_FALSE(catalog->write([&](Transaction& t) { return t.put_call(stolen); }));
  EXPECT_EQ(ok(catalog->call(1, call.id)), call);
}

}  // namespace
}  // namespace callscope::store
