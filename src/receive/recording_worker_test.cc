#include "receive/recording_worker.h"

#include <atomic>
#include <condition_variable>

#include "http/server.h"
#include "store/catalog/catalog_fixture.h"

namespace callscope::receive {
namespace {

std::string small_wav() {
  return std::string("RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0",
                     36) +
         std::string("data\4\0\0\0abcd", 12);
}

class RecordingWorkerTest : public store::CatalogTest {
 protected:
  RecordingWorkerTest() {
    const auto add = [&](const char* path, auto answer) {
      router_->add("GET", path, [answer](const http::Request&, const http::Responder& out) {
        http::Response response;
        answer(response);
        out.send(std::move(response));
      });
    };
    add("/call.wav", [](http::Response& r) { r.body = small_wav(); });
    add("/text", [](http::Response& r) { r.body = "this is no audio"; });
    add("/gone", [](http::Response& r) { r.status = 410; });
    add("/later", [this](http::Response& r) {
      if (++asked_ < 3) {
        r.status = 404;
      } else {
        r.body = small_wav();
      }
    });
    add("/large", [](http::Response& r) { r.body = small_wav() + std::string(20'000, 'x'); });
    const auto redirect = [&](const char* path, std::string target) {
      add(path, [this, target](http::Response& r) {
        r.status = 302;
        r.headers.add("Location", fmt::format(fmt::runtime(target), server_->port()));
      });
    };
    redirect("/moved", "/call.wav");
    redirect("/loop", "/loop");
    redirect("/inward", "http://localhost:{}/call.wav");
    redirect("/inward6", "http://[::1]:{}/call.wav");
    redirect("/metadata", "http://169.254.169.254/latest/meta-data");
    redirect("/file", "file:///etc/passwd");
    server_ = ok(http::Server::start({}, router_));
    limits_.recording_bytes_max = 10'000;
    limits_.fetch_ms_max = 20'000;
    limits_.fetch_attempts_max = 4;
  }
  ~RecordingWorkerTest() override { server_->stop(std::chrono::seconds(5)); }

  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const {
    return fmt::format("http://{}:{}{}", host, server_->port(), path);
  }
  store::RecordingId queue(const std::string& address) {
    return ok(recordings_.fetch_later({.project = 1, .agent = 1, .call = 7}, address)).id;
  }
  size_t work(std::string_view allowed = "127.0.0.1") {
    RecordingWorker worker(*catalog, recordings_, clock,
                           {.addresses = ok(AddressRules::parse(allowed)), .limits = limits_});
    return ok(worker.fetch_due());
  }
  // "state: error" of a recording.
  std::string state(store::RecordingId id) {
    const auto found = ok(catalog->recording(1, id));
    return fmt::format("{}: {}", to_string(found->state), found->error);
  }
  std::string fetched(const std::string& address, std::string_view allowed = "127.0.0.1") {
    const store::RecordingId id = queue(address);
    work(allowed);
    return state(id);
  }

  Limits limits_;
  std::atomic<int> asked_{0};
  std::shared_ptr<http::Router> router_ = std::make_shared<http::Router>();
  std::unique_ptr<http::Server> server_;
  const std::unique_ptr<store::ObjectStore> objects_ =
      ok(store::open_object_folder(folder / "objects"));
  Recordings recordings_{*catalog, *objects_, clock, limits_};
};

TEST_F(RecordingWorkerTest, FetchesAndKeepsTheCall) {
  const store::RecordingId id = queue(url("/call.wav"));
  EXPECT_EQ(state(id), "receiving: ");
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(state(id), "complete: ");
  const store::Recording saved = ok(catalog->recording(1, id)).value();
  EXPECT_EQ(saved.call, 7);
  EXPECT_EQ(saved.format, "wav");
  EXPECT_EQ(saved.bytes, 48);
  EXPECT_EQ(ok(recordings_.open(saved)).bytes->size(), 48u);
  EXPECT_EQ(work(), 0u);
  EXPECT_EQ(fetched(url("/moved")), "complete: ");
}

TEST_F(RecordingWorkerTest, ShowsWhatHasComeByNow) {
  const RawFormat raw{.encoding = SampleEncoding::kS16Le, .sample_rate_hz = 8'000, .channels = 2};
  const auto all = [&] { return ok(catalog->recordings_of_call(1, 7)); };
  {
    const auto writer = ok(recordings_.begin({.project = 1, .agent = 1, .call = 7, .raw = raw}));
    ok(writer->write(std::string(32'000, 'x')));
    EXPECT_TRUE(all().empty()) << "a small one is there at once";
    ok(writer->write(std::string(288'000, 'x')));
    ASSERT_EQ(all().size(), 1u);
    EXPECT_EQ(all()[0].state, store::RecordingState::kReceiving);
    const OpenRecording opened = ok(recordings_.open(all()[0]));
    EXPECT_EQ(opened.bytes->size(), 320'000u);
    EXPECT_EQ(opened.recording.format, "raw");
    EXPECT_EQ(opened.recording.duration_ms, 10'000);
    ok(recordings_.remove_loose_objects());
    EXPECT_EQ(all().size(), 1u) << "it is still coming in";
    ok(writer->write(std::string(32'000, 'x')));
    EXPECT_EQ(opened.bytes->size(), 320'000u) << "as it was when it was opened";
    EXPECT_EQ(ok(writer->finish()).id, all()[0].id);
  }
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(ok(recordings_.open(all()[0])).bytes->size(), 352'000u);
}

TEST_F(RecordingWorkerTest, ForgetsWhatDidNotComeWhole) {
  const RawFormat raw{.encoding = SampleEncoding::kS16Le, .sample_rate_hz = 8'000, .channels = 2};
  const auto all = [&] { return ok(catalog->recordings_of_call(1, 7)); };
  {
    const auto writer = ok(recordings_.begin({.project = 1, .agent = 1, .call = 7, .raw = raw}));
    ok(writer->write(std::string(320'000, 'x')));
    EXPECT_EQ(all().size(), 1u);
  }
  EXPECT_TRUE(all().empty());
  // As a crash leaves it: noted, and nobody writes it.
  const std::string key = "recordings/1/half";
  ok(catalog->write([&](store::Transaction& t) -> Result<void> {
    store::Recording half;
    half.project = 1;
    half.call = 7;
    half.key = key;
    half.state = store::RecordingState::kReceiving;
    TRY(t.add_recording(half));
    return t.add_loose_object(key);
  }));
  ok(recordings_.remove_loose_objects());
  EXPECT_TRUE(all().empty());
}

TEST_F(RecordingWorkerTest, ReachesOnlyWhatIsAllowed) {
  constexpr std::string_view kRefused =
      "failed: the address 127.0.0.1 is not on the public internet";
  const auto begins = [&](const std::string& text, std::string_view with) {
    EXPECT_EQ(text.substr(0, with.size()), with);
  };
  begins(fetched(url("/call.wav"), ""), kRefused);
  begins(fetched(url("/call.wav", "127.1"), ""), kRefused);
  begins(fetched(url("/call.wav", "2130706433"), ""), kRefused);
  begins(fetched(url("/call.wav", "0x7f.0.0.1"), ""), kRefused);
  begins(fetched(url("/call.wav", "[::ffff:127.0.0.1]"), ""),
         "failed: the address ::ffff:127.0.0.1");
  begins(fetched(url("/call.wav", "localhost"), ""), "failed: the address ");
  begins(fetched(url("/metadata")), "failed: the address 169.254.169.254");
  // A redirect is checked like the first address.
  begins(fetched(url("/inward6")), "failed: the address ::1");
  EXPECT_EQ(fetched(url("/inward", "127.0.0.1"), "127.0.0.1,localhost"), "complete: ");
  begins(fetched(url("/file")), "failed: ");
  begins(fetched(url("/loop")), "failed: the address redirects");
  EXPECT_EQ(code_of(recordings_.fetch_later({.project = 1}, "ftp://a/b")),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(recordings_.fetch_later({.project = 1}, "")), ErrorCode::kInvalidArgument);
}

TEST_F(RecordingWorkerTest, TriesAgainWithPauses) {
  const store::RecordingId id = queue(url("/later"));
  EXPECT_EQ(work(), 1u);
  EXPECT_EQ(state(id), "receiving: the server answered 404");
  EXPECT_EQ(work(), 0u);  // not yet
  clock.time = clock.time + DurationNs::from_s(5);
  EXPECT_EQ(work(), 1u);
  clock.time = clock.time + DurationNs::from_s(5);
  EXPECT_EQ(work(), 0u);
  clock.time = clock.time + DurationNs::from_s(5);
  EXPECT_EQ(work(), 1u);  // by another worker each time, as after a restart
  EXPECT_EQ(state(id), "complete: ");

  server_->stop(std::chrono::seconds(5));
  const store::RecordingId never = queue(url("/call.wav"));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(work(), 1u) << i;
    clock.time = clock.time + DurationNs::from_s(100);
  }
  EXPECT_EQ(state(never).substr(0, 8), "failed: ");
  EXPECT_EQ(work(), 0u);
}

TEST_F(RecordingWorkerTest, GivesUpOnWhatWillNotChange) {
  EXPECT_EQ(fetched(url("/gone")), "failed: the server answered 410");
  EXPECT_EQ(fetched(url("/text")).substr(0, 32), "failed: the recording is no WAV,");
  EXPECT_EQ(fetched(url("/large")), "failed: the file has more than 10000 bytes");
  EXPECT_EQ(ok(objects_->list("", "", 10)).size(), 0u);
}

TEST_F(RecordingWorkerTest, SweepsWhatIsLeft) {
  {
    auto writer = ok(recordings_.begin({.project = 1, .key = "recordings/1/half"}));
    ok(writer->write(small_wav()));
    // What is being written is not swept away.
    RecordingWorker worker(*catalog, recordings_, clock, {.addresses = {}, .limits = limits_});
    ok(worker.sweep());
    EXPECT_EQ(ok(catalog->loose_objects({INT64_MAX}, 10)).size(), 1u);
  }
  auto writer = ok(recordings_.begin({.project = 1, .key = "recordings/1/old"}));
  ok(writer->write(small_wav()));
  const store::Recording old = ok(writer->finish());
  writer.reset();
  int swept = 0;
  limits_.retention_age_s = 100;
  RecordingWorker worker(*catalog, recordings_, clock,
                         {.addresses = {}, .limits = limits_, .sweep = [&]() -> Result<void> {
                            ++swept;
                            return {};
                          }});
  ok(worker.sweep());
  EXPECT_TRUE(ok(catalog->loose_objects({INT64_MAX}, 10)).empty());
  EXPECT_TRUE(ok(catalog->recording(1, old.id)));
  clock.time = clock.time + DurationNs::from_s(101);
  ok(worker.sweep());
  EXPECT_FALSE(ok(catalog->recording(1, old.id)));
  EXPECT_EQ(ok(objects_->list("", "", 10)).size(), 0u);
  EXPECT_EQ(swept, 2);
}

}  // namespace
}  // namespace callscope::receive
