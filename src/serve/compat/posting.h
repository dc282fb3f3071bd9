// Taking a posted report with the recording that came with it: the one way in, whatever the form.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/form.h"
#include "model/report.h"
#include "serve/api.h"

namespace callscope::serve::compat {

struct Posted {
  model::ReportKind kind = model::ReportKind::kObserve;
  std::string_view agent_field;  // that names the agent in the body
  // The service.name of the agent's spans, where the sender has a fixed one: the agent of a body
  // that names none.
  std::string_view service_name = {};
};

// What is known before the body has come.
struct Sender {
  receive::Identity caller;
  std::optional<int64_t> agent;  // by the query
};

// A file of a form that is the call's recording. Nothing of it stays unless take_report finishes.
Result<std::unique_ptr<http::FileSink>> open_recording(const Services& services,
                                                       const Sender& sender,
                                                       const http::FormPart& part,
                                                       store::RecordingSource source);
// The recording among a form's files; null where none came.
std::shared_ptr<receive::RecordingWriter> recording_in(const http::Form& form);

// Reads and saves a report; the answer comes once all of it is on disk.
Result<void> take_report(const Services& services, const Posted& posted, const Sender& sender,
                         std::string body, std::shared_ptr<receive::RecordingWriter> file,
                         const http::Responder& responder);

}  // namespace callscope::serve::compat
