// The mapping table in memory: what load.cc makes of mapping/*.json and classify.cc runs. Immutable
// once loaded. docs/mapping.md explains the words of the JSON, which are the names here.
#pragma once

#include <bitset>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/facts.h"
#include "normalise/mapping/key_table.h"
#include "normalise/mapping/providers.h"

namespace callscope::normalise::mapping {

// Where a field's value comes from and how it is read.
enum class Read : uint8_t {
  kCopy,        // as it is
  kSeconds,     // to microseconds
  kMillis,      // to microseconds
  kMinutes,     // to microseconds
  kSecOrMs,     // seconds, or milliseconds where the sender or the size says so
  kSinceStart,  // a time of day, as microseconds after the span's start
  kBeforeEnd,   // seconds of Unix time, as microseconds before the span's end
  kUsd,         // to nano-USD
  kLength,      // characters of a text
  kHas,         // whether there is a value
  kIs,          // whether the value is one of `values`
  kMentions,    // whether the text holds one of `values`
  kSum,         // of `parts`, those that are there
  kMax,         // of `parts`
  kNameAfter,   // the span's name behind `word`
  kNameBefore,  // the span's name in front of `word`
  // For texts only:
  kMessages,       // JSON messages of any dialect
  kFlat,           // messages as one attribute a field, `word`.N.role and so on
  kEvents,         // span events gen_ai.*.message ("input") or gen_ai.choice ("output")
  kEventMessages,  // JSON messages in attribute `key` of the span event `word`
  kAnswer,         // one assistant message of text `key` and the tool calls in `second`
  kParts,          // the text of JSON message parts
  kContent,        // the text of JSON messages
  kList,           // a JSON list of words, joined
  kIf,             // where `key` is true or a text: `word`, or the value of `second`
};

struct Source {
  Read read = Read::kCopy;
  bool zero_is_none = false;
  KeyId key = kNoKey;
  KeyId second = kNoKey;
  std::string word;
  std::string role;                 // of messages that name none
  std::vector<std::string> values;  // lower case
  std::vector<Source> parts;
};

struct MeasureTarget {
  model::Measure model::SpanFacts::*member;
};
struct FlagTarget {
  bool model::SpanFacts::*member;
};
struct NameTarget {
  std::string model::SpanFacts::*member;
  bool is_provider = false;
};

struct FactField {
  std::variant<MeasureTarget, FlagTarget, NameTarget> target;
  std::vector<Source> sources;  // the first that has a value counts; for flags, any that is true
};

// One source of a field, small and in a row with the others: nearly all name keys that a span does
// not have, and are passed over without looking at the source itself.
struct FactStep {
  KeyId key = kAlwaysThere;  // without which there is no value
  uint16_t field = 0;
  const Source* source = nullptr;
};

struct TextTarget {
  std::string model::SpanTexts::*member;
};
struct NumberTarget {
  std::optional<double> model::SpanTexts::*member;
};
struct MessagesTarget {
  std::vector<model::Message> model::SpanTexts::*member;
};

struct TextField {
  std::variant<TextTarget, NumberTarget, MessagesTarget> target;
  std::vector<Source> sources;
};

struct Condition {
  enum class Test : uint8_t { kPresent, kAbsent, kEquals, kPrefix, kSuffix, kAbove };
  KeyId key = kNoKey;
  Test test = Test::kPresent;
  std::vector<std::string> values;  // lower case; any of them
  double number = 0;
};

// All parts that are given must hold. Scope and name are patterns in which * stands for anything.
struct Match {
  std::vector<std::string> scopes;
  std::vector<std::string> names;
  std::vector<Condition> when;
  std::vector<Condition> when_any;
  std::string scope_version_below;  // holds for an unknown version, too
  bool root_only = false;

  bool holds_for_all() const {
    return when.empty() && when_any.empty() && scope_version_below.empty() && !root_only;
  }
};

struct Rule {
  std::string id;
  Match match;
  model::OpKind kind = model::OpKind::kOther;
  bool billable = false;
  bool provisional = false;
  bool duration_valid = true;
  int64_t duration_invalid_below_us = 0;
  std::vector<FactField> facts;
  std::vector<FactStep> steps;  // all sources of `facts`, in order
  std::vector<TextField> texts;
  std::vector<KeyId> expand;  // JSON attributes whose members the facts name
  // Of a call: which attributes are the sender's own. "*" is any key that the framework does not
  // know, anything else a prefix, which is cut off.
  std::vector<std::string> metadata;
};

struct Framework {
  std::string name;
  std::string file;
  bool runs_tools = false;                         // each tool use has a span
  std::vector<Match> detect;                       // any of them
  std::vector<std::shared_ptr<const Rule>> rules;  // the first that matches
  std::bitset<kKeysMax> known_keys;
  std::vector<std::string> known_patterns;
  std::vector<std::string> net_of_cache;  // providers whose input tokens leave out the cached ones

  bool knows(std::string_view key) const;  // by pattern
};

struct Mapping {
  KeyTable keys;
  std::vector<Framework> frameworks;  // the first detected counts
  Rule no_rule;                       // what is read of a span that no rule matches
  std::vector<std::pair<std::string, KeyId>> watched_prefixes;  // "lk." → the key "lk.*"
  std::vector<KeyId> prefix_key_of;  // by key: the watched prefix it begins with, or kNoKey
  std::vector<std::string> absent;   // lower-case texts that mean "none"
  Providers providers;

  const Rule* find_rule(std::string_view id) const;
};

// Whether `text` matches `pattern`, in which * stands for any characters or none.
bool glob_match(std::string_view pattern, std::string_view text);

// One file of the table, named as in mapping/.
struct MappingFile {
  std::string_view name;
  std::string_view json;
};

// The files compiled into the program, in the order in which frameworks are tried.
const std::vector<MappingFile>& embedded_files();

// Compiles a table. The error names the file and the rule at fault.
Result<std::unique_ptr<Mapping>> load(const std::vector<MappingFile>& files);

// The embedded table, compiled on first use and kept until the process ends: ids and names in it
// are static storage. It never changes, so sharing it between servers of one process is safe.
const Mapping& embedded();

}  // namespace callscope::normalise::mapping
