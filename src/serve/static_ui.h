// The web UI's files, and the handler that serves them.
#pragma once

#include <span>
#include <string_view>

#include "http/router.h"

namespace callscope::serve {

// One file of the built web UI, as tools/pack_ui.py packs it into the program.
struct StaticFile {
  std::string_view path;  // below the root: "/index.html"
  std::string_view bytes;
  bool is_gzip = false;   // `bytes` are one gzip member
  std::string_view etag;  // with its quotes; changes with the content
};

// The files in this binary; none where it was built without the web UI. Defined in the callscope_ui
// library, which main links.
std::span<const StaticFile> embedded_ui();

// Makes the files the router's answer to every path that no route has. Paths that name no file get
// index.html, since the UI has addresses of its own; those below the API's prefixes a JSON 404.
// Without an index.html, a page says how to build the UI. `files` outlives the router.
void register_static_ui(http::Router& router, std::span<const StaticFile> files);

}  // namespace callscope::serve
