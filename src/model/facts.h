// What we understood of one span, whatever framework sent it. `normalise` fills it from the mapping
// table; `store` keeps the numbers as columns; `calls` builds calls from it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callscope::model {

// The normalised kind of a span. The order is part of the on-disk format: append only.
enum class OpKind : uint8_t {
  kOther,          // unknown; kept and shown
  kCall,           // container of a whole call
  kTurn,           // one exchange: caller and agent
  kUserTurn,       // the caller's side of an exchange
  kAgentTurn,      // the agent's side
  kStt,            // transcription
  kLlm,            // text model call
  kS2s,            // speech-to-speech generation
  kTts,            // synthesis
  kTool,           // function, MCP or hand-off tool execution
  kTurnDetection,  // endpointing wait or prediction
  kUserSpeech,     // a segment in which the caller speaks
  kAgentSpeech,    // a segment in which the agent is played
  kAmd,            // answering-machine detection
  kAgent,          // agent wrapper
  kWorkflow,       // orchestration wrapper
  kRetrieval,
  kEmbedding,
  kMemory,
  kGuardrail,
  kEval,
  kWrapper,    // node around the real work; never counted
  kAttempt,    // one try of a request; never counted
  kTransport,  // connecting, waiting, room, RPC
  kLifecycle,  // set-up, shutdown, hooks
  kStall,      // event loop blocked
};
inline constexpr int kOpKindCount = static_cast<int>(OpKind::kStall) + 1;

// "llm", "user_turn", …: as in the API and in the lake.
std::string_view to_string(OpKind kind);
std::optional<OpKind> parse_op_kind(std::string_view text);

// A whole number that may be absent, in eight bytes. Absent means "not captured", never zero.
class Measure {
 public:
  constexpr Measure() = default;
  constexpr Measure(int64_t value) : value_(value) {}
  constexpr bool has_value() const { return value_ != kAbsent; }
  constexpr explicit operator bool() const { return has_value(); }
  constexpr int64_t operator*() const { return value_; }
  constexpr int64_t value_or(int64_t fallback) const { return has_value() ? value_ : fallback; }
  constexpr void reset() { value_ = kAbsent; }
  constexpr bool operator==(const Measure&) const = default;

 private:
  static constexpr int64_t kAbsent = std::numeric_limits<int64_t>::min();
  int64_t value_ = kAbsent;
};

enum class CostSource : uint8_t { kNone, kReported, kComputed };

// Durations in microseconds, money in nano-USD (1e-9 USD), tokens and characters as counts.
struct SpanFacts {
  OpKind kind = OpKind::kOther;
  std::string_view framework;  // "pipecat", "livekit", "genai", … ; static storage
  std::string_view rule;  // id of the mapping rule that matched; static storage; empty for none

  bool billable = false;       // exactly one span of each provider request is
  bool duration_valid = true;  // false where the span's length does not mean the operation's
  bool interrupted = false;    // cut short by the caller
  bool is_error = false;       // failed, by status or by attribute
  bool provisional = false;    // a placeholder that a later span replaces (Logfire's pending_span)
  bool call_ended_it = false;  // "interrupted" only because the call ended inside it
  bool asks_tools = false;     // the model's answer asks for tools; another request follows
  bool input_net_of_cache = false;  // input_tokens does not include the cached ones
  CostSource cost_source = CostSource::kNone;

  std::string provider;  // normalised: "openai", "deepgram", …
  std::string model;     // as requested, or as answered where only that is known
  std::string tool_name;
  std::string session_key;  // the framework's own name of the call: conversation.id, job id, …

  Measure turn_index;           // as reported by the framework
  Measure latency_us;           // to the first output: LLM first token, TTS first byte, STT final
  Measure response_latency_us;  // reported by the framework: caller stops to agent starts
  Measure endpointing_us;       // from end of speech to the decision that the turn is over
  Measure transcription_us;     // from end of speech to the final transcript
  Measure text_aggregation_us;  // waiting for a sentence to hand to the TTS
  Measure queue_wait_us;
  Measure hook_us;  // in the agent's own hook between turn and answer

  Measure input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens;
  Measure audio_input_tokens, audio_output_tokens, audio_cache_read_tokens;
  Measure characters;
  Measure audio_us;    // length of audio transcribed or synthesised
  Measure session_us;  // billed length of a realtime session
  Measure cost_nano_usd;
};

// A tool use read out of an LLM's messages, for frameworks that have no tool span.
struct ToolMention {
  std::string call_id;
  std::string name;
  std::string arguments;              // JSON text or plain text, as sent
  std::optional<std::string> result;  // absent until the answering message is there
};

struct Message {
  std::string role;                     // "system", "user", "assistant", "tool", …
  std::string content;                  // text parts joined by a newline; other parts as JSON
  std::vector<ToolMention> tool_calls;  // asked for by this message
  std::string tool_call_id;             // the use that this message answers
};

// The words in a span: read only when a call is looked at, not while spans stream in.
struct SpanTexts {
  std::string transcript;       // what the STT understood, or the caller's text of a turn
  std::string text;             // what the TTS was given, or the agent's text of a turn
  std::string generated_text;   // the full answer where `text` holds only what was played
  std::vector<Message> input;   // messages the LLM was given
  std::vector<Message> output;  // what it answered
  std::string system;
  std::string tool_definitions;  // JSON
  std::string tool_call_id;
  std::string arguments;  // of a tool, as sent
  std::string result;
  std::string error_type;
  std::string error_message;
  std::string voice;
  std::string language;
  std::optional<double> confidence;  // 0..1
  std::string finish_reason;
  std::string end_reason;                                     // of the call
  std::string interrupted_by;                                 // "user", "programmatic", "call_end"
  std::string direction, from, to, transport;                 // of the call
  std::vector<std::pair<std::string, std::string>> metadata;  // the sender's own keys of the call
};

}  // namespace callscope::model
