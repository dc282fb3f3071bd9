// From mapping/*.json to rules.h. Everything that can be wrong with a table is said here, once,
// when it is loaded; what runs for each span checks nothing.
#include <map>
#include <set>

#include "normalise/mapping/members.h"
#include "normalise/mapping/rules.h"
#include "normalise/mapping/targets.h"

namespace callscope::normalise::mapping {
namespace {

// How a source is read is said by the first of these that it has; its operand is a key, a word or a
// list of sources. "messages" is last, as it is a detail of {"event": …, "messages": …}.
enum class Operand { kKey, kWord, kSources };
struct Reading {
  std::string_view name;
  Read read;
  Operand operand;
};
constexpr Reading kReadings[] = {
    {"text", Read::kCopy, Operand::kKey},
    {"sec", Read::kSeconds, Operand::kKey},
    {"ms", Read::kMillis, Operand::kKey},
    {"min", Read::kMinutes, Operand::kKey},
    {"sec_or_ms", Read::kSecOrMs, Operand::kKey},
    {"since_start", Read::kSinceStart, Operand::kKey},
    {"before_end", Read::kBeforeEnd, Operand::kKey},
    {"usd", Read::kUsd, Operand::kKey},
    {"length", Read::kLength, Operand::kKey},
    {"has", Read::kHas, Operand::kKey},
    {"is", Read::kIs, Operand::kKey},
    {"mentions", Read::kMentions, Operand::kKey},
    {"if", Read::kIf, Operand::kKey},
    {"answer", Read::kAnswer, Operand::kKey},
    {"parts", Read::kParts, Operand::kKey},
    {"content", Read::kContent, Operand::kKey},
    {"list", Read::kList, Operand::kKey},
    {"sum", Read::kSum, Operand::kSources},
    {"max", Read::kMax, Operand::kSources},
    {"name_after", Read::kNameAfter, Operand::kWord},
    {"name_before", Read::kNameBefore, Operand::kWord},
    {"flat", Read::kFlat, Operand::kWord},
    {"events", Read::kEvents, Operand::kWord},
    {"event", Read::kEventMessages, Operand::kWord},
    {"messages", Read::kMessages, Operand::kKey},
};

class Loader {
 public:
  Result<std::unique_ptr<Mapping>> run(const std::vector<MappingFile>& files) {
    std::vector<std::pair<std::string_view, json::value>> parsed;
    for (const MappingFile& file : files) {
      if (file.name == "providers.json") {
        mapping_->providers = TRY(Providers::load(file.json));
        continue;
      }
      json::error_code failed;
      json::value root = json::parse({file.json.data(), file.json.size()}, failed);
      if (failed || !root.is_object()) return fault("not a JSON object: ", file.name);
      parsed.emplace_back(file.name, std::move(root));
    }
    // Groups first: a rule may use those of any file.
    for (const auto& [name, root] : parsed) {
      auto done = shared_parts(root.get_object());
      if (!done) return std::move(done).error().within(name);
    }
    for (const auto& [name, root] : parsed) {
      if (!root.get_object().contains("framework")) continue;
      auto done = framework(name, root.get_object());
      if (!done) return std::move(done).error().within(name);
    }
    TRY(all_fields({}, mapping_->no_rule));
    finish();
    return std::move(mapping_);
  }

 private:
  Result<void> shared_parts(const json::object& root) {
    for (const auto& [name, group] : *TRY(object(root, "groups"))) {
      if (!group.is_object()) return fault("expected an object: ", name);
      if (!groups_.emplace(name, &group.get_object()).second)
        return fault("group named twice: ", name);
    }
    for (std::string& word : TRY(strings(root, "absent")))
      mapping_->absent.push_back(std::move(word));
    if (!root.contains("framework")) shared_known_ = TRY(strings(root, "known"));
    return {};
  }

  Result<Condition> condition(std::string_view key, const json::value& test) {
    Condition out;
    out.key = mapping_->keys.intern(key);
    if (key.ends_with('*')) {
      mapping_->watched_prefixes.emplace_back(key.substr(0, key.size() - 1), out.key);
    }
    if (test.is_bool()) {
      out.test = test.get_bool() ? Condition::Test::kPresent : Condition::Test::kAbsent;
      return out;
    }
    if (!test.is_object()) {
      out.test = Condition::Test::kEquals;
      out.values = TRY(strings_of(test));
    } else if (const json::value* above = test.get_object().if_contains("above")) {
      if (!above->is_number()) return fault("expected a number: ", "above");
      out.test = Condition::Test::kAbove;
      out.number = above->to_number<double>();
    } else if (test.get_object().contains("prefix")) {
      out.test = Condition::Test::kPrefix;
      out.values = TRY(strings(test.get_object(), "prefix"));
    } else if (test.get_object().contains("suffix")) {
      out.test = Condition::Test::kSuffix;
      out.values = TRY(strings(test.get_object(), "suffix"));
    } else {
      return fault("unknown test of ", key);
    }
    lower_all(out.values);
    return out;
  }

  Result<std::vector<Condition>> conditions(const json::object& holder, std::string_view member) {
    std::vector<Condition> out;
    for (const auto& [key, test] : *TRY(object(holder, member))) {
      out.push_back(TRY(condition(key, test)));
    }
    return out;
  }

  Result<Match> match(const json::object& holder) {
    Match out;
    out.scopes = TRY(strings(holder, "scope"));
    out.names = TRY(strings(holder, "name"));
    out.when = TRY(conditions(holder, "when"));
    out.when_any = TRY(conditions(holder, "when_any"));
    out.scope_version_below = TRY(text(holder, "scope_version_below"));
    out.root_only = TRY(flag(holder, "root", false));
    return out;
  }

  // The number of the key in `member`, kNoKey where there is none.
  Result<KeyId> key(const json::object& holder, std::string_view member) {
    const std::string name = TRY(text(holder, member));
    return name.empty() ? kNoKey : mapping_->keys.intern(name);
  }

  Result<Source> source(const json::value& value) {
    Source out;
    if (value.is_string()) {
      out.key = mapping_->keys.intern(value.get_string());
      return out;
    }
    if (!value.is_object()) return fault("a source must be a key or an object");
    const json::object& holder = value.get_object();
    const Reading* reading = nullptr;
    for (const Reading& candidate : kReadings) {
      if (reading == nullptr && holder.contains(candidate.name)) reading = &candidate;
    }
    if (reading == nullptr) return fault("a source must say how it is read");
    out.read = reading->read;
    switch (reading->operand) {
      case Operand::kKey:
        out.key = TRY(key(holder, reading->name));
        break;
      case Operand::kWord:
        out.word = TRY(text(holder, reading->name));
        break;
      case Operand::kSources: {
        const json::value& parts = holder.at(reading->name);
        if (!parts.is_array()) return fault("expected a list of sources: ", reading->name);
        for (const json::value& part : parts.get_array()) out.parts.push_back(TRY(source(part)));
        break;
      }
    }
    static const std::set<std::string_view> details = {
        "zero", "role", "then", "any_of", "then_key", "tool_calls", "messages"};
    for (const auto& member : holder) {
      if (member.key() != reading->name && !details.contains(member.key())) {
        return fault("unknown word in a source: ", member.key());
      }
    }
    out.zero_is_none = TRY(text(holder, "zero")) == "none";
    out.role = TRY(text(holder, "role"));
    out.values = TRY(strings(holder, "any_of"));
    lower_all(out.values);
    if (holder.contains("then")) out.word = TRY(text(holder, "then"));
    if (holder.contains("then_key")) out.second = TRY(key(holder, "then_key"));
    if (holder.contains("tool_calls")) out.second = TRY(key(holder, "tool_calls"));
    if (out.read == Read::kEventMessages) out.key = TRY(key(holder, "messages"));
    return out;
  }

  using Index = std::map<std::string_view, size_t>;

  template <typename Field, typename Targets>
  Result<void> fields(const json::object& holder, const Targets& targets, std::vector<Field>& out,
                      Index& index) {
    for (const auto& [name, sources] : holder) {
      const auto target = targets.find(name);
      if (target == targets.end()) return fault("unknown field: ", name);
      if (!sources.is_array()) return fault("expected a list of sources: ", name);
      const auto [at, added] = index.try_emplace(target->first, out.size());
      if (added) out.push_back({target->second, {}});
      for (const json::value& item : sources.get_array()) {
        out[at->second].sources.push_back(TRY(source(item)));
      }
    }
    return {};
  }

  // A rule's own fields come first, then those of its groups in order, then those of "any".
  Result<void> all_fields(const json::object& rule, Rule& out) {
    std::vector<const json::object*> holders = {&rule};
    Strings uses = TRY(strings(rule, "use"));
    uses.emplace_back("any");
    for (const std::string& use : uses) {
      const auto group = groups_.find(use);
      if (group == groups_.end()) return fault("unknown group: ", use);
      holders.push_back(group->second);
    }
    Index facts;
    Index texts;
    for (const json::object* holder : holders) {
      const json::object* numbers = TRY(object(*holder, "fields"));
      const json::object* words = TRY(object(*holder, "texts"));
      TRY(fields(*numbers, fact_targets(), out.facts, facts));
      TRY(fields(*words, text_targets(), out.texts, texts));
    }
    for (size_t field = 0; field < out.facts.size(); ++field) {
      for (const Source& source : out.facts[field].sources) {
        out.steps.push_back({source.key == kNoKey ? kAlwaysThere : source.key,
                             static_cast<uint16_t>(field), &source});
      }
    }
    return {};
  }

  Result<std::shared_ptr<const Rule>> rule(std::string id, const json::object& holder) {
    static const std::set<std::string_view> words = {"id",
                                                     "scope",
                                                     "name",
                                                     "when",
                                                     "when_any",
                                                     "scope_version_below",
                                                     "root",
                                                     "kind",
                                                     "billable",
                                                     "provisional",
                                                     "duration_valid",
                                                     "use",
                                                     "fields",
                                                     "texts",
                                                     "metadata",
                                                     "duration_invalid_below_ms"};
    for (const auto& member : holder) {
      if (!words.contains(member.key())) return fault("unknown word in a rule: ", member.key());
    }
    auto out = std::make_shared<Rule>();
    out->id = std::move(id);
    const std::string kind = TRY(text(holder, "kind"));
    const auto parsed = model::parse_op_kind(kind);
    if (!parsed) return fault("unknown kind: ", kind);
    out->kind = *parsed;
    out->match = TRY(match(holder));
    out->billable = TRY(flag(holder, "billable", false));
    out->provisional = TRY(flag(holder, "provisional", false));
    out->duration_valid = TRY(flag(holder, "duration_valid", true));
    if (const json::value* below = holder.if_contains("duration_invalid_below_ms")) {
      if (!below->is_int64())
        return fault("expected a whole number: ", "duration_invalid_below_ms");
      out->duration_invalid_below_us = below->get_int64() * 1'000;
    }
    out->metadata = TRY(strings(holder, "metadata"));
    TRY(all_fields(holder, *out));
    for (const FactField& field : out->facts) {
      for (const Source& source : field.sources) note_expansion(source, *out);
    }
    return std::shared_ptr<const Rule>(std::move(out));
  }

  Result<void> framework(std::string_view file, const json::object& root) {
    Framework out;
    out.file = file;
    out.name = TRY(text(root, "framework"));
    for (const json::object* test : TRY(objects(root, "detect")))
      out.detect.push_back(TRY(match(*test)));
    out.known_patterns = TRY(strings(root, "known"));
    out.net_of_cache = TRY(strings(root, "net_of_cache"));
    out.runs_tools = TRY(flag(root, "runs_tools", false));
    if (const std::string segment = TRY(text(root, "drop_segment")); !segment.empty()) {
      dropped_segments_.push_back(segment);
    }
    if (const std::string other_file = TRY(text(root, "rules_of")); !other_file.empty()) {
      const auto other = std::find_if(mapping_->frameworks.begin(), mapping_->frameworks.end(),
                                      [&](const Framework& f) { return f.file == other_file; });
      if (other == mapping_->frameworks.end())
        return fault("rules_of names no earlier file: ", other_file);
      out.rules = other->rules;
      out.known_patterns = other->known_patterns;
    }
    for (const json::object* holder : TRY(objects(root, "rules"))) {
      std::string id = TRY(text(*holder, "id"));
      if (id.empty() || !ids_.insert(id).second)
        return fault("a rule needs an id of its own: ", id);
      auto compiled = rule(id, *holder);
      if (!compiled) return std::move(compiled).error().within(id);
      out.rules.push_back(std::move(compiled).value());
    }
    mapping_->frameworks.push_back(std::move(out));
    return {};
  }

  // "lk.llm_metrics#ttft" is member ttft of the JSON object in lk.llm_metrics. kNoKey for other
  // keys.
  KeyId json_base(KeyId key) {
    const std::string_view name = mapping_->keys.name(key);
    const size_t mark = name.find('#');
    return mark == std::string_view::npos ? kNoKey : mapping_->keys.intern(name.substr(0, mark));
  }

  void note_expansion(const Source& source, Rule& out) {
    for (const Source& part : source.parts) note_expansion(part, out);
    const KeyId base = source.key == kNoKey ? kNoKey : json_base(source.key);
    if (base == kNoKey) return;
    if (std::find(out.expand.begin(), out.expand.end(), base) == out.expand.end()) {
      out.expand.push_back(base);
    }
  }

  void mark_known(const Source& source, Framework& out) {
    for (const Source& part : source.parts) mark_known(part, out);
    for (const KeyId key : {source.key, source.second}) {
      if (key == kNoKey) continue;
      out.known_keys.set(key);
      if (const KeyId base = json_base(key); base != kNoKey) out.known_keys.set(base);
    }
  }

  void mark_known(const Match& match, Framework& out) {
    for (const Condition& test : match.when) out.known_keys.set(test.key);
    for (const Condition& test : match.when_any) out.known_keys.set(test.key);
  }

  // What can only be said once all rules are there.
  void finish() {
    for (Framework& framework : mapping_->frameworks) {
      const auto mark_rule = [&](const Rule& rule) {
        mark_known(rule.match, framework);
        for (const FactField& field : rule.facts) {
          for (const Source& source : field.sources) mark_known(source, framework);
        }
        for (const TextField& field : rule.texts) {
          for (const Source& source : field.sources) mark_known(source, framework);
        }
      };
      for (const auto& rule : framework.rules) mark_rule(*rule);
      mark_rule(mapping_->no_rule);
      for (const Match& match : framework.detect) mark_known(match, framework);
      for (const std::string& known : shared_known_) framework.known_patterns.push_back(known);
      // Exact names are found by number, which is faster than by pattern.
      std::erase_if(framework.known_patterns, [&](const std::string& pattern) {
        if (pattern.find('*') != std::string::npos) return false;
        framework.known_keys.set(mapping_->keys.intern(pattern));
        return true;
      });
    }
    KeyTable& keys = mapping_->keys;
    const size_t named = keys.size();
    mapping_->prefix_key_of.assign(named, kNoKey);
    for (size_t i = 0; i < named; ++i) {
      const auto id = static_cast<KeyId>(i);
      const std::string name(keys.name(id));
      // "lk.*" → LiveKit's "lk.pii.room_name" is read as "lk.room_name".
      for (const std::string& segment : dropped_segments_) {
        const std::string head = segment.substr(0, segment.find('.') + 1);
        if (name.starts_with(head)) keys.alias(segment + name.substr(head.size()), id);
      }
      for (const auto& [prefix, key] : mapping_->watched_prefixes) {
        if (name.starts_with(prefix)) mapping_->prefix_key_of[i] = key;
      }
      for (Framework& framework : mapping_->frameworks) {
        if (!framework.known_keys[id] && framework.knows(name)) framework.known_keys.set(id);
      }
    }
  }

  std::unique_ptr<Mapping> mapping_ = std::make_unique<Mapping>();
  std::map<std::string, const json::object*, std::less<>> groups_;
  Strings shared_known_;
  Strings dropped_segments_;
  std::set<std::string> ids_;
};

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  // Where the last star stood, and from where in the text it is being tried.
  size_t star = std::string_view::npos;
  size_t retry = 0;
  size_t p = 0;
  size_t t = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool Framework::knows(std::string_view key) const {
  for (const std::string& pattern : known_patterns) {
    if (glob_match(pattern, key)) return true;
  }
  return false;
}

const Rule* Mapping::find_rule(std::string_view id) const {
  if (id.empty()) return &no_rule;
  for (const Framework& framework : frameworks) {
    for (const auto& rule : framework.rules) {
      if (rule->id == id) return rule.get();
    }
  }
  return &no_rule;
}

Result<std::unique_ptr<Mapping>> load(const std::vector<MappingFile>& files) {
  return Loader().run(files);
}

}  // namespace callscope::normalise::mapping
