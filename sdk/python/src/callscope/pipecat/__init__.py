"""Records the calls of Pipecat agents: `from callscope.pipecat import PipecatTracer`."""

from importlib import import_module

_NEEDED = (
    "loguru",
    "numpy",
    "opentelemetry.exporter.otlp.proto.common",
    "opentelemetry.sdk.trace",
    "pipecat",
    "soxr",
)

try:
    for _name in _NEEDED:
        import_module(_name)
except ImportError as error:
    raise ImportError(
        f'PipecatTracer needs what the extra "pipecat" installs: pip install "callscope[pipecat]" ({error})'
    ) from error

from ._tracer import PipecatTracer  # noqa: E402

__all__ = ["PipecatTracer"]
