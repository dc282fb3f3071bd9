"""Fixtures of the tests of the whole server."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from server import BINARY, Project, Server


def pytest_configure() -> None:
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not built: run ./dev build", returncode=1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that keep to a project of their own."""
    running = Server(tmp_path_factory.mktemp("server") / "data").start()
    yield running
    running.close()


@pytest.fixture
def project(server: Server) -> Project:
    """A new, empty project of the shared server."""
    return server.new_project()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers that the test may stop, kill and start again; each has its own data folder."""
    numbers = itertools.count()
    # Every server is ended, whatever became of the others.
    with contextlib.ExitStack() as made:

        def make(**arguments: Any) -> Server:
            server = Server(tmp_path / f"data{next(numbers)}", **arguments).start()
            made.callback(server.close)
            return server

        yield make
