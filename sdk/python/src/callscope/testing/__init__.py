"""For tests of agents: a server in the process that takes what the SDK sends, and keeps it to be looked at.

    with FakeServer() as server:
        tracer = PipecatTracer(server.key, 1, host=server.url, otel_endpoint=server.otlp)
        ...
        (call,) = server.payloads

It speaks the endpoints of Callscope that the SDK uses, and can be told to fail. callscope.testing.pipecat
has a Pipecat agent whose services are scripted.
"""

from ._server import FakeServer, Post, Recording, SpanRow

__all__ = ["FakeServer", "Post", "Recording", "SpanRow"]
