// Reads what senders report of a call apart from spans: posted call logs, sessions of SDKs,
// LiveKit's own upload, webhooks of providers and our own API. docs/call-logs.md says where each
// member lands.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "model/report.h"

namespace callscope::normalise {

struct ReportLimits {
  // Of a transcript. Four hours of short sentences are about 5,000; more is refused rather than
  // cut.
  size_t entries_max = 20'000;
  // Of the body's nesting. Message lists nest about ten deep, and metadata of people hardly more.
  size_t depth_max = 100;
  // Log lines kept of a session; SDKs stop at 1 MB of them. Further ones are counted in a note.
  size_t logs_max = 20'000;
  // Notes on what could not be read. The last one says how many more there were.
  size_t notes_max = 50;
  // Of the sender's name of the call, as the hosted service documents it.
  size_t call_id_chars_max = 100;
  // A time further than this from the start of the call is absurd: dropped, with a note.
  DurationNs call_max = DurationNs::from_s(24 * 3'600);
  // As a sender posts it. What was saved before, and a change of a call that is known, need not
  // name the call and are not refused for what they ask.
  bool is_whole = true;
};

// Reads a report from its body. An error names the member at fault and what would be right; what a
// part of a transcript lacks is in the report's notes instead. `body` is JSON for every kind: for
// kLivekitUpload the object {"header": livekit_header_to_json(…), "chat_history": …}.
Result<model::Report> read_report(model::ReportKind kind, std::string_view body,
                                  const ReportLimits& limits);

// The body of a report after `newer` has come for the same call: what `newer` names takes the place
// of what `saved` has, member by member, and the rest stays. Of metadata and dynamic variables each
// key does so. Retell's events give the same in whatever order they come: what a later event says
// stands. Both are bodies that read_report has taken.
std::string update_body(model::ReportKind kind, std::string_view saved, std::string_view newer,
                        const ReportLimits& limits);

// The recording in ElevenLabs' post_call_audio webhook: the bytes of an MP3 file. Empty where the
// body is another of their webhooks. Such a body need not be saved with its audio: without the
// member data.full_audio it is the same report.
Result<std::string> elevenlabs_audio(std::string_view body, const ReportLimits& limits);

// The header part of LiveKit's upload, a protobuf MetricsRecordingHeader, as a JSON object with the
// names of its fields: times in RFC 3339, `duration` in milliseconds.
Result<std::string> livekit_header_to_json(std::string_view protobuf);

}  // namespace callscope::normalise
