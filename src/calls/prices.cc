#include "calls/prices.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/text.h"

namespace callscope::embedded {
std::string_view llm_prices();
std::string_view speech_prices();
}  // namespace callscope::embedded

namespace callscope::calls {
namespace {

using model::Measure;
using model::OpKind;
using model::SpanFacts;

// Adds up what is priced and measured; a sum of nothing stays absent.
class Bill {
 public:
  explicit Bill(const Rates& rates, int64_t input_tokens)
      : rates_(rates), input_tokens_(input_tokens) {}

  bool prices(PriceUnit unit) const { return rates_[static_cast<size_t>(unit)].has_value(); }

  void add(PriceUnit unit, Measure count) {
    const auto& price = rates_[static_cast<size_t>(unit)];
    if (!price || !count || *count < 0) return;
    sum_ += price->at(input_tokens_) * static_cast<double>(*count);
    is_known_ = true;
  }

  Measure total() const {
    constexpr double kCostMax = 9e18;  // counts are the sender's and may be absurd
    if (!is_known_ || !(sum_ < kCostMax)) return {};
    return std::llround(sum_);
  }

 private:
  const Rates& rates_;
  int64_t input_tokens_;
  double sum_ = 0;
  bool is_known_ = false;
};

// Counts are the sender's: the bound keeps sums of them from overflowing.
constexpr int64_t kCountMax = 1'000'000'000'000'000;
int64_t count_of(Measure measure) { return std::clamp<int64_t>(measure.value_or(0), 0, kCountMax); }

// `whole` less the parts that are priced by themselves.
Measure without(Measure whole, int64_t parts) {
  if (!whole || *whole < 0) return {};
  return std::max<int64_t>(0, count_of(whole) - parts);
}

void add_tokens(Bill& bill, const SpanFacts& facts, Measure input) {
  const int64_t cached_audio = count_of(facts.audio_cache_read_tokens);
  const bool reads = bill.prices(PriceUnit::kCacheReadTokens);
  const bool writes = bill.prices(PriceUnit::kCacheWriteTokens);
  const bool audio_in = bill.prices(PriceUnit::kAudioInputTokens);
  const bool audio_reads = bill.prices(PriceUnit::kAudioCacheReadTokens);
  const bool audio_out = bill.prices(PriceUnit::kAudioOutputTokens);
  const bool reasoning = bill.prices(PriceUnit::kReasoningTokens);

  // Cached audio is part of both the cached and the audio tokens; it is taken out of one of them,
  // and of the input only once.
  int64_t apart = 0;
  if (reads) apart += count_of(facts.cache_read_tokens);
  if (writes) apart += count_of(facts.cache_write_tokens);
  if (audio_in) apart += count_of(facts.audio_input_tokens);
  const bool in_two = reads && audio_in;
  if (in_two) apart -= cached_audio;
  bill.add(PriceUnit::kInputTokens, without(input, apart));
  bill.add(PriceUnit::kCacheReadTokens,
           without(facts.cache_read_tokens, audio_reads ? cached_audio : 0));
  bill.add(PriceUnit::kCacheWriteTokens, facts.cache_write_tokens);
  bill.add(PriceUnit::kAudioInputTokens,
           without(facts.audio_input_tokens, in_two || audio_reads ? cached_audio : 0));
  bill.add(PriceUnit::kAudioCacheReadTokens, facts.audio_cache_read_tokens);

  int64_t apart_of_output = 0;
  if (audio_out) apart_of_output += count_of(facts.audio_output_tokens);
  if (reasoning) apart_of_output += count_of(facts.reasoning_tokens);
  bill.add(PriceUnit::kOutputTokens, without(facts.output_tokens, apart_of_output));
  bill.add(PriceUnit::kAudioOutputTokens, facts.audio_output_tokens);
  bill.add(PriceUnit::kReasoningTokens, facts.reasoning_tokens);
}

size_t hash_of(ProjectId project, std::string_view provider, std::string_view model) {
  const std::hash<std::string_view> hash;
  return hash(provider) ^ std::rotl(hash(model), 31) ^ std::rotl(static_cast<size_t>(project), 47);
}

}  // namespace

Measure cost_nano_usd(const Rates& rates, const SpanFacts& facts) {
  Measure input = facts.input_tokens;
  const int64_t cached = count_of(facts.cache_read_tokens) + count_of(facts.cache_write_tokens);
  // More cached tokens than tokens: the count can only be net of them, whatever the sender said.
  const bool counted = input.has_value() && *input >= 0;
  if (counted && (facts.input_net_of_cache || cached > *input)) input = *input + cached;

  Bill bill(rates, count_of(input));
  add_tokens(bill, facts, input);
  bill.add(PriceUnit::kCharacters, facts.characters);
  if (facts.kind == OpKind::kTts) {
    bill.add(PriceUnit::kAudioOutputHours, facts.audio_us);
  } else {
    bill.add(PriceUnit::kAudioHours, facts.audio_us ? facts.audio_us : facts.session_us);
  }
  bill.add(PriceUnit::kSessionHours, facts.session_us);
  if (const Measure total = bill.total()) {
    // A fee for each request is only part of a price: alone it would look like all of it.
    bill.add(PriceUnit::kRequests, 1);
    return bill.total();
  }
  return {};
}

Result<Prices> Prices::load(std::string_view own) {
  Prices prices;
  if (!own.empty()) prices.tables_.push_back({false, TRY(PriceTable::parse(own))});
  for (const std::string_view table : {embedded::speech_prices(), embedded::llm_prices()}) {
    prices.tables_.push_back({true, TRY(PriceTable::parse(table))});
  }
  return prices;
}

const ModelPrices* Prices::find(std::string_view provider, std::string_view model) const {
  for (const Table& table : tables_) {
    if (const ModelPrices* prices = table.table.find(provider, model)) return prices;
  }
  return nullptr;
}

std::shared_ptr<const ModelPrices> Prices::find(ProjectId project, std::string_view provider,
                                                std::string_view model) const {
  const ModelPrices* const listed = find(provider, model);
  const std::shared_ptr<const OwnPrices> own = this->own(project);
  const std::string provider_name = lower_case(provider);
  const std::string model_name = lower_case(model);
  if (!own->has(provider_name, model_name)) {
    // Borrowed: the tables outlive every cache.
    return {std::shared_ptr<const void>(), listed};
  }
  std::vector<ModelPrices::Period> periods;
  if (listed != nullptr) periods = listed->periods();
  if (periods.empty()) periods.emplace_back();
  for (ModelPrices::Period& period : periods)
    own->lay_over(provider_name, model_name, period.rates);
  return std::make_shared<const ModelPrices>(std::move(periods));
}

void Prices::set_own(ProjectId project, OwnPrices own) {
  auto shared = std::make_shared<const OwnPrices>(std::move(own));
  const std::lock_guard lock(own_->mutex);
  own_->of[project] = std::move(shared);
  own_->version.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const OwnPrices> Prices::own(ProjectId project) const {
  static const auto kNone = std::make_shared<const OwnPrices>();
  const std::lock_guard lock(own_->mutex);
  const auto found = own_->of.find(project);
  return found == own_->of.end() ? kNone : found->second;
}

const ModelPrices* PriceCache::find(ProjectId project, std::string_view provider,
                                    std::string_view model) {
  if (const uint64_t version = prices_->version(); version != version_) {
    entries_.clear();
    version_ = version;
  }
  const size_t hash = hash_of(project, provider, model);
  const auto [first, last] = entries_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    const Entry& entry = it->second;
    if (entry.model == model && entry.provider == provider && entry.project == project)
      return entry.prices.get();
  }
  if (entries_.size() >= kEntriesMax) entries_.clear();
  auto found = prices_->find(project, provider, model);
  const auto added = entries_.emplace(
      hash, Entry{std::string(provider), std::string(model), project, std::move(found)});
  return added->second.prices.get();
}

void PriceCache::complete(ProjectId project, SpanFacts& facts, TimeNs when) {
  if (!facts.billable || facts.cost_nano_usd) return;
  const ModelPrices* prices = find(project, facts.provider, facts.model);
  if (!prices) return;
  facts.cost_nano_usd = calls::cost_nano_usd(prices->at(when), facts);
  if (facts.cost_nano_usd) facts.cost_source = model::CostSource::kComputed;
}

}  // namespace callscope::calls
