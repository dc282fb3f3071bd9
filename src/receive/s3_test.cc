#include "receive/s3.h"

#include <fmt/format.h>

#include <fstream>

#include "base/encoding.h"
#include "base/hash.h"
#include "http/server.h"
#include "http/test_client.h"
#include "store/catalog/catalog_fixture.h"
#include "store/objects/sigv4.h"

namespace callscope::receive {
namespace {

namespace sigv4 = store::sigv4;

// What is different from a request of good behaviour.
struct Odd {
  http::Headers headers = {};           // signed too
  http::Headers unsigned_headers = {};  // on top
  std::string payload_hash = {};        // in place of the body's
  std::string target_signed = {};       // in place of the one sent
  std::optional<UploadCredentials> credentials = {};
  std::optional<TimeNs> time = {};
  bool signs_token = true;
};

class S3Test : public store::CatalogTest {
 protected:
  S3Test() { start(); }
  ~S3Test() override { server_->stop(std::chrono::seconds(5)); }

  void start() {
    if (server_) server_->stop(std::chrono::seconds(5));
    server_.reset();
    s3_ = ok(S3Server::open({.folder = folder / "uploads",
                             .public_url = "https://voice.example.com/callscope",
                             .limits = limits_},
                            keys_, recordings_, *catalog, clock));
    auto router = std::make_shared<http::Router>();
    s3_->register_routes(*router);
    server_ = ok(http::Server::start({}, router));
  }

  static sigv4::Pairs query_of(std::string_view target) {
    sigv4::Pairs pairs;
    const size_t mark = target.find('?');
    if (mark == std::string_view::npos) return pairs;
    const auto query = http::Query::parse(target.substr(mark + 1));
    for (const auto& [name, value] : *query) pairs.emplace_back(name, value);
    return pairs;
  }

  sigv4::SignedRequest signed_request(std::string_view method, std::string_view target,
                                      std::string_view body, const Odd& odd) const {
    const UploadCredentials& c = odd.credentials.value_or(credentials_);
    sigv4::SignedRequest request;
    request.method = method;
    const std::string_view signed_target = odd.target_signed.empty() ? target : odd.target_signed;
    request.path = signed_target.substr(0, signed_target.find('?'));
    request.query = query_of(signed_target);
    request.time = sigv4::to_time(odd.time.value_or(clock.time));
    request.scope = {.date = request.time.substr(0, 8), .region = "us-east-1"};
    request.payload_hash = odd.payload_hash.empty() ? to_hex(sha256(body)) : odd.payload_hash;
    request.headers = {{"host", "test"},
                       {"x-amz-content-sha256", request.payload_hash},
                       {"x-amz-date", request.time}};
    if (odd.signs_token) request.headers.emplace_back("x-amz-security-token", c.session_token);
    for (const auto& [name, value] : odd.headers) request.headers.emplace_back(name, value);
    std::sort(request.headers.begin(), request.headers.end());
    return request;
  }

  http::ClientResponse send(std::string_view method, std::string_view target,
                            std::string_view body = "", const Odd& odd = {}) {
    const UploadCredentials& c = odd.credentials.value_or(credentials_);
    const sigv4::SignedRequest request = signed_request(method, target, body, odd);
    http::Headers headers;
    for (const auto& [name, value] : request.headers) {
      if (name != "host") headers.add(name, value);
    }
    if (!odd.signs_token) headers.add("x-amz-security-token", c.session_token);
    const std::string key = sigv4::signing_key(c.secret_key, request.scope);
    headers.add("Authorization",
                fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                            c.access_key, request.scope.text(), sigv4::signed_names(request),
                            sigv4::signature(key, request)));
    for (const auto& [name, value] : odd.unsigned_headers) headers.add(name, value);
    return http::fetch(server_->port(), method, target, headers, body);
  }
  // "status Code" of the answer.
  std::string code(const http::ClientResponse& response) {
    const size_t at = response.body.find("<Code>");
    if (at == std::string::npos) return std::to_string(response.status);
    return fmt::format("{} {}", response.status,
                       response.body.substr(at + 6, response.body.find("</Code>") - at - 6));
  }
  std::string path(std::string_view query = "") const {
    return fmt::format("/callscope-recordings/{}{}", credentials_.key, query);
  }

  std::string create(const Odd& odd = {}) {
    const http::ClientResponse response = send("POST", path("?uploads="), "", odd);
    EXPECT_EQ(response.status, 200) << response.body;
    const size_t at = response.body.find("<UploadId>") + 10;
    return response.body.substr(at, response.body.find('<', at) - at);
  }
  std::string part_path(std::string_view upload, int number) const {
    return path(fmt::format("?partNumber={}&uploadId={}", number, upload));
  }
  std::string put_part(std::string_view upload, int number, std::string_view body) {
    const http::ClientResponse response = send("PUT", part_path(upload, number), body);
    EXPECT_EQ(response.status, 200) << response.body;
    return std::string(response.headers.get("ETag"));
  }
  http::ClientResponse complete(std::string_view upload,
                                const std::vector<std::pair<int, std::string>>& parts) {
    std::string xml = R"(<CompleteMultipartUpload xmlns="x">)";
    for (const auto& [number, etag] : parts)
      xml += fmt::format("<Part><ETag>{}</ETag><PartNumber>{}</PartNumber></Part>", etag, number);
    return send("POST", path(fmt::format("?uploadId={}", upload)),
                xml + "</CompleteMultipartUpload>");
  }
  std::string object() {
    const auto reader = objects_->get(credentials_.key);
    if (!reader) return "none";
    std::string bytes((*reader)->size(), '\0');
    ok((*reader)->read(0, bytes));
    return bytes;
  }
  size_t files_in(const std::filesystem::path& where) {
    size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(where))
      count += entry.is_regular_file();
    return count;
  }

  Limits limits_;
  const UploadKeys keys_ = ok(UploadKeys::open(*catalog, DurationNs::from_s(3'600)));
  const UploadCredentials credentials_ = keys_.make_upload_credentials(1, 1, "", clock.time);
  const std::unique_ptr<store::ObjectStore> objects_ =
      ok(store::open_object_folder(folder / "objects"));
  Recordings recordings_{*catalog, *objects_, clock, limits_};
  std::unique_ptr<S3Server> s3_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(S3Test, PutsPartsTogetherInOrderOfTheirNumbers) {
  const std::string upload = create({.headers = {{"content-type", "audio/raw"}}});
  const std::string third = put_part(upload, 3, std::string(4'000, 'c'));
  put_part(upload, 1, "an earlier attempt");
  const std::string first = put_part(upload, 1, std::string(4'000, 'a'));
  put_part(upload, 2, "not asked for in the end");
  start();  // what came is still there after a restart
  const http::ClientResponse done =
      complete(upload, {{1, first}, {3, "&quot;" + third.substr(1, third.size() - 2) + "&quot;"}});
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_NE(done.body.find("<CompleteMultipartUploadResult"), std::string::npos);
  EXPECT_EQ(object(), std::string(4'000, 'a') + std::string(4'000, 'c'));
  EXPECT_EQ(files_in(folder / "uploads"), 0u);

  const store::Recording saved = ok(catalog->recording_of_object(1, credentials_.key)).value();
  EXPECT_EQ(saved.format, "raw");
  EXPECT_EQ(saved.encoding, "s16le");
  EXPECT_EQ(saved.channels, 2);
  EXPECT_EQ(saved.sample_rate_hz, 24'000);
  EXPECT_EQ(saved.agent_channel, 1);
  EXPECT_EQ(saved.bytes, 8'000);
  EXPECT_EQ(saved.source, store::RecordingSource::kSdk);
  EXPECT_EQ(saved.call, 0);
  EXPECT_EQ(saved.agent, 1);

  // Its answer was lost, and the client asks again.
  EXPECT_EQ(complete(upload, {{1, first}, {3, third}}).status, 200);
  const http::ClientResponse head = send("HEAD", path());
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.get("Content-Length"), "8000");
}

TEST_F(S3Test, RefusesToCompleteWhatDoesNotFit) {
  const std::string upload = create();
  const std::string one = put_part(upload, 1, std::string(100, 'a'));
  const std::string two = put_part(upload, 2, std::string(100, 'b'));
  EXPECT_EQ(code(complete(upload, {{1, two}})), "400 InvalidPart");
  EXPECT_EQ(code(complete(upload, {{1, one}, {5, two}})), "400 InvalidPart");
  EXPECT_EQ(code(complete(upload, {{2, two}, {1, one}})), "400 InvalidPartOrder");
  EXPECT_EQ(code(complete(upload, {{0, one}})), "400 InvalidPart");
  EXPECT_EQ(code(complete(upload, {{10'001, one}})), "400 InvalidPart");
  EXPECT_EQ(code(complete(upload, {})), "400 MalformedXML");
  EXPECT_EQ(code(send("POST", path("?uploadId=" + upload), "<Complete")), "400 MalformedXML");
  EXPECT_EQ(object(), "none");
  EXPECT_EQ(complete(upload, {{1, one}, {2, two}}).status, 200);
}

TEST_F(S3Test, RefusesPartsThatAreNone) {
  const std::string upload = create();
  EXPECT_EQ(code(send("PUT", part_path(upload, 0), "x")), "400 InvalidArgument");
  EXPECT_EQ(code(send("PUT", part_path(upload, 10'001), "x")), "400 InvalidArgument");
  EXPECT_EQ(code(send("PUT", path("?partNumber=x&uploadId=" + upload), "x")),
            "400 InvalidArgument");
  const std::string none(32, '0');
  EXPECT_EQ(code(send("PUT", part_path(none, 1), "x")), "404 NoSuchUpload");
  EXPECT_EQ(code(send("PUT", part_path("../../catalog", 1), "x")), "404 NoSuchUpload");
  EXPECT_EQ(send("DELETE", path("?uploadId=" + upload)).status, 204);
  EXPECT_EQ(code(send("DELETE", path("?uploadId=" + upload))), "404 NoSuchUpload");
  EXPECT_EQ(code(send("PUT", part_path(upload, 1), "x")), "404 NoSuchUpload");
  EXPECT_EQ(code(complete(upload, {{1, "x"}})), "404 NoSuchUpload");
  EXPECT_EQ(code(send("HEAD", path())), "404");
  EXPECT_EQ(code(send("POST", path(), "x")), "501 NotImplemented");
  EXPECT_EQ(code(send("DELETE", path())), "403 AccessDenied");
}

TEST_F(S3Test, LimitsAnUploadAsAWhole) {
  limits_.recording_bytes_max = 1'000;
  start();
  const std::string upload = create();
  put_part(upload, 1, std::string(600, 'a'));
  EXPECT_EQ(code(send("PUT", part_path(upload, 2), std::string(600, 'b'))), "400 EntityTooLarge");
  put_part(upload, 2, std::string(400, 'b'));
  put_part(upload, 1, std::string(600, 'c'));  // in place of the other
  EXPECT_EQ(code(send("PUT", path(), std::string(3'000, 'a'))), "400 EntityTooLarge");
}

TEST_F(S3Test, LeavesRoomOnTheDisk) {
  const std::string upload = create();
  limits_.disk_free_bytes_min = INT64_MAX;
  start();
  EXPECT_EQ(code(send("PUT", part_path(upload, 1), "abc")), "503 ServiceUnavailable");
}

TEST_F(S3Test, ChecksWhoAsks) {
  const UploadKeys others = [&] {
    ok(catalog->write([](store::Transaction& t) { return t.set_setting("upload_secret", "x"); }));
    return ok(UploadKeys::open(*catalog, DurationNs::from_s(60)));
  }();
  const auto ask = [&](const Odd& odd) { return code(send("PUT", path(), "body", odd)); };
  EXPECT_EQ(
      ask({.credentials = others.make_upload_credentials(1, 1, credentials_.key, clock.time)}),
      "400 InvalidToken");
  UploadCredentials bad = credentials_;
  bad.secret_key += "x";
  EXPECT_EQ(ask({.credentials = bad}), "403 SignatureDoesNotMatch");
  bad = credentials_;
  bad.access_key = "CSUP0000000000000000";
  EXPECT_EQ(ask({.credentials = bad}), "403 InvalidAccessKeyId");
  bad = credentials_;
  bad.session_token = "";
  EXPECT_EQ(ask({.credentials = bad}), "403 InvalidAccessKeyId");
  // Those of another call, or of another project.
  EXPECT_EQ(ask({.credentials = keys_.make_upload_credentials(1, 1, "", clock.time)}),
            "403 AccessDenied");
  EXPECT_EQ(ask({.credentials = keys_.make_upload_credentials(2, 9, "", clock.time)}),
            "403 AccessDenied");
  EXPECT_EQ(ask({.time = clock.time + DurationNs::from_s(16 * 60)}), "403 RequestTimeTooSkewed");
  EXPECT_EQ(ask({.time = clock.time - DurationNs::from_s(16 * 60)}), "403 RequestTimeTooSkewed");
  EXPECT_EQ(ask({.signs_token = false}), "403 AccessDenied");
  EXPECT_EQ(ask({.unsigned_headers = {{"x-amz-meta-a", "b"}}}), "403 AccessDenied");
  EXPECT_EQ(ask({.target_signed = path("?a=b")}), "403 SignatureDoesNotMatch");
  EXPECT_EQ(ask({.payload_hash = "wrong"}), "400 InvalidRequest");
  EXPECT_EQ(code(http::fetch(server_->port(), "PUT", path(), {}, "x")), "403 AccessDenied");
  EXPECT_EQ(code(http::fetch(server_->port(), "PUT", path(), {{"Authorization", "Bearer x"}}, "x")),
            "400 AuthorizationHeaderMalformed");
  clock.time = clock.time + DurationNs::from_s(3'601);
  EXPECT_EQ(ask({}), "400 ExpiredToken");
  EXPECT_EQ(object(), "none");
}

TEST_F(S3Test, StaysWithTheObjectOfTheCredentials) {
  for (const std::string& target :
       {path() + "/../x", path() + "x", std::string("/callscope-recordings/..%2f..%2fcatalog.db"),
        std::string("/callscope-recordings/recordings/1/../../x"), path("/")}) {
    Odd odd;
    odd.target_signed = *http::percent_decode(target, http::PlusMeans::kPlus);
    EXPECT_EQ(code(send("PUT", target, "x", odd)), "403 AccessDenied") << target;
  }
  // An upload of other credentials for the same key is not found either, if the project differs.
  const std::string upload = create();
  Odd stranger;
  stranger.credentials = keys_.make_upload_credentials(2, 1, credentials_.key, clock.time);
  EXPECT_EQ(code(send("PUT", part_path(upload, 1), "x", stranger)), "404 NoSuchUpload");
}

TEST_F(S3Test, AcceptsWhatWasSignedForTheProxyInFront) {
  const auto ask = [&](std::string_view host, std::string_view signed_path,
                       const http::Headers& headers) {
    sigv4::SignedRequest request = signed_request("PUT", path(), "body", {});
    request.path = signed_path;
    for (auto& [name, value] : request.headers) {
      if (name == "host") value = host;
    }
    http::Headers all = headers;
    for (const auto& [name, value] : request.headers) {
      if (name != "host") all.add(name, value);
    }
    const std::string key = sigv4::signing_key(credentials_.secret_key, request.scope);
    all.add("Authorization",
            fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}",
                        credentials_.access_key, request.scope.text(), sigv4::signed_names(request),
                        sigv4::signature(key, request)));
    return code(http::fetch(server_->port(), "PUT", path(), all, "body"));
  };
  EXPECT_EQ(ask("test", path(), {}), "200");
  EXPECT_EQ(ask("proxy.example.com", path(), {{"X-Forwarded-Host", "proxy.example.com"}}), "200");
  EXPECT_EQ(ask("voice.example.com", "/callscope" + path(), {}), "200");
  EXPECT_EQ(ask("other.example.com", path(), {}), "403 SignatureDoesNotMatch");
}

// ---- bodies -------------------------------------------------------------------------------------

std::string crc32_text(std::string_view bytes) {
  const uint32_t crc = crc32_ieee(0, bytes);
  std::string raw;
  for (int i = 3; i >= 0; --i) raw += static_cast<char>(crc >> (8 * i));
  return to_base64(raw);
}

TEST_F(S3Test, ChecksPlainBodies) {
  const std::string body(1'000, 'x');
  const auto put = [&](const Odd& odd) { return code(send("PUT", path(), body, odd)); };
  EXPECT_EQ(put({}), "200");
  EXPECT_EQ(put({.payload_hash = "UNSIGNED-PAYLOAD"}), "200");
  EXPECT_EQ(put({.payload_hash = to_hex(sha256("another"))}), "400 XAmzContentSHA256Mismatch");
  EXPECT_EQ(put({.headers = {{"x-amz-checksum-crc32", crc32_text(body)}}}), "200");
  EXPECT_EQ(put({.headers = {{"x-amz-checksum-crc32", crc32_text("another")}}}), "400 BadDigest");
  EXPECT_EQ(put({.headers = {{"x-amz-checksum-sha256", to_base64(sha256(body))}}}), "200");
  EXPECT_EQ(put({.headers = {{"x-amz-checksum-sha256", to_base64(sha256("another"))}}}),
            "400 BadDigest");
  Digest md5(DigestKind::kMd5);
  md5.update(body);
  EXPECT_EQ(put({.headers = {{"content-md5", to_base64(md5.finish())}}}), "200");
  EXPECT_EQ(put({.headers = {{"content-md5", to_base64(std::string(16, 'x'))}}}), "400 BadDigest");
  EXPECT_EQ(put({.headers = {{"content-md5", "x"}}}), "400 InvalidDigest");
  EXPECT_EQ(object(), body);
}

class S3ChunkedTest : public S3Test {
 protected:
  std::string put(std::string_view framed, size_t length, const http::Headers& more = {},
                  std::string_view hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    Odd odd;
    odd.payload_hash = hash;
    odd.headers = more;
    odd.headers.add("x-amz-decoded-content-length", std::to_string(length));
    return code(send("PUT", path(), framed, odd));
  }
};

TEST_F(S3ChunkedTest, TakesUnsignedChunksWithATrailer) {
  const std::string body(100'000, 'y');
  const http::Headers trailer = {{"x-amz-trailer", "x-amz-checksum-crc32"}};
  std::string framed;
  for (size_t at = 0; at < body.size(); at += 30'000) {
    const auto chunk = std::string_view(body).substr(at, 30'000);
    framed += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
  }
  const std::string end = "0\r\nx-amz-checksum-crc32:" + crc32_text(body) + "\r\n\r\n";
  EXPECT_EQ(put(framed + end, body.size(), trailer), "200");
  EXPECT_EQ(object(), body);
  EXPECT_EQ(put(framed + "0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", body.size(), trailer),
            "400 BadDigest");
  EXPECT_EQ(put(framed + "0\r\n\r\n", body.size(), trailer), "400 InvalidRequest");
  EXPECT_EQ(put(framed + end, body.size() + 1, trailer), "400 IncompleteBody");
  EXPECT_EQ(put(framed + end, body.size() - 1, trailer), "400 IncompleteBody");
  EXPECT_EQ(put(framed, body.size(), trailer), "400 IncompleteBody");
  EXPECT_EQ(put(framed + end + "more", body.size(), trailer), "400 IncompleteBody");
}

TEST_F(S3ChunkedTest, RefusesBrokenFraming) {
  for (const std::string& framed :
       {std::string("ffffffffffffffff\r\nx"), std::string("10000000000000000\r\nx"),
        std::string("-5\r\nx"), std::string("\r\n"), std::string("5\nhello\r\n0\r\n\r\n"),
        std::string("5\r\nhello!!\r\n0\r\n\r\n"), std::string("zz\r\n"), std::string(5'000, 'a'),
        std::string("5;") + std::string(5'000, 'a'),
        "5\r\nhello\r\n0\r\n" + std::string(5'000, 'a') + "\r\n\r\n",
        std::string("5\r\nhello\r\n0\r\nnocolon\r\n\r\n")}) {
    EXPECT_EQ(put(framed, 5), "400 IncompleteBody") << framed.substr(0, 30);
  }
  EXPECT_EQ(put("5\r\nhello\r\n0\r\n\r\n", 1ull << 60), "400 EntityTooLarge");
  EXPECT_EQ(object(), "none");
}

TEST_F(S3ChunkedTest, ChecksTheSignatureOfEachChunk) {
  const std::string hash = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  Odd odd;
  odd.payload_hash = hash;
  odd.headers = {{"x-amz-decoded-content-length", "10"}, {"x-amz-trailer", "x-amz-checksum-crc32"}};
  const sigv4::SignedRequest request = signed_request("PUT", path(), "", odd);
  const std::string key = sigv4::signing_key(credentials_.secret_key, request.scope);
  const auto framed = [&](std::string_view second, std::string_view trailer) {
    std::string previous = sigv4::signature(key, request);
    std::string out;
    for (const std::string_view chunk : {"hello", "world", ""}) {
      previous = sigv4::chunk_signature(key, request, previous, to_hex(sha256(chunk)));
      const std::string_view sent = chunk == "world" ? second : chunk;
      out += fmt::format("{:x};chunk-signature={}\r\n{}", sent.size(), previous, sent);
      if (!sent.empty()) out += "\r\n";
    }
    const std::string line = "x-amz-checksum-crc32:" + crc32_text("helloworld");
    return out + line + "\r\nx-amz-trailer-signature:" +
           sigv4::trailer_signature(key, request, previous,
                                    to_hex(sha256(std::string(trailer) + "\n"))) +
           "\r\n\r\n";
  };
  const std::string line = "x-amz-checksum-crc32:" + crc32_text("helloworld");
  EXPECT_EQ(code(send("PUT", path(), framed("world", line), odd)), "200");
  EXPECT_EQ(object(), "helloworld");
  EXPECT_EQ(code(send("PUT", path(), framed("w0rld", line), odd)), "403 SignatureDoesNotMatch");
  EXPECT_EQ(code(send("PUT", path(), framed("world", "x:y"), odd)), "403 SignatureDoesNotMatch");
  EXPECT_EQ(object(), "helloworld");
}

TEST_F(S3Test, DropsUploadsThatNobodyFinishes) {
  const std::string old = create();
  put_part(old, 1, "abc");
  std::filesystem::create_directories(folder / "uploads/new-1");  // of a crash
  ok(s3_->sweep());
  EXPECT_EQ(files_in(folder / "uploads"), 2u);
  start();
  clock.time = clock.time + DurationNs::from_s(3'600);
  ok(s3_->sweep());
  EXPECT_TRUE(std::filesystem::is_empty(folder / "uploads"));
}

}  // namespace
}  // namespace callscope::receive
