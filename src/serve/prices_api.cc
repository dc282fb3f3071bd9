// What model use costs: the list prices, and a project's own over them.
#include <array>
#include <utility>

#include "base/text.h"
#include "serve/endpoint.h"
#include "serve/json_writer.h"
#include "serve/routes.h"
#include "serve/settings.h"

namespace callscope::serve {
namespace {

// A price as it was written: what it is kept as is a multiple of that, and has its rounding.
std::string number_text(double usd) { return fmt::format("{:.10g}", usd); }

void append_own(JsonWriter& json, const calls::OwnPrices& own) {
  json.key("own").begin_array();
  for (const calls::OwnPrice& row : own.rows()) {
    json.begin_object();
    json.member_unless_empty("provider", row.provider);
    json.member("model", row.model).member("unit", row.unit);
    json.key("usd").raw(number_text(row.usd)).end_object();
  }
  json.end_array();
}

struct Effective {
  calls::ListedModel model;
  std::string_view source;
  calls::Rates rates;
};

// {"provider", "model", "source", "rates": {"input_mtok": 2.5, …}, …}
void append(std::string& out, const Effective& price) {
  JsonWriter json(out);
  json.begin_object()
      .member("provider", price.model.provider)
      .member("model", price.model.model)
      .member("source", price.source)
      .key("rates")
      .begin_object();
  bool has_tiers = false;
  std::array<bool, calls::kPriceUnitCount> is_written{};
  for (const calls::PriceUnitName& unit : calls::price_units()) {
    const auto at = static_cast<size_t>(unit.unit);
    if (!price.rates[at] || std::exchange(is_written[at], true)) continue;
    has_tiers |= !price.rates[at]->tiers.empty();
    json.key(unit.name).raw(number_text(price.rates[at]->base / unit.nano_usd_per_usd()));
  }
  json.end_object().member("has_tiers", has_tiers);
  json.member_unless_empty("url", price.model.url)
      .member_unless_empty("verified", price.model.verified)
      .end_object();
}

// Those of all tables that hold `text`, as the project pays them now.
std::vector<Effective> effective_prices(const Services& services, ProjectId project,
                                        std::string_view text) {
  const auto own = services.prices.own(project);
  const std::string wanted = lower_case(text);
  const TimeNs now = services.clock.now();
  std::vector<Effective> all;
  for (const calls::Prices::Table& table : services.prices.tables()) {
    for (const calls::ListedModel& model : table.table.list()) {
      const std::string id = lower_case(model.model);
      if (fmt::format("{} {}", model.provider, id).find(wanted) == std::string::npos) continue;
      Effective price{model, table.is_in_binary ? "list" : "server", model.prices.at(now)};
      if (own->lay_over(model.provider, id, price.rates)) price.source = "own";
      all.push_back(std::move(price));
    }
  }
  return all;
}

Result<http::Response> get_prices(const Services& services, Question& question) {
  const Paging paging(question.params, services.list_limit);
  const auto text = question.params.text("text");
  TRY(question.params.done());
  const auto all = effective_prices(services, question.project, text.value_or(""));
  const Slice slice = paging.slice(all.size());
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  append_own(json, *services.prices.own(question.project));
  json.key("items").begin_array();
  for (size_t i = slice.begin; i < slice.end; ++i) {
    std::string item;
    append(item, all[i]);
    json.raw(item);
  }
  json.end_array().key("next");
  if (slice.next) {
    json.value(*slice.next);
  } else {
    json.null();
  }
  json.end_object();
  return answer(std::move(out));
}

// Saved first: what holds now must hold after a restart.
Result<http::Response> put_prices(const Services& services, Question& question) {
  TRY(question.params.done());
  TRY(services.catalog.project(question.project));
  calls::OwnPrices own = TRY(calls::OwnPrices::parse(question.request.body));
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  append_own(json, own);
  json.end_object();
  TRY(save_own_prices(services.catalog, question.project, out));
  services.prices.set_own(question.project, std::move(own));
  return answer(std::move(out));
}

}  // namespace

void add_price_routes(http::Router& router, const Services& services) {
  add_endpoint(router, services, "GET", "/api/v1/prices", Needs::kRead, get_prices);
  add_endpoint(router, services, "PUT", "/api/v1/prices", Needs::kWrite, put_prices);
}

}  // namespace callscope::serve
