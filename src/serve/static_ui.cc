#include "serve/static_ui.h"

#include <array>

#include "http/coding.h"

namespace callscope::serve {
namespace {

constexpr std::string_view kNoUi = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Callscope</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Callscope is running</h1>
<p>This binary was built without its web UI. To build it, run <code>./dev build</code> in a clone of
the repository; it needs Node 20 and puts the UI into the binary.</p>
<p>The API works as usual: it is described at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
</html>
)";

// Everything comes from here. Styles may be inline, since UI libraries set them on elements.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src "
    "'self' data:; "
    "media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes = {{
    {"html", "text/html; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"webmanifest", "application/manifest+json"},
    {"txt", "text/plain; charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"ico", "image/x-icon"},
    {"woff2", "font/woff2"},
    {"woff", "font/woff"},
    {"wasm", "application/wasm"},
}};

std::string_view type_of(std::string_view path) {
  const std::string_view extension = path.substr(path.rfind('.') + 1);
  for (const auto& [name, type] : kTypes) {
    if (name == extension) return type;
  }
  return "application/octet-stream";
}

bool is_api(std::string_view path) {
  for (const std::string_view prefix : {"/api/", "/v1/", "/jaeger/", "/app/", "/mcp",
                                        "/observability/", "/test_framework/", "/user/"}) {
    if (path.starts_with(prefix)) return true;
  }
  return false;
}

bool names_a_file(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

const StaticFile* find(std::span<const StaticFile> files, std::string_view path) {
  for (const StaticFile& file : files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

void add_policies(http::Response& response) {
  response.headers.add("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
}

http::Response serve_file(const StaticFile& file, const http::Request& request) {
  http::Response response;
  response.headers.add("ETag", file.etag);
  // The build puts a hash of their content into the names of assets.
  const bool is_hashed = file.path.starts_with("/assets/");
  response.headers.add("Cache-Control",
                       is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (file.is_gzip) response.headers.add("Vary", "Accept-Encoding");
  if (http::lists_token(request.headers.get("If-None-Match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", type_of(file.path));
  add_policies(response);
  if (!file.is_gzip) {
    response.body = http::Body::lasting(file.bytes);
  } else if (http::lists_token(request.headers.get("Accept-Encoding"), "gzip")) {
    response.headers.add("Content-Encoding", "gzip");
    response.body = http::Body::lasting(file.bytes);
  } else {
    constexpr size_t kFileBytesMax = 64u << 20;
    response.body = http::decode(http::Coding::kGzip, file.bytes, kFileBytesMax).value_or("");
  }
  return response;
}

http::Response no_ui() {
  http::Response response{
      200,
      {{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", "no-store"}},
      http::Body::lasting(kNoUi)};
  add_policies(response);
  return response;
}

http::Response nothing_at(std::string_view path) {
  return http::error_response(
      {ErrorCode::kNotFound, "there is nothing at " + std::string(path), ""});
}

http::Response answer(std::span<const StaticFile> files, const http::Request& request) {
  if (const StaticFile* file = find(files, request.path)) return serve_file(*file, request);
  if (is_api(request.path) || names_a_file(request.path)) return nothing_at(request.path);
  const StaticFile* index = find(files, "/index.html");
  return index ? serve_file(*index, request) : no_ui();
}

}  // namespace

void register_static_ui(http::Router& router, std::span<const StaticFile> files) {
  router.set_fallback(
      [files](http::Request request, http::Responder responder) {
        responder.send(answer(files, request));
      },
      {.run = http::Run::kInline,
       .admit = [](const http::Request& request) -> std::optional<http::Response> {
         if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
         return nothing_at(request.path);
       }});
}

}  // namespace callscope::serve
