// Every limit of the server: its unit in its name, its reason beside it. Each is an option of the
// same name (src/main/options.cc); what is enforced is enforced where the thing limited is.
#pragma once

#include <cstdint>

namespace callscope {

inline constexpr int64_t kKiB = 1024;
inline constexpr int64_t kMiB = 1024 * kKiB;
inline constexpr int64_t kGiB = 1024 * kMiB;

struct Limits {
  // --- One request -------------------------------------------------------------------------------

  // As it comes over the wire. Collectors batch by count, so one batch of spans that carry whole
  // conversations grows to tens of megabytes; gRPC's own default of 4 MiB refuses such batches.
  int64_t message_bytes_max = 64 * kMiB;
  // After decompression: four times a full message, which text compresses to easily. A bomb is
  // refused when it passes this, before it is in memory.
  int64_t decompressed_bytes_max = 256 * kMiB;
  // Of a span, log line, event, link, resource or scope. SDKs stop at 128; the longest message
  // lists seen, with one attribute a message part, have about 700. Further ones are counted and
  // dropped.
  int64_t attributes_per_span_max = 1024;
  // A longer value is cut here, with a mark, and never refused. A tool result or a chat history of
  // 5 MB is real and is stored whole; 8 MiB leaves it room and bounds what one span does to a page
  // that shows it.
  int64_t attribute_bytes_max = 8 * kMiB;
  // Of a JSON request, so that brackets cannot exhaust the stack of its parser. Message lists nest
  // about ten deep.
  int64_t json_depth_max = 64;

  // --- In memory ---------------------------------------------------------------------------------

  // Requests that are received and not answered yet, over all connections. Over it senders are told
  // to retry. Four full messages at once, decompressed sizes counted.
  int64_t inflight_bytes_max = 256 * kMiB;
  // Spans and log lines of one file of the log: all of them are in memory until they are in the
  // lake, a kilobyte each beside their texts, and so are those of the file before it meanwhile.
  int64_t hot_items_max = 250'000;
  // Calls that are being put together. A call of 20 turns takes about 20 KB; over the limit the
  // calls quiet for the longest are saved and let go, and read back when a late span comes.
  int64_t callbook_bytes_max = 128 * kMiB;
  // That DuckDB may use for questions and for writing segments; it spills to disk beyond.
  int64_t query_bytes_max = 384 * kMiB;

  // --- On disk -----------------------------------------------------------------------------------

  // Acknowledged spans waiting to be indexed; over it senders are told to retry. About five minutes
  // at 15 MB/s, ample for a burst, and bounds the replay after a crash.
  int64_t wal_backlog_bytes_max = 4 * kGiB;
  // The log is kept in files of this size and cut a file at a time. Each becomes a segment: the
  // larger, the fewer segments a call lies in, and the more spans are in memory. With 64 MiB a
  // trace by its id took a fifth longer, with 128 MiB a load of 3 million spans 880 MB.
  int64_t wal_file_bytes_max = 96 * kMiB;
  // Room left free on the disk: below it spans are refused while the catalog can still write.
  int64_t disk_free_bytes_min = 256 * kMiB;
  // Of spans in memory that cannot be moved to the lake, as on a full disk. Those behind them stay
  // in the log, unread.
  int64_t unflushed_bytes_max = 256 * kMiB;
  // Spans reach the lake at this age at the latest, so that a quiet server's files are complete for
  // other readers and a replay stays short.
  int64_t flush_age_ms_max = 5'000;
  // Compaction merges segments until they have this size: large enough that a thousand make a
  // terabyte, small enough that rewriting one for a deletion takes seconds.
  int64_t segment_bytes_max = kGiB;
  // How long spans, log lines and calls are kept; 0 keeps them for ever.
  int64_t retention_age_s = 0;
  // What segments may take in all; beyond it the oldest go. 0 sets no bound.
  int64_t retention_bytes = 0;

  // --- Recordings --------------------------------------------------------------------------------

  // Of one recording. Six hours of the SDK's raw stereo (24 kHz, 16 bits) take 2 GB.
  int64_t recording_bytes_max = 4 * kGiB;
  // How long the credentials of an SDK's upload hold: they are fetched once, when the call starts,
  // and not renewed, so they have to outlive it. An upload that is not finished then is dropped.
  int64_t upload_lifetime_s = 24 * 3600;
  // Fetching a recording_url: the whole of one attempt, and the attempts, with pauses between them
  // that double from five seconds. A signed address holds for about five minutes.
  int64_t fetch_ms_max = 300'000;
  int64_t fetch_attempts_max = 5;

  // --- HTTP --------------------------------------------------------------------------------------

  // Open connections. Each costs about 20 KB at rest and one file descriptor of the usual 1024
  // limit.
  int64_t http_connections_max = 900;
  // Of a request's line and headers together; cookies and long bearer tokens fit.
  int64_t http_header_bytes_max = 32 * kKiB;
  // From one request's first byte to its last, and between two requests of a connection.
  int64_t http_request_ms_max = 30'000;
  int64_t http_idle_ms_max = 75'000;  // above the 60 s of common proxies, so that they close first
  // Of live events: open streams, each a connection held for as long as somebody looks.
  int64_t event_streams_max = 200;

  // --- Answers -----------------------------------------------------------------------------------

  // Entries of a list where the caller says nothing, and the most it may ask for.
  int64_t list_limit_default = 100;
  int64_t list_limit_max = 1'000;
  // Spans in one answer: the largest trace known from the field has 20,000.
  int64_t trace_spans_max = 100'000;
  // A question that takes longer is ended: somebody has stopped waiting for it.
  int64_t query_ms_max = 30'000;
};

// Of webhooks that go out.
struct WebhookLimits {
  // From the end of a call to its delivery, so that what comes a moment later is in it: an SDK's
  // session follows the last span by a second or two.
  int64_t settle_ms = 5'000;
  // One attempt, from the connection to the answer.
  int64_t attempt_ms_max = 10'000;
  // The first, and then with pauses that grow fourfold from fifteen seconds: eight span a day.
  int64_t attempts_max = 8;
};

}  // namespace callscope
