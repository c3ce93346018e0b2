"""The browser, and the page that it looks at: one of each for all tests that need them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ABSENT = "no Chromium is found on this machine"
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say plainly when the page was not looked at."""
    if CHROMIUM is None:
        terminalreporter.write_line(f"The browser tests were left out: {ABSENT}.")


class Server:
    """The page's own server, in a process of its own."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "collabsim", "app", "--no-open", "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"http://\S+?:(\d+)/", said)
        assert found is not None, said
        self.address, self.port = found[0], int(found[1])

    def stop(self) -> tuple[int, str]:
        """End it as Ctrl-C would, and return its exit code and what it said on stderr."""
        import signal

        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail(f"{ABSENT}, and continuous integration needs one")
        pytest.skip(f"{ABSENT}: the page is not looked at")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield running
        running.close()


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported file of the default scenario, with a second and a lesson."""
    from collabsim.cli import main

    file = tmp_path_factory.mktemp("exported") / "a lesson é.html"
    words = ["export", "full-programme", "--with", "austerity", "--lesson", "inertia", "--seed", "3"]
    words += ["--out", str(file)]
    assert main(words) == 0
    return file
