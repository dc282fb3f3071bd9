#include "normalise/classify.h"

#include <algorithm>
#include <deque>

#include "normalise/mapping/plans.h"
#include "normalise/mapping/read_facts.h"
#include "normalise/mapping/rules.h"
#include "normalise/mapping/span_view.h"
#include "normalise/mapping/unmapped.h"
#include "normalise/texts/read_texts.h"

namespace callscope::normalise {
namespace {

using mapping::Framework;
using mapping::Mapping;
using mapping::Match;
using mapping::Plan;
using mapping::Rule;
using mapping::SpanView;

// As new, but with the room that its texts have.
void clear(model::SpanFacts& facts) {
  std::string provider = std::move(facts.provider);
  std::string model = std::move(facts.model);
  std::string tool_name = std::move(facts.tool_name);
  std::string session_key = std::move(facts.session_key);
  for (std::string* text : {&provider, &model, &tool_name, &session_key}) text->clear();
  facts = {};
  facts.provider = std::move(provider);
  facts.model = std::move(model);
  facts.tool_name = std::move(tool_name);
  facts.session_key = std::move(session_key);
}

struct Found {
  const Framework* framework = nullptr;  // the first detected
  size_t framework_index = 0;
  const Rule* rule = nullptr;
};

Found find_rule(const Plan& plan, const SpanView& view) {
  Found out;
  for (const Plan::Candidates& candidates : plan.frameworks) {
    const bool detected =
        candidates.detect.empty() ||
        std::any_of(candidates.detect.begin(), candidates.detect.end(),
                    [&](const Match* match) { return mapping::holds(*match, view); });
    if (!detected) continue;
    if (out.framework == nullptr) {
      out.framework = candidates.framework;
      out.framework_index = candidates.index;
    }
    for (const Rule* rule : candidates.rules) {
      if (!mapping::holds(rule->match, view)) continue;
      out.rule = rule;
      return out;
    }
  }
  return out;
}

}  // namespace

struct Classifier::Compiled {
  const Mapping& mapping = mapping::embedded();
  mapping::Plans plans{mapping};
  std::deque<mapping::UnmappedCounter> unmapped;  // one a framework

  Compiled() {
    for (size_t i = 0; i < mapping.frameworks.size(); ++i) unmapped.emplace_back(kUnmappedKeysMax);
  }

  Found find(const SpanView& view) {
    const model::Span& span = view.span();
    const std::string_view scope = span.scope == nullptr ? std::string_view() : span.scope->name;
    const Plan* plan = plans.find(scope, span.name);
    return plan != nullptr ? find_rule(*plan, view)
                           : find_rule(Plan(mapping, scope, span.name), view);
  }

  void count_unmapped(const Found& found, const SpanView& view) {
    // The own keys of a call are what they are: its metadata.
    if (found.framework == nullptr || (found.rule != nullptr && !found.rule->metadata.empty()))
      return;
    for (size_t i = 0; i < view.checked_size(); ++i) {
      const SpanView::Checked& checked = view.checked(i);
      if (checked.id != mapping::kNoKey && found.framework->known_keys[checked.id]) continue;
      unmapped[found.framework_index].see(
          view.span().attributes[i].key, checked.hash,
          [&](std::string_view key) { return found.framework->knows(key); });
    }
  }
};

Classifier::Classifier() : compiled_(std::make_unique<Compiled>()) {}
Classifier::~Classifier() = default;

void Classifier::classify(const model::Span& span, model::SpanFacts& facts) const {
  clear(facts);
  SpanView view(compiled_->mapping, span);
  const Found found = compiled_->find(view);
  if (found.framework != nullptr) facts.framework = found.framework->name;
  mapping::read_facts(compiled_->mapping,
                      found.rule != nullptr ? *found.rule : compiled_->mapping.no_rule, view,
                      facts);
  mapping::settle_tokens(found.framework, facts);
  if (facts.kind == model::OpKind::kTool && !facts.is_error) {
    facts.is_error = texts::tells_failure(*found.rule, view);
  }
  compiled_->count_unmapped(found, view);
}

model::SpanTexts Classifier::texts(const model::Span& span, const model::SpanFacts& facts) const {
  const SpanView view(compiled_->mapping, span);
  const Framework* framework = nullptr;
  for (const Framework& candidate : compiled_->mapping.frameworks) {
    if (framework == nullptr && candidate.name == facts.framework) framework = &candidate;
  }
  return texts::read_texts(framework, *compiled_->mapping.find_rule(facts.rule), view, facts);
}

std::vector<UnmappedKey> Classifier::unmapped() const {
  std::vector<UnmappedKey> out;
  for (size_t i = 0; i < compiled_->unmapped.size(); ++i) {
    const std::string& framework = compiled_->mapping.frameworks[i].name;
    for (mapping::UnmappedCounter::Count& seen : compiled_->unmapped[i].counts()) {
      // A framework with two files of rules has two counters.
      const auto same = std::find_if(out.begin(), out.end(), [&](const UnmappedKey& other) {
        return other.key == seen.key && other.framework == framework;
      });
      if (same != out.end()) {
        same->count += seen.count;
      } else {
        out.push_back({framework, std::move(seen.key), seen.count});
      }
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const UnmappedKey& a, const UnmappedKey& b) { return a.count > b.count; });
  return out;
}

}  // namespace callscope::normalise
