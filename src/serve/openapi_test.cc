// The contract and the routes say the same.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "receive/otlp_http.h"
#include "receive/s3.h"
#include "receive/upload_credentials.h"
#include "serve/api_fixture.h"

namespace callscope::serve {
namespace {

class OpenapiTest : public ApiTest {
 protected:
  OpenapiTest() {
    receive::register_otlp_http(
        routes_, auth_, [](auto, const auto&, auto, auto) {}, Limits());
    s3_->register_routes(routes_);
    document_ = json("GET", "/api/v1/openapi.json", 200, "");
  }

  // "GET /path" of every operation of the document.
  std::set<std::string> documented() {
    std::set<std::string> all;
    for (const auto& [path, item] : document_.at("paths").as_object()) {
      for (const auto& [method, operation] : item.as_object()) {
        if (method == "parameters") continue;
        std::string verb(method);
        std::transform(verb.begin(), verb.end(), verb.begin(), ::toupper);
        all.insert(verb + " " + std::string(path));
      }
    }
    return all;
  }

  // What a "$ref" points to, or the value itself.
  const boost::json::value& resolve(const boost::json::value& value) {
    const boost::json::value* reference = value.as_object().if_contains("$ref");
    if (reference == nullptr) return value;
    return document_.at_pointer(std::string(reference->as_string()).substr(1));
  }

  const receive::UploadKeys upload_keys_ =
      ok(receive::UploadKeys::open(*catalog, DurationNs::from_s(60)));
  const std::unique_ptr<receive::S3Server> s3_ = ok(receive::S3Server::open(
      {.folder = folder / "uploads"}, upload_keys_, recordings_, *catalog, shared_clock));
  http::Router routes_;
  boost::json::value document_;
};

bool is_compatible(std::string_view pattern) {
  return pattern.starts_with("/observability/") || pattern.starts_with("/test_framework/");
}

TEST_F(OpenapiTest, EveryCompatibleRouteIsInItsDocument) {
  std::stringstream text;
  text << std::ifstream(CALLSCOPE_SOURCE_DIR "/docs/compatibility.md").rdbuf();
  for (const http::Route& route : router_->routes()) {
    if (!is_compatible(route.pattern)) continue;
    std::string path = route.pattern;
    for (const std::string_view alias : {"/v1/call-logs-external", "/v2/call-logs"}) {
      const size_t at = path.find(alias);
      if (at != std::string::npos) path.replace(at, alias.size(), "/v1/call-logs");
    }
    EXPECT_NE(text.str().find(fmt::format("`{} {}`", route.method, path)), std::string::npos)
        << route.method << " " << path;
  }
}

TEST_F(OpenapiTest, DescribesEveryRouteAndNoOther) {
  std::set<std::string> registered;
  for (const http::Router* router : {static_cast<const http::Router*>(router_.get()),
                                     static_cast<const http::Router*>(&routes_)}) {
    for (const http::Route& route : router->routes()) {
      if (is_compatible(route.pattern)) continue;  // described in docs/compatibility.md
      std::string pattern = route.pattern;  // OpenAPI has no way to say that slashes are taken too
      if (const size_t dots = pattern.find("...}"); dots != std::string::npos)
        pattern.erase(dots, 3);
      registered.insert(route.method + " " + pattern);
    }
  }
  EXPECT_EQ(documented(), registered);
}

// Every parameter of the document is one that its route knows: an unknown one would be named.
TEST_F(OpenapiTest, EveryParameterIsKnownToItsRoute) {
  size_t checked = 0;
  for (const auto& [path, item] : document_.at("paths").as_object()) {
    if (!item.as_object().contains("get") || !std::string_view(path).starts_with("/api/")) continue;
    std::string target(path);
    for (size_t open; (open = target.find('{')) != std::string::npos;) {
      target.replace(open, target.find('}') - open + 1, "1");
    }
    const boost::json::value* parameters = item.at("get").as_object().if_contains("parameters");
    if (parameters == nullptr) continue;
    for (const auto& entry : parameters->as_array()) {
      const boost::json::value& parameter = resolve(entry);
      std::string name(parameter.at("name").as_string());
      if (parameter.as_object().contains("style")) name += ".key";
      const http::ClientResponse response =
          ask("GET", fmt::format("{}?{}=", target, name), admin_key);
      EXPECT_EQ(response.body.find("is not a parameter"), std::string::npos) << path << " " << name;
      ++checked;
    }
  }
  EXPECT_GT(checked, 60u);
}

TEST_F(OpenapiTest, EveryReferenceLeadsSomewhere) {
  size_t checked = 0;
  const std::function<void(const boost::json::value&)> walk = [&](const boost::json::value& value) {
    if (value.is_array()) {
      for (const auto& element : value.as_array()) walk(element);
    } else if (value.is_object()) {
      for (const auto& [key, member] : value.as_object()) {
        if (key == "$ref") {
          boost::system::error_code error;
          const std::string pointer = std::string(member.as_string()).substr(1);
          EXPECT_NE(document_.find_pointer(pointer, error), nullptr) << pointer;
          ++checked;
        } else {
          walk(member);
        }
      }
    }
  };
  walk(document_);
  EXPECT_GT(checked, 100u);
}

// A real call has the members that the document requires of it, at every depth.
TEST_F(OpenapiTest, AnswersHaveWhatTheDocumentRequires) {
  receive_call(1);
  const std::string call = fmt::format("/api/v1/calls/{}", call_of(1));
  const std::function<void(const boost::json::value&, const boost::json::value&,
                           const std::string&)>
      check = [&](const boost::json::value& schema_or_ref, const boost::json::value& value,
                  const std::string& where) {
        const boost::json::object& schema = resolve(schema_or_ref).as_object();
        if (const auto* all = schema.if_contains("allOf")) {
          for (const auto& part : all->as_array()) check(part, value, where);
        }
        if (value.is_object()) {
          if (const auto* required = schema.if_contains("required")) {
            for (const auto& name : required->as_array()) {
              EXPECT_TRUE(value.as_object().contains(name.as_string()))
                  << where << "/" << name.as_string();
            }
          }
          if (const auto* properties = schema.if_contains("properties")) {
            for (const auto& [name, property] : properties->as_object()) {
              const auto* member = value.as_object().if_contains(name);
              if (member) check(property, *member, where + "/" + std::string(name));
            }
          }
        } else if (value.is_array() && schema.contains("items")) {
          for (const auto& element : value.as_array())
            check(schema.at("items"), element, where + "[]");
        }
        if (const auto* words = schema.if_contains("enum")) {
          const auto& all = words->as_array();
          EXPECT_NE(std::find(all.begin(), all.end(), value), all.end()) << where << " " << value;
        }
      };
  const auto check_answer = [&](const std::string& path, const std::string& target) {
    std::string pointer = path;
    for (size_t slash = 0; (slash = pointer.find('/', slash)) != std::string::npos; slash += 2)
      pointer.replace(slash, 1, "~1");
    const boost::json::value& schema = document_.at_pointer(
        "/paths/" + pointer + "/get/responses/200/content/application~1json/schema");
    check(schema, get(target), path);
  };
  check_answer("/api/v1/calls", "/api/v1/calls");
  check_answer("/api/v1/calls/{id}", call);
  check_answer("/api/v1/calls/{id}/spans", call + "/spans");
  check_answer("/api/v1/calls/{id}/logs", call + "/logs");
  check_answer("/api/v1/spans", "/api/v1/spans");
  check_answer("/api/v1/server", "/api/v1/server");
  check_answer("/api/v1/stats/latency", "/api/v1/stats/latency");
  check_answer("/api/v1/stats/cost", "/api/v1/stats/cost");
  check_answer("/api/v1/projects", "/api/v1/projects");
  check_answer("/api/v1/agents", "/api/v1/agents");
  check_answer("/api/v1/keys", "/api/v1/keys");
}

}  // namespace
}  // namespace callscope::serve
