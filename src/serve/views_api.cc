// Saved views: what a project's people ask of its calls again and again, under a name.
#include <algorithm>

#include "serve/endpoint.h"
#include "serve/json_body.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "store/catalog/saved_views.h"

namespace callscope::serve {
namespace {

constexpr size_t kNameBytesMax = 100;
constexpr size_t kQueryBytesMax = 4'000;

void append(std::string& out, const store::SavedView& view) {
  JsonWriter(out)
      .begin_object()
      .member("id", view.id)
      .member("project_id", view.project)
      .member("name", view.name)
      .member("query", view.query)
      .time_member("created_at", view.created)
      .time_member("updated_at", view.updated)
      .end_object();
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

void check_length(JsonBody& body, std::string_view name, const std::string& text, size_t least,
                  size_t most) {
  if (text.size() < least || text.size() > most || has_control_character(text)) {
    body.refuse(name,
                fmt::format("must have {} to {} bytes and no control characters", least, most));
  }
}

// {"name", "query"}, and the project where it is made.
Result<store::SavedView> read_view(const Services& services, const Question& question,
                                   store::SavedViewId id) {
  JsonBody body = TRY(JsonBody::parse(question.request));
  store::SavedView view;
  view.id = id;
  view.name = body.text("name").value_or("");
  check_length(body, "name", view.name, 1, kNameBytesMax);
  view.query = body.text("query").value_or("");
  check_length(body, "query", view.query, 0, kQueryBytesMax);
  view.project = TRY(project_in_body(services, question, body));
  return view;
}

Result<http::Response> save(const Services& services, Question& question, store::SavedViewId id) {
  TRY(question.params.done());
  store::SavedView view = TRY(read_view(services, question, id));
  view = TRY(
      services.catalog.write([&](store::Transaction& t) { return store::put_saved_view(t, view); },
                             store::Durability::kPower));
  std::string out;
  append(out, view);
  return answer(id == 0 ? 201 : 200, std::move(out));
}

Result<http::Response> create(const Services& services, Question& question) {
  return save(services, question, 0);
}

Result<http::Response> replace(const Services& services, Question& question) {
  const store::SavedViewId id = TRY(path_id(question.request, "id"));
  if (!TRY(store::saved_view(services.catalog, question.project, id)))
    return not_found(fmt::format("view {}", id));
  return save(services, question, id);
}

Result<http::Response> list(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  TRY(question.params.done());
  return page_of(TRY(store::saved_views(services.catalog, question.project)), paging, append);
}

Result<http::Response> get(const Services& services, Question& question) {
  TRY(question.params.done());
  const store::SavedViewId id = TRY(path_id(question.request, "id"));
  const auto view = TRY(store::saved_view(services.catalog, question.project, id));
  if (!view) return not_found(fmt::format("view {}", id));
  std::string out;
  append(out, *view);
  return answer(std::move(out));
}

Result<http::Response> remove(const Services& services, Question& question) {
  TRY(question.params.done());
  const store::SavedViewId id = TRY(path_id(question.request, "id"));
  TRY(services.catalog.write(
      [&](store::Transaction& t) { return store::delete_saved_view(t, question.project, id); },
      store::Durability::kPower));
  return http::Response::empty(204);
}

}  // namespace

void add_view_routes(http::Router& router, const Services& services) {
  constexpr const char* kAll = "/api/v1/views";
  constexpr const char* kOne = "/api/v1/views/{id}";
  add_endpoint(router, services, "GET", kAll, Needs::kRead, list);
  add_endpoint(router, services, "POST", kAll, Needs::kWrite, create);
  add_endpoint(router, services, "GET", kOne, Needs::kRead, get);
  add_endpoint(router, services, "PUT", kOne, Needs::kWrite, replace);
  add_endpoint(router, services, "DELETE", kOne, Needs::kWrite, remove);
}

}  // namespace callscope::serve
