// What the catalog's tests share: a folder that goes away, a clock that stands still, sample calls.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/time.h"
#include "store/catalog/catalog.h"

namespace callscope::store {

class ManualClock : public Clock {
 public:
  TimeNs now() const override { return time; }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(time.ns));
  }

  TimeNs time = *parse_time("2026-11-21T15:00:00Z");
};

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "catalog_test_XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    catalog = open();
  }
  ~CatalogTest() override {
    catalog.reset();
    std::filesystem::remove_all(folder);
  }

  std::filesystem::path file() const { return folder / "catalog.db"; }

  std::unique_ptr<Catalog> open() const {
    auto opened = Catalog::open({.path = file()}, clock);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(opened).value() : nullptr;
  }

  // The value of a result that has to have one.
  template <typename T>
  static T ok(Result<T> result) {
    if (!result) {
      ADD_FAILURE() << result.error().message;
      std::abort();
    }
    return std::move(result).value();
  }
  static void ok(const Result<void>& result) { ASSERT_TRUE(result) << result.error().message; }

  template <typename T>
  static ErrorCode code_of(const Result<T>& result) {
    EXPECT_FALSE(result);
    return result ? ErrorCode::kInternal : result.error().code;
  }

  Project make_project(std::string_view name) {
    return ok(catalog->write([&](Transaction& t) { return t.create_project(name); }));
  }
  Agent make_agent(ProjectId project, std::string_view name) {
    return ok(
        catalog->write([&](Transaction& t) { return t.create_agent(project, name, "", ""); }));
  }
  CallId new_call_id() {
    return ok(catalog->write([&](Transaction& t) { return t.new_call_ids(1); }));
  }
  void put(const model::CallSummary& call) {
    ok(catalog->write([&](Transaction& t) { return t.put_call(call); }));
  }

  // A call of ten seconds that ended a minute ago, with one trace whose id is made of its own.
  model::CallSummary sample_call(CallId id, ProjectId project = 1, AgentId agent = 1) const {
    model::CallSummary call;
    call.id = id;
    call.project = project;
    call.agent = agent;
    call.started = clock.time - DurationNs::from_s(70);
    call.ended = clock.time - DurationNs::from_s(60);
    call.last_activity = call.ended;
    call.root_ended = true;
    call.trace_ids = {trace_of(id)};
    call.call_id = call.trace_ids.front().hex();
    return call;
  }
  static TraceId trace_of(int64_t number, uint8_t first = 0xF1) {
    TraceId id;
    id.bytes[0] = first;
    for (size_t i = 8; i < 16; ++i) id.bytes[i] = static_cast<uint8_t>(number >> (8 * (15 - i)));
    return id;
  }

  ManualClock clock;
  std::filesystem::path folder;
  std::unique_ptr<Catalog> catalog;
};

}  // namespace callscope::store
