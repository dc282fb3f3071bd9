// What was said to a model and by it may stand in log lines instead of on its span: the events
// gen_ai.*.message, gen_ai.choice and gen_ai.client.inference.operation.details of the GenAI
// semantic conventions, which are log records. As events of their span they are read like those
// that stand there.
#pragma once

#include <memory>

#include "model/span.h"

namespace callscope::normalise {

// Whether the line is such an event and names its span.
bool is_message_line(const model::LogLine& line);

// Adds the message lines among `lines` to the spans they name, as events in the order of the lines;
// a line that came twice counts once. `spans` keeps what they borrow.
void add_message_lines(model::SpanBatch& spans, std::unique_ptr<model::LogBatch> lines);

}  // namespace callscope::normalise
