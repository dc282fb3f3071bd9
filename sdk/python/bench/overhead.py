"""What a tracer costs the agent: the same scripted call in real time, without one and with one.

    python sdk/python/bench/overhead.py [--seconds 60] [--repeat 3] [--with cekura] [--with finchvox] [--json]

Each call runs in a process of its own against a fake server in another. Of each it measures
    loop     CPU time of the event loop's thread, per second of call
    process  CPU time of the whole process, per second of call
    lag      the longest the event loop was late, and its 99th percentile
    turn     from the caller's last word to the agent's first sound, median and 99th percentile
    memory   the process's peak
    own      CPU time of Callscope's own code on the event loop, Pipecat's calling of it included; unlike
             the differences it does not depend on what else the machine does
and reports the differences to the call without a tracer. The other tracers named by --with are
measured in the same run where they are installed.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[1] / "src"
sys.path.insert(0, str(SOURCE))

LAG_PROBE_S = 0.005


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


async def probe_lag(lags: list[float]) -> None:
    while True:
        due = time.perf_counter() + LAG_PROBE_S
        await asyncio.sleep(LAG_PROBE_S)
        lags.append(time.perf_counter() - due)


def plain_task(agent: Any) -> Any:
    """The same task without a tracer: Pipecat's own tracing and metrics stay."""
    import warnings

    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from pipecat.pipeline.task import PipelineParams, PipelineTask

    trace.set_tracer_provider(TracerProvider())
    warnings.simplefilter("ignore")
    return PipelineTask(
        agent.pipeline,
        params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
        enable_tracing=True,
        enable_turn_tracking=True,
    )


def finchvox_task(agent: Any) -> Any:
    """finchvox is a processor at the pipeline's end; it sends audio every five seconds."""
    import warnings

    import finchvox
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.task import PipelineParams, PipelineTask

    finchvox.init(endpoint=os.environ["BENCH_OTLP"])
    recorder = finchvox.FinchvoxProcessor(endpoint=os.environ["BENCH_URL"], sample_rate=24_000)
    warnings.simplefilter("ignore")
    agent.pipeline = Pipeline([*agent.pipeline.processors[1:-1], recorder])
    agent.watch()
    return PipelineTask(
        agent.pipeline,
        params=PipelineParams(enable_metrics=True, enable_usage_metrics=True),
        enable_tracing=True,
        enable_turn_tracking=True,
    )


def make_task(which: str, agent: Any) -> tuple[Any, Any]:
    if which == "none":
        return plain_task(agent), None
    where = {"host": os.environ["BENCH_URL"], "otel_endpoint": os.environ["BENCH_OTLP"]}
    if which == "finchvox":
        return finchvox_task(agent), None
    if which == "callscope":
        from callscope.pipecat import PipecatTracer
    else:
        from cekura.pipecat import PipecatTracer
    from pipecat.pipeline.task import PipelineParams

    tracer = PipecatTracer(os.environ["BENCH_KEY"], 1, **where)
    params = PipelineParams(enable_metrics=True, enable_usage_metrics=True)
    return tracer.observe_and_create_task(agent.pipeline, agent.context, params=params), tracer


class Account:
    """Adds up the CPU time that the event loop's thread spends in Callscope's entry points."""

    def __init__(self) -> None:
        import threading

        from callscope import _logs, _spans
        from callscope.pipecat import _frames, _session

        self.seconds = 0.0
        self.calls = 0
        self._thread = threading.get_ident()
        self._ident = threading.get_ident
        places: list[tuple[Any, str]] = [
            (_frames.FrameReader, "__call__"),
            (_session.Session, "caller_turn"),
            (_session.Session, "agent_turn"),
            (_spans.Router, "on_start"),
            (_spans.Router, "on_end"),
        ]
        for owner, name in places:
            setattr(owner, name, self._timed(getattr(owner, name)))
        _logs._take = self._timed(_logs._take)

    def _timed(self, function: Any) -> Any:
        clock = time.thread_time

        def timed(*arguments: Any) -> Any:
            if self._ident() != self._thread:
                return function(*arguments)
            before = clock()
            try:
                return function(*arguments)
            finally:
                self.seconds += clock() - before
                self.calls += 1

        return timed

    async def dispatch_s(self) -> float:
        """Returns what Pipecat takes to call one handler that does nothing."""
        from pipecat.frames.frames import InputAudioRawFrame
        from pipecat.processors.frame_processor import FrameProcessor

        bare, heard = FrameProcessor(), FrameProcessor()
        heard.add_event_handler("on_before_push_frame", lambda _processor, _frame: None)
        frame, rounds = InputAudioRawFrame(bytes(640), 16_000, 1), 20_000
        took = []
        for processor in (bare, heard):
            before = time.thread_time()
            for _ in range(rounds):
                await processor._call_event_handler("on_before_push_frame", frame)
            took.append(time.thread_time() - before)
        return max(0.0, took[1] - took[0]) / rounds


async def one_call(which: str, seconds: float) -> dict[str, Any]:
    from pipecat.frames.frames import BotStartedSpeakingFrame, VADUserStoppedSpeakingFrame

    from callscope.testing.pipecat import Agent, Exchange

    # An exchange takes about four seconds: one to speak, two and a half to answer.
    script = tuple(
        Exchange(
            "What does the menu have?",
            "We have soup, fish and cake. What may I bring?",
            tools=(("find_table", {"n": n}),),
        )
        for n in range(max(1, round(seconds / 4)))
    )
    agent = Agent(script, real_time=True, character_s=0.055, utterance_s=1.0, word_s=0.01)
    account = Account() if which == "callscope" else None
    task, _tracer = make_task(which, agent)
    lags: list[float] = []
    waits: list[float] = []
    asked: list[float] = []

    def heard(_processor: Any, frame: Any) -> None:
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            asked[:] = [time.perf_counter()]
        elif isinstance(frame, BotStartedSpeakingFrame) and asked:
            waits.append(time.perf_counter() - asked.pop())

    agent.pipeline.processors[-1].add_event_handler("on_before_process_frame", heard)
    probe = asyncio.create_task(probe_lag(lags))
    wall, thread, process = time.monotonic(), time.thread_time(), time.process_time()
    await agent.run(task)
    wall, thread, process = (
        time.monotonic() - wall,
        time.thread_time() - thread,
        time.process_time() - process,
    )
    probe.cancel()
    own = 0.0 if account is None else account.seconds + account.calls * await account.dispatch_s()
    return {
        "seconds": wall,
        "loop_ms_per_s": thread / wall * 1000,
        "process_ms_per_s": process / wall * 1000,
        "lag_max_ms": max(lags) * 1000,
        "lag_p99_ms": percentile(lags, 0.99) * 1000,
        "turn_ms": statistics.median(waits) * 1000,
        "turn_p99_ms": percentile(waits, 0.99) * 1000,
        "own_ms_per_s": own / wall * 1000,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def child(which: str, seconds: float) -> None:
    from loguru import logger

    # As an agent in production writes its log.
    logger.remove()
    logger.add(os.devnull, level="INFO")
    print("RESULT " + json.dumps(asyncio.run(one_call(which, seconds))))


def serve() -> None:
    from callscope.testing import FakeServer

    with FakeServer() as server:
        print(
            json.dumps({"BENCH_URL": server.url, "BENCH_OTLP": server.otlp, "BENCH_KEY": server.key}),
            flush=True,
        )
        sys.stdin.read()


def measure(which: str, seconds: float, environment: dict[str, str]) -> dict[str, Any] | None:
    done = subprocess.run(
        [sys.executable, __file__, "--child", which, "--seconds", str(seconds)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds * 4 + 120,
        check=False,
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            result: dict[str, Any] = json.loads(line[7:])
            return result
    print(f"{which} did not run: {done.stderr.strip()[-400:]}", file=sys.stderr)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--with", dest="others", action="append", default=[], choices=["cekura", "finchvox"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--child", choices=["none", "callscope", "cekura", "finchvox"], help=argparse.SUPPRESS
    )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.seconds)
        return
    if given.serve:
        serve()
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdin is not None
    where = json.loads(server.stdout.readline())
    kinds = ["none", "callscope", *given.others]
    results: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as spool:
        environment = (
            os.environ | where | {"CALLSCOPE_SPOOL": spool, "AWS_ENDPOINT_URL_S3": where["BENCH_URL"]}
        )
        for _ in range(given.repeat):
            for kind in kinds:
                result = measure(kind, given.seconds, environment)
                if result is not None:
                    results[kind].append(result)
    server.stdin.close()
    server.wait(10)
    medians = {
        kind: {name: statistics.median(row[name] for row in rows) for name in rows[0]}
        for kind, rows in results.items()
        if rows
    }
    if given.json:
        print(json.dumps(medians, indent=1))
        return
    base = medians["none"]
    names = list(base)[1:]
    print(f"{'':18}" + "".join(f"{name:>18}" for name in names))
    for kind, row in medians.items():
        print(f"{kind:18}" + "".join(f"{row[name]:18.2f}" for name in names))
    for kind, row in medians.items():
        if kind != "none":
            print(f"{kind + ' more':18}" + "".join(f"{row[name] - base[name]:+18.2f}" for name in names))


if __name__ == "__main__":
    main()
