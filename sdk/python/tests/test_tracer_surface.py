"""The public face is that of the SDK it replaces: an import and a URL change, nothing else.

surface/*.json is what `inspect.signature` says of the released packages.
"""

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import callscope
from callscope.pipecat import PipecatTracer

SURFACES = sorted((Path(__file__).parent / "surface").glob("*.json"))
# What may differ: these come from the environment or are this server's.
FREE_DEFAULTS = {"api_key", "agent_id", "host", "otel_endpoint"}


@pytest.mark.parametrize("path", SURFACES, ids=lambda path: path.stem)
def test_every_method_takes_what_it_took(path: Path) -> None:
    surface: dict[str, Any] = json.loads(path.read_text())
    for name, expected in surface["methods"].items():
        method = getattr(PipecatTracer, name)
        assert inspect.iscoroutinefunction(method) == expected["async"], name
        ours = list(inspect.signature(method).parameters.values())
        theirs = expected["parameters"]
        # Theirs come first and in their order; what 1.4.1 had not yet stands behind, with defaults.
        positional = [p for p in ours if p.kind is not inspect.Parameter.VAR_KEYWORD]
        wanted = [p for p in theirs if p[1] != "VAR_KEYWORD"]
        for (wanted_name, kind, default), parameter in zip(wanted, positional, strict=False):
            assert parameter.name == wanted_name, name
            assert parameter.kind.name == kind, (name, wanted_name)
            if default is not None and wanted_name not in FREE_DEFAULTS:
                assert repr(parameter.default) == default, (name, wanted_name)
        assert len(positional) >= len(wanted), name
        assert all(p.default is not inspect.Parameter.empty for p in positional[len(wanted) :]), name
        assert any(p[1] == "VAR_KEYWORD" for p in theirs) == (len(positional) < len(ours)), name


@pytest.mark.parametrize("path", SURFACES, ids=lambda path: path.stem)
def test_attributes_and_metadata_have_their_names(path: Path) -> None:
    surface: dict[str, Any] = json.loads(path.read_text())
    tracer = PipecatTracer("key", 1, enable_otel_traces=False)
    assert [name for name in surface["attributes"] if not hasattr(tracer, name)] == []
    assert set(surface["session_metadata"]) <= set(tracer.get_session_metadata())


def test_the_installed_package_still_has_that_face() -> None:
    theirs = pytest.importorskip("cekura.pipecat").PipecatTracer
    released = json.loads(SURFACES[-1].read_text())["methods"]
    found = {name for name, _ in inspect.getmembers(theirs, callable) if not name.startswith("_")}
    assert found | {"__init__"} == set(released)
    for name in found:
        assert [p.name for p in inspect.signature(getattr(theirs, name)).parameters.values()] == [
            parameter[0] for parameter in released[name]["parameters"]
        ]


def test_the_package_leads_to_the_tracer() -> None:
    assert callscope.PipecatTracer is PipecatTracer
    assert callscope.__version__
    with pytest.raises(AttributeError, match="nothing"):
        _ = callscope.nothing


def test_the_package_alone_needs_nothing() -> None:
    code = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ('pipecat', 'grpc', 'opentelemetry', 'numpy', 'soxr', 'loguru', 'aiohttp'):
            raise ModuleNotFoundError('No module named ' + name)
sys.meta_path.insert(0, Refuse())
import callscope
try:
    import callscope.pipecat
except ImportError as error:
    print(error)
"""
    source = str(Path(__file__).resolve().parents[1] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert 'pip install "callscope[pipecat]"' in done.stdout
