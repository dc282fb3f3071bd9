"""The documentation holds: its links, its flags and variables, and its code."""

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from server import BINARY, ROOT

GUIDE = ROOT / "docs" / "getting-started.md"
SNIPPETS = ROOT / "ui" / "src" / "model" / "snippets.ts"


def test_links_flags_and_variables() -> None:
    done = subprocess.run(
        [sys.executable, "tools/check_docs.py"],
        cwd=ROOT,
        env={"CALLSCOPE_BIN": str(BINARY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


def run_python(code: str, project, folder: Path) -> None:
    """Runs code as it stands, in a process that has the two variables and nothing else."""
    file = folder / "snippet.py"
    file.write_text(code)
    done = subprocess.run(
        [sys.executable, str(file)],
        env={
            "PATH": "/usr/bin:/bin",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{project.server.grpc}"
            if ".grpc." in code
            else project.server.http,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={project.key}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_of_the_guide_runs(number: int, project, tmp_path: Path) -> None:
    code = blocks("python")[number]
    run_python(code, project, tmp_path)
    if "start_as_current_span" in code:
        (call,) = project.items("calls")
        assert project.read(f"calls/{call['id']}")["tools"][0]["name"] == "find_slot"
    elif "setup_tracing" not in code:
        assert "import OTLPSpanExporter" in code


def run_node(code: str, project) -> None:
    file = ROOT / "test" / "node" / f".{secrets.token_hex(4)}.mjs"
    file.write_text(code)
    try:
        done = subprocess.run(
            ["node", file.name],
            cwd=file.parent,
            env={
                "PATH": os.environ["PATH"],
                "OTEL_EXPORTER_OTLP_ENDPOINT": project.server.http,
                "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={project.key}",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        file.unlink()
    assert done.returncode == 0, done.stderr


def test_node_of_the_guide_runs(project) -> None:
    (code,) = blocks("js")
    run_node(code, project)
    assert len(project.items("spans")) == 1
    assert [agent["name"] for agent in project.items("agents")] == ["front-desk"]


def page_snippet(name: str) -> str:
    """Returns what the page "Connect an agent" gives to paste."""
    found = re.search(rf"id: '{name}',.*?code: `(.*?)`,\n", SNIPPETS.read_text(), re.DOTALL)
    assert found is not None, name
    return found.group(1)


@pytest.mark.parametrize("name", ["python", "pipecat", "livekit"])
def test_python_of_the_page_runs(name: str, project, tmp_path: Path) -> None:
    code = page_snippet(name)
    if name == "pipecat":
        code = f"from pipecat.pipeline.pipeline import Pipeline\n\npipeline = Pipeline([])\n{code}"
    run_python(code, project, tmp_path)
    if name == "python":
        (call,) = project.items("calls")
        assert (call["agent_name"], [model["model"] for model in call["models"]]) == ("my-agent", ["gpt-4o"])


def test_node_of_the_page_runs(project) -> None:
    run_node(page_snippet("node"), project)
    (call,) = project.items("calls")
    assert (call["agent_name"], [model["model"] for model in call["models"]]) == ("my-agent", ["gpt-4o"])
