"""The documentation holds: its links, its flags and variables, and its code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from server import BINARY, ROOT

GUIDE = ROOT / "docs" / "getting-started.md"


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


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_of_the_guide_runs(number: int, project, tmp_path: Path) -> None:
    """Each block runs as it stands, in a process that has the two variables and nothing else."""
    code = blocks("python")[number]
    grpc = ".grpc." in code
    file = tmp_path / "guide.py"
    file.write_text(code)
    done = subprocess.run(
        [sys.executable, str(file)],
        env={
            "PATH": "/usr/bin:/bin",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{project.server.grpc}" if grpc else project.server.http,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-cekura-api-key={project.key}",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "start_as_current_span" in code:
        (call,) = project.items("calls")
        assert project.read(f"calls/{call['id']}")["tools"][0]["name"] == "find_slot"
    elif "setup_tracing" not in code:
        assert "import OTLPSpanExporter" in code


def test_node_of_the_guide_runs(project) -> None:
    (code,) = blocks("js")
    file = ROOT / "test" / "node" / ".guide.mjs"
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
    assert len(project.items("spans")) == 1
    assert [agent["name"] for agent in project.items("agents")] == ["front-desk"]
