// The store's client of S3 speaks to our server of it, which checks what it signs.
#include "http/server.h"
#include "receive/s3.h"
#include "store/catalog/catalog_fixture.h"
#include "store/objects/s3.h"

namespace callscope::receive {
namespace {

class S3ClientTest : public store::CatalogTest {
 protected:
  S3ClientTest() {
    auto router = std::make_shared<http::Router>();
    s3_->register_routes(*router);
    server_ = ok(http::Server::start({}, router));
  }
  ~S3ClientTest() override { server_->stop(std::chrono::seconds(5)); }

  std::unique_ptr<store::ObjectStore> client(std::string_view path = "") {
    return store::s3_objects({.endpoint = fmt::format("http://{}{}", server_->address(), path),
                              .bucket = made_.bucket,
                              .prefix = "recordings/"},
                             {made_.access_key, made_.secret_key, made_.session_token}, clock);
  }
  // The key without the client's prefix.
  std::string key() const { return made_.key.substr(std::string_view("recordings/").size()); }

  void put(store::ObjectStore& objects, std::string_view bytes) {
    const auto writer = ok(objects.put(key()));
    for (; !bytes.empty(); bytes.remove_prefix(std::min<size_t>(bytes.size(), 999'999)))
      ok(writer->write(bytes.substr(0, 999'999)));
    ok(writer->commit());
  }
  std::string stored() {
    const auto reader = ok(objects_->get(made_.key));
    std::string bytes(reader->size(), '\0');
    ok(reader->read(0, bytes));
    return bytes;
  }

  const UploadKeys keys_ = ok(UploadKeys::open(*catalog, DurationNs::from_s(3'600)));
  const UploadCredentials made_ = keys_.make_upload_credentials(1, 1, "", clock.time);
  const std::unique_ptr<store::ObjectStore> objects_ =
      ok(store::open_object_folder(folder / "objects"));
  Recordings recordings_{*catalog, *objects_, clock, Limits()};
  const std::unique_ptr<S3Server> s3_ =
      ok(S3Server::open({.folder = folder / "uploads"}, keys_, recordings_, *catalog, clock));
  std::unique_ptr<http::Server> server_;
};

TEST_F(S3ClientTest, PutsSmallAndLargeObjects) {
  for (const char* path : {"", "/s3"}) {
    const auto objects = client(path);
    put(*objects, "small");
    EXPECT_EQ(stored(), "small");
    EXPECT_EQ(ok(objects->size(key())), 5u);
    std::string large(20'000'000, 'x');
    for (size_t i = 0; i < large.size(); i += 1'000) large[i] = static_cast<char>(i >> 10);
    put(*objects, large);
    EXPECT_EQ(stored(), large);
    EXPECT_EQ(ok(objects->size(key())), large.size());
  }
}

TEST_F(S3ClientTest, AbortsWhatIsNotCommitted) {
  const auto objects = client();
  {
    const auto writer = ok(objects->put(key()));
    ok(writer->write(std::string(10'000'000, 'x')));
    EXPECT_FALSE(std::filesystem::is_empty(folder / "uploads"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder / "uploads"));
  EXPECT_EQ(code_of(objects->size(key())), ErrorCode::kNotFound);
}

TEST_F(S3ClientTest, SaysWhatIsWrong) {
  const auto objects = client();
  const auto other = ok(objects->put("1/another"));
  ok(other->write("x"));
  EXPECT_EQ(code_of(other->commit()), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(objects->put("../x")), ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      code_of(store::open_s3_objects({.endpoint = "http://127.0.0.1:1", .bucket = "b"}, {}, clock)),
      ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace callscope::receive
