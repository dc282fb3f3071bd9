"""Records the calls of Pipecat agents: `from callscope.pipecat import PipecatTracer`."""

try:
    import loguru as _loguru  # noqa: F401
    import numpy as _numpy  # noqa: F401
    import opentelemetry.exporter.otlp.proto.common as _otlp  # noqa: F401
    import opentelemetry.sdk.trace as _sdk  # noqa: F401
    import pipecat as _pipecat  # noqa: F401
    import soxr as _soxr  # noqa: F401
except ImportError as error:
    raise ImportError(
        f'PipecatTracer needs what the extra "pipecat" installs: pip install "callscope[pipecat]" ({error})'
    ) from error

from ._tracer import PipecatTracer

__all__ = ["PipecatTracer"]
