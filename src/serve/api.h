// The API as a whole: what it works with, and its routes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/limits.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "calls/call_book.h"
#include "calls/call_reader.h"
#include "calls/prices.h"
#include "calls/report_intake.h"
#include "http/router.h"
#include "listen/listener.h"
#include "normalise/classify.h"
#include "normalise/report.h"
#include "receive/address_rules.h"
#include "receive/auth.h"
#include "receive/recordings.h"
#include "receive/upload_credentials.h"
#include "serve/params.h"
#include "store/catalog/catalog.h"
#include "store/span_store.h"

namespace callscope::serve {

// How this server is reached, known once it listens.
struct ServerInfo {
  std::string version;
  std::string grpc;  // HOST:PORT
  std::string http;  // URL without a slash at its end
};

// Everything outlives the Api.
struct Services {
  store::SpanStore& spans;
  store::Catalog& catalog;
  receive::Authenticator& auth;
  receive::Recordings& recordings;
  const receive::UploadKeys& upload_keys;
  const calls::CallReader& calls;
  calls::ReportIntake& reports;
  listen::Listener& listener;
  store::ObjectStore& objects;
  calls::CallBook& book;
  calls::Prices& prices;
  const normalise::Classifier& classifier;
  const Clock& clock;
  Metrics& metrics;

  std::function<Result<void>()> save_calls;  // brings the catalog up to date with calls under way
  std::function<void(ProjectId, const TraceId&)> forget_trace;  // of a deleted call
  std::function<ServerInfo()> info;
  std::function<Result<void>()> ready;  // why data can't be taken

  size_t recording_bytes_max = size_t{4} << 30;
  normalise::ReportLimits report_limits = {};
  size_t report_bytes_max = size_t{64} << 20;  // of a posted call log or session
  // Whether a project wants a call_id that it has already to be refused and not to change the call.
  std::function<bool(ProjectId)> refuses_known_calls = [](ProjectId) { return false; };

  LimitRange list_limit{100, 1'000};
  LimitRange call_part_limit{5'000, 5'000};  // spans and log lines of one call
  size_t event_streams_max = 200;
  std::chrono::milliseconds event_interval{
      500};  // between two looks at a call that somebody follows

  receive::AddressRules addresses = {};  // that webhooks may be sent to, besides public ones
  WebhookLimits webhook_limits = {};
};

class LiveCalls;
class SignIns;
class Webhooks;

class Api {
 public:
  // Adds every route of the API to `router`, which must not be asked any more once this is gone.
  Api(http::Router& router, Services services);
  ~Api();

  // Begins to deliver webhooks.
  void start();
  // Ends the event streams, so that the server's stop need not cut them off, and the webhooks.
  void stop();

  // Of CallBookOptions::on_saved.
  void note_saved(std::span<const model::CallSummary> calls);
  // Deletes calls that were withheld for too long (serve/withheld_calls.h), and those that were
  // kept for as long as they are wanted (serve/call_removal.h). To be called now and then.
  Result<void> remove_old();

 private:
  const Services services_;
  const std::unique_ptr<LiveCalls> live_;
  const std::unique_ptr<Webhooks> webhooks_;
  const std::unique_ptr<SignIns> sign_ins_;
};

}  // namespace callscope::serve
