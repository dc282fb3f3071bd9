// Recordings of a call over the API.
#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

std::string le(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

// 8 kHz, mono.
std::string wav(uint16_t tag, uint16_t bits, const std::string& data) {
  return "RIFF" + le(36 + data.size(), 4) + "WAVEfmt " + le(16, 4) + le(tag, 2) + le(1, 2) +
         le(8'000, 4) + le(8'000u * bits / 8, 4) + le(bits / 8u, 2) + le(bits, 2) + "data" +
         le(data.size(), 4) + data;
}

std::string sample_wav() {
  std::string data;
  for (int i = 0; i < 8'000; ++i) data += static_cast<char>(i);
  return wav(1, 16, data);
}

class RecordingsApiTest : public ApiTest {
 protected:
  RecordingsApiTest() {
    receive_call(1);
    call_ = call_of(1);
    path_ = fmt::format("/api/v1/calls/{}/recordings", call_);
  }

  int64_t add(std::string_view body, std::string_view query = "") {
    return json("POST", path_ + std::string(query), 201, admin_key, body).at("id").as_int64();
  }
  http::ClientResponse listen(int64_t id, const http::Headers& more = {},
                              std::string_view query = "") {
    http::Headers headers = more;
    headers.add("x-cekura-api-key", admin_key);
    return http::fetch(server_->port(), "GET", fmt::format("{}/{}{}", path_, id, query), headers);
  }
  size_t objects() { return ok(objects_->list("", "", 100)).size(); }

  CallId call_ = 0;
  std::string path_;
};

TEST_F(RecordingsApiTest, KeepsWhatItIsSentAndGivesItBackInParts) {
  const std::string file = sample_wav();
  const boost::json::value made = json(
      "POST", path_ + "?started_at=2026-11-21T14:59:50Z&agent_channel=1", 201, admin_key, file);
  EXPECT_EQ(made.at("format"), "wav");
  EXPECT_EQ(made.at("content_type"), "audio/wav");
  EXPECT_EQ(made.at("channels"), 1);
  EXPECT_EQ(made.at("sample_rate_hz"), 8'000);
  EXPECT_EQ(made.at("duration_s"), 0.5);
  EXPECT_EQ(made.at("bytes"), file.size());
  EXPECT_EQ(made.at("started_at"), "2026-11-21T14:59:50.000000Z");
  EXPECT_EQ(made.at("agent_channel"), 1);
  EXPECT_EQ(made.at("state"), "complete");
  EXPECT_EQ(made.at("source"), "api");
  const int64_t id = made.at("id").as_int64();
  EXPECT_EQ(made.at("url").as_string(), fmt::format("{}/{}", path_, id));

  const boost::json::value call = get(fmt::format("/api/v1/calls/{}", call_));
  ASSERT_EQ(call.at("recordings").as_array().size(), 1u);
  EXPECT_EQ(call.at("recordings").at(0), made);

  const http::ClientResponse whole = listen(id);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, file);
  EXPECT_EQ(whole.headers.get("Content-Type"), "audio/wav");
  const http::ClientResponse part = listen(id, {{"Range", "bytes=100-199"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, file.substr(100, 100));
  EXPECT_EQ(listen(id, {{"Range", "bytes=999999-"}}).status, 416);
  EXPECT_EQ(listen(id, {{"If-None-Match", std::string(whole.headers.get("ETag"))}}).status, 304);
}

TEST_F(RecordingsApiTest, DecodesWhatBrowsersDoNotPlay) {
  const std::string mulaw = wav(7, 8, std::string(8'000, '\xFF'));  // silence
  const int64_t id = add(mulaw);
  EXPECT_EQ(listen(id, {}, "?original=1").body, mulaw);
  const http::ClientResponse decoded = listen(id);
  EXPECT_EQ(decoded.headers.get("Content-Type"), "audio/wav");
  EXPECT_EQ(decoded.body, wav(1, 16, std::string(16'000, '\0')));
  EXPECT_EQ(listen(id, {{"Range", "bytes=40-49"}}).body, decoded.body.substr(40, 10));
  EXPECT_NE(decoded.headers.get("ETag"), listen(id, {}, "?original=1").headers.get("ETag"));

  const std::string samples = sample_wav().substr(44);
  const int64_t raw = add(samples, "?sample_rate=8000&channels=1");
  EXPECT_EQ(listen(raw).body, sample_wav());
  EXPECT_EQ(listen(raw, {}, "?original=1").body, samples);
}

TEST_F(RecordingsApiTest, TakesAForm) {
  const std::string file = sample_wav();
  const auto post = [&](std::string_view head, std::string_view end = "\r\n--b--\r\n") {
    return http::fetch(
        server_->port(), "POST", path_,
        {{"x-cekura-api-key", admin_key}, {"Content-Type", "multipart/form-data; boundary=b"}},
        fmt::format("--b\r\nContent-Disposition: form-data; {}\r\n\r\n{}{}", head, file, end));
  };
  const http::ClientResponse made = post(R"(name="file"; filename="../../call.mp3")");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find(R"("format":"wav")"), std::string::npos);
  EXPECT_EQ(post(R"(name="other"; filename="a.wav")").status, 400);
  EXPECT_EQ(post(R"(name="file")").status, 400);
  EXPECT_EQ(post(R"(name="file"; filename="a.wav")", "").status, 400);  // cut off
  EXPECT_EQ(objects(), 1u);
}

TEST_F(RecordingsApiTest, RefusesWhatItCannotUse) {
  const auto refused = [&](std::string_view query, std::string_view body) {
    const http::ClientResponse response = ask("POST", path_ + std::string(query), admin_key, body);
    return fmt::format("{} {}", response.status, response.body.substr(0, 60));
  };
  EXPECT_EQ(refused("", "no audio at all").substr(0, 3), "415");
  EXPECT_EQ(refused("", "").substr(0, 3), "400");
  EXPECT_EQ(refused("?agent_channel=2", sample_wav()).substr(0, 3), "400");
  EXPECT_EQ(refused("?colour=blue", sample_wav()).substr(0, 3), "400");
  EXPECT_EQ(refused("?encoding=mp3", "x").substr(0, 3), "400");
  EXPECT_EQ(refused("?sample_rate=5&channels=1", std::string(100, 'x')).substr(0, 3), "400");
  EXPECT_EQ(ask("POST", "/api/v1/calls/999/recordings", admin_key, sample_wav()).status, 404);
  const std::string reader = make_key(1, store::Access::kReadOnly);
  EXPECT_EQ(ask("POST", path_, reader, sample_wav()).status, 403);
  EXPECT_EQ(ask("POST", path_, "", sample_wav()).status, 401);
  EXPECT_EQ(objects(), 0u);
  EXPECT_TRUE(ok(catalog->loose_objects({INT64_MAX}, 10)).size() <= 4);
  ok(recordings_.remove_loose_objects());
  EXPECT_TRUE(ok(catalog->loose_objects({INT64_MAX}, 10)).empty());
}

TEST_F(RecordingsApiTest, BelongsToItsProjectAndCall) {
  const int64_t id = add(sample_wav());
  const ProjectId stranger = make_project("second").id;
  const std::string key = make_key(stranger, store::Access::kReadWrite);
  const std::string one = fmt::format("{}/{}", path_, id);
  EXPECT_EQ(ask("GET", one, key).status, 404);
  EXPECT_EQ(ask("DELETE", one, key).status, 404);
  EXPECT_EQ(ask("POST", path_, key, sample_wav()).status, 404);
  EXPECT_EQ(ask("GET", one + "?project_id=1", key).status, 403);
  EXPECT_EQ(ask("POST", path_ + "?project_id=1", key, sample_wav()).status, 403);
  receive_call(2);
  EXPECT_EQ(
      ask("GET", fmt::format("/api/v1/calls/{}/recordings/{}", call_of(2), id), admin_key).status,
      404);
  EXPECT_EQ(ask("DELETE", one, make_key(1, store::Access::kReadOnly)).status, 403);
  EXPECT_EQ(ask("GET", one, make_key(1, store::Access::kReadOnly)).status, 200);
}

TEST_F(RecordingsApiTest, IsPlayedByALinkWithoutAKey) {
  const int64_t id = add(sample_wav());
  const int64_t other = add(sample_wav());
  const auto link_of = [&](int64_t recording) {
    const boost::json::value call = get(fmt::format("/api/v1/calls/{}", call_));
    for (const auto& each : call.at("recordings").as_array()) {
      if (each.at("id") == recording) return std::string(each.at("play_url").as_string());
    }
    return std::string();
  };
  const std::string link = link_of(id);
  const auto play = [&](std::string_view target, const http::Headers& headers = {}) {
    return http::fetch(server_->port(), "GET", target, headers);
  };
  EXPECT_EQ(play(link).body, sample_wav());
  EXPECT_EQ(play(link, {{"Range", "bytes=100-199"}}).status, 206);
  EXPECT_EQ(http::fetch(server_->port(), "HEAD", link).status, 200);
  // A page that reads its call again goes on with the link that it has.
  EXPECT_EQ(link_of(id), link);
  EXPECT_NE(link_of(other), link);

  const std::string query = link.substr(link.find('?'));
  EXPECT_EQ(play(fmt::format("{}/{}/play{}", path_, other, query)).status, 403);
  EXPECT_EQ(play(fmt::format("{}/{}{}", path_, id, query)).status, 401);
  EXPECT_EQ(http::fetch(server_->port(), "DELETE", link).status, 405);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string target = link;
    target.replace(target.find(from), from.size(), to);
    return play(target).status;
  };
  EXPECT_EQ(changed("project_id=1", "project_id=2"), 403);
  EXPECT_EQ(changed("expires=1", "expires=2"), 403);
  EXPECT_EQ(changed("signature=", "signature=0"), 403);
  EXPECT_EQ(changed("signature=", "seal="), 400);
  EXPECT_EQ(play(link + "&original=1").status, 400);

  shared_clock.advance(DurationNs::from_s(3'500));
  EXPECT_EQ(play(link).status, 200);
  shared_clock.advance(DurationNs::from_s(1'000));
  EXPECT_EQ(play(link).status, 403);
  EXPECT_EQ(play(link_of(id)).status, 200);
  const std::string fresh = link_of(id);
  EXPECT_EQ(ask("DELETE", fmt::format("{}/{}", path_, id), admin_key).status, 204);
  EXPECT_EQ(play(fresh).status, 404);
}

TEST_F(RecordingsApiTest, DeletionLeavesNoCopy) {
  const int64_t id = add(sample_wav());
  add(sample_wav());
  EXPECT_EQ(objects(), 2u);
  EXPECT_EQ(ask("DELETE", fmt::format("{}/{}", path_, id), admin_key).status, 204);
  EXPECT_EQ(listen(id).status, 404);
  EXPECT_EQ(objects(), 1u);
  EXPECT_EQ(ask("DELETE", fmt::format("/api/v1/calls/{}", call_), admin_key).status, 204);
  EXPECT_EQ(objects(), 0u);
  EXPECT_TRUE(ok(catalog->loose_objects({INT64_MAX}, 10)).empty());
}

}  // namespace
}  // namespace callscope::serve
