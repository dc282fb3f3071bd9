// Saved views over the API.
#include "serve/api_fixture.h"
#include "store/catalog/saved_views.h"

namespace callscope::serve {
namespace {

class ViewsApiTest : public ApiTest {
 protected:
  // "code field" of the error, or the id where it was saved.
  std::string save(std::string_view body, std::string_view method = "POST",
                   std::string_view target = "/api/v1/views") {
    const http::ClientResponse response = ask(method, target, admin_key, body);
    const boost::json::value value = boost::json::parse(response.body);
    if (response.status < 300) return std::to_string(value.at("id").as_int64());
    return fmt::format("{} {} {}", response.status,
                       std::string(value.at_pointer("/error/code").as_string()),
                       std::string(value.at_pointer("/error/field").as_string()));
  }
  std::string names() {
    std::string all;
    const boost::json::value page = get("/api/v1/views");
    for (const auto& view : page.at("items").as_array())
      all += std::string(view.at("name").as_string()) + ";";
    return all;
  }
};

TEST_F(ViewsApiTest, KeepsAQueryUnderAName) {
  const boost::json::value made =
      json("POST", "/api/v1/views", 201, admin_key, R"({"name":"slow","query":"sort=-latency"})");
  EXPECT_EQ(made.at("query"), "sort=-latency");
  EXPECT_EQ(made.at("project_id"), 1);
  const std::string one = fmt::format("/api/v1/views/{}", made.at("id").as_int64());
  EXPECT_EQ(get(one), made);
  save(R"({"name":"a"})");
  EXPECT_EQ(names(), "a;slow;");
  EXPECT_EQ(get("/api/v1/views?limit=1").at("next"), "1");
  json("PUT", one, 200, admin_key, R"({"name":"slower","query":"sort=-cost"})");
  EXPECT_EQ(get(one).at("query"), "sort=-cost");
  EXPECT_EQ(names(), "a;slower;");
  EXPECT_EQ(ask("DELETE", one, admin_key).status, 204);
  EXPECT_EQ(ask("DELETE", one, admin_key).status, 404);
  EXPECT_EQ(ask("GET", one, admin_key).status, 404);
  EXPECT_EQ(names(), "a;");
}

TEST_F(ViewsApiTest, RefusesWhatItCannotKeep) {
  EXPECT_EQ(save(R"({"name":"a"})"), "1");
  EXPECT_EQ(save(R"({"name":"b"})"), "2");
  EXPECT_EQ(save(R"({"name":"a"})"), "409 conflict name");
  EXPECT_EQ(save(R"({"name":"b"})", "PUT", "/api/v1/views/1"), "409 conflict name");
  EXPECT_EQ(save(R"({"name":"a","query":"x"})", "PUT", "/api/v1/views/1"), "1");
  EXPECT_EQ(save(R"({"name":"c"})", "PUT", "/api/v1/views/7"), "404 not_found ");
  EXPECT_EQ(save(R"({"name":"c"})", "PUT", "/api/v1/views/0"), "404 not_found ");
  EXPECT_EQ(save(R"({"name":""})"), "400 invalid_argument name");
  EXPECT_EQ(save("{}"), "400 invalid_argument name");
  EXPECT_EQ(save(R"({"name":"a\u0000b"})"), "400 invalid_argument name");
  EXPECT_EQ(save(R"({"name":7})"), "400 invalid_argument name");
  EXPECT_EQ(save(fmt::format(R"({{"name":"{}"}})", std::string(101, 'n'))),
            "400 invalid_argument name");
  EXPECT_EQ(save(fmt::format(R"({{"name":"c","query":"{}"}})", std::string(4'001, 'q'))),
            "400 invalid_argument query");
  EXPECT_EQ(save(R"({"name":"c","colour":"red"})"), "400 invalid_argument colour");
  EXPECT_EQ(save("[]"), "400 invalid_argument body");
}

TEST_F(ViewsApiTest, HasRoomForSoMany) {
  ok(catalog->write([&](store::Transaction& t) -> Result<void> {
    for (int64_t i = 0; i < store::kSavedViewsMax; ++i)
      TRY(store::put_saved_view(t, {.project = 1, .name = std::to_string(i)}));
    return {};
  }));
  EXPECT_EQ(save(R"({"name":"more"})"), "409 conflict name");
  EXPECT_EQ(save(R"({"name":"1","query":"changed"})", "PUT", "/api/v1/views/2"), "2");
}

TEST_F(ViewsApiTest, BelongsToItsProject) {
  EXPECT_EQ(save(R"({"name":"a"})"), "1");
  const std::string key = make_key(make_project("second").id, store::Access::kReadWrite);
  EXPECT_TRUE(json("GET", "/api/v1/views", 200, key).at("items").as_array().empty());
  EXPECT_EQ(ask("GET", "/api/v1/views/1", key).status, 404);
  EXPECT_EQ(ask("PUT", "/api/v1/views/1", key, R"({"name":"b"})").status, 404);
  EXPECT_EQ(ask("DELETE", "/api/v1/views/1", key).status, 404);
  EXPECT_EQ(ask("POST", "/api/v1/views", key, R"({"name":"b","project_id":1})").status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/views", key, R"({"name":"a"})").status, 201);
  const std::string reader = make_key(1, store::Access::kReadOnly);
  EXPECT_EQ(ask("GET", "/api/v1/views/1", reader).status, 200);
  EXPECT_EQ(ask("POST", "/api/v1/views", reader, R"({"name":"c"})").status, 403);
  EXPECT_EQ(ask("DELETE", "/api/v1/views/1", reader).status, 403);
}

}  // namespace
}  // namespace callscope::serve
