#include <gtest/gtest.h>

#include "store/catalog/catalog_fixture.h"

namespace callscope::store {
namespace {

class RecordingsTest : public CatalogTest {
 protected:
  RecordingId add(Recording recording) {
    return ok(catalog->write([&](Transaction& t) { return t.add_recording(recording); }));
  }
  std::vector<std::string> loose() {
    std::vector<std::string> keys;
    for (const LooseObject& object : ok(catalog->loose_objects({INT64_MAX}, 100)))
      keys.push_back(object.key);
    return keys;
  }
};

TEST_F(RecordingsTest, KeepsWhatItWasGiven) {
  Recording recording;
  recording.project = 1;
  recording.agent = 1;
  recording.call = 7;
  recording.key = "recordings/1/a.wav";
  recording.source = RecordingSource::kSdk;
  recording.format = "wav";
  recording.encoding = "mulaw";
  recording.channels = 2;
  recording.duration_ms = 1'500;
  recording.bytes = 1234;
  recording.started = clock.time;
  recording.agent_channel = 1;
  recording.created = clock.time;
  const RecordingId id = add(recording);

  const Recording found = ok(catalog->recording(1, id)).value();
  EXPECT_EQ(found.key, recording.key);
  EXPECT_EQ(found.source, RecordingSource::kSdk);
  EXPECT_EQ(found.state, RecordingState::kComplete);
  EXPECT_EQ(found.encoding, "mulaw");
  EXPECT_EQ(found.channels, 2);
  EXPECT_EQ(found.sample_rate_hz, std::nullopt);
  EXPECT_EQ(found.duration_ms, 1'500);
  EXPECT_EQ(found.started, clock.time);
  EXPECT_EQ(found.agent_channel, 1);
  EXPECT_EQ(ok(catalog->recording_of_object(1, recording.key))->id, id);
  EXPECT_EQ(ok(catalog->recordings_of_call(1, 7)).size(), 1u);
  EXPECT_EQ(ok(catalog->recordings_of_call(1, 0)).size(), 0u);
}

TEST_F(RecordingsTest, BelongToTheirProject) {
  const ProjectId stranger = make_project("second").id;
  const RecordingId id = add({.project = 1, .call = 7, .key = "a"});
  EXPECT_FALSE(ok(catalog->recording(stranger, id)));
  EXPECT_FALSE(ok(catalog->recording_of_object(stranger, "a")));
  EXPECT_EQ(ok(catalog->recordings_of_call(stranger, 7)).size(), 0u);
  const auto refused = [&](auto change) { return code_of(catalog->write(change)); };
  EXPECT_EQ(refused([&](Transaction& t) { return t.attach_recording(stranger, id, 8); }),
            ErrorCode::kNotFound);
  EXPECT_EQ(refused([&](Transaction& t) { return t.delete_recording(stranger, id); }),
            ErrorCode::kNotFound);
  EXPECT_EQ(refused([&](Transaction& t) {
              return t.update_recording({.id = id, .project = stranger, .key = "b"});
            }),
            ErrorCode::kNotFound);
}

TEST_F(RecordingsTest, JoinLaterAndKeepTheirCallWhenUpdated) {
  Recording recording{.project = 1, .key = "a", .state = RecordingState::kReceiving};
  recording.created = clock.time;
  recording.next_attempt = clock.time;
  recording.url = "https://example.com/a.wav";
  recording.id = add(recording);
  EXPECT_EQ(ok(catalog->unjoined_recordings(clock.time, 10)).size(), 0u);
  EXPECT_EQ(ok(catalog->unjoined_recordings(clock.time + DurationNs{1}, 10)).size(), 1u);
  EXPECT_EQ(ok(catalog->recordings_to_fetch(clock.time - DurationNs{1}, 10)).size(), 0u);
  EXPECT_EQ(ok(catalog->recordings_to_fetch(clock.time, 10)).size(), 1u);
  ok(catalog->write([&](Transaction& t) { return t.attach_recording(1, recording.id, 9); }));
  recording.state = RecordingState::kFailed;
  recording.error = "404";
  ok(catalog->write([&](Transaction& t) { return t.update_recording(recording); }));
  const Recording found = ok(catalog->recordings_of_call(1, 9)).at(0);
  EXPECT_EQ(found.error, "404");
  EXPECT_EQ(ok(catalog->recordings_to_fetch(clock.time, 10)).size(), 0u);
}

TEST_F(RecordingsTest, ObjectsAreLooseUntilHeldAndAfterDeletion) {
  ok(catalog->write([&](Transaction& t) { return t.add_loose_object("a"); }));
  ok(catalog->write([&](Transaction& t) { return t.add_loose_object("b"); }));
  EXPECT_EQ(loose(), (std::vector<std::string>{"a", "b"}));
  const RecordingId id = add({.project = 1, .key = "a"});
  EXPECT_EQ(loose(), (std::vector<std::string>{"b"}));
  ok(catalog->write([&](Transaction& t) { return t.forget_loose_object("b"); }));
  EXPECT_TRUE(loose().empty());
  ok(catalog->write([&](Transaction& t) { return t.delete_recording(1, id); }));
  EXPECT_EQ(loose(), (std::vector<std::string>{"a", "a.peaks"}));
}

TEST_F(RecordingsTest, GoWithTheirCallAndMoveWithIt) {
  const model::CallSummary first = sample_call(new_call_id());
  const model::CallSummary second = sample_call(new_call_id());
  put(first);
  put(second);
  const RecordingId id = add({.project = 1, .call = first.id, .key = "a"});
  ok(catalog->write([&](Transaction& t) { return t.merge_calls(1, first.id, second.id); }));
  EXPECT_EQ(ok(catalog->recordings_of_call(1, second.id)).at(0).id, id);
  ok(catalog->write([&](Transaction& t) { return t.delete_call(1, second.id); }));
  EXPECT_FALSE(ok(catalog->recording(1, id)));
  EXPECT_EQ(loose(), (std::vector<std::string>{"a", "a.peaks"}));
}

}  // namespace
}  // namespace callscope::store
