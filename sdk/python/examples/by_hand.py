"""An agent without a framework: its words, its tools and its spans become one call."""

import time

from opentelemetry import trace

import callscope

tracer = trace.get_tracer("table-agent")


def find_table(guests: int) -> dict[str, int]:
    time.sleep(0.05)
    return {"table": 7, "guests": guests}


def main() -> None:
    with callscope.call(metadata={"restaurant": "harbour"}) as call:
        with call.turn():
            call.user("I would like a table for four.")
            with tracer.start_as_current_span("llm", attributes={"gen_ai.request.model": "scripted-1"}):
                time.sleep(0.1)
            with call.tool("find_table", {"guests": 4}) as tool:
                tool.result = find_table(4)
            with tracer.start_as_current_span("tts"):
                time.sleep(0.05)
            call.agent("Table seven is free.")
        call.user("Thank you.")
    call.wait_sent()


if __name__ == "__main__":
    main()
