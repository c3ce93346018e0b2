"""The page for Mesa users, in the environment it needs.

What it needs holds pandas back, so it cannot be imported beside the rest, and its environment takes minutes
to make on a slow machine. So ``make solaratest`` makes it (``.venv-solara``) and runs this file; ``.ci/run``
does that every time, and ``make test`` runs the page wherever the environment has been made.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv-solara"
PYTHON = HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def free_port() -> int:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answer(port: int, server: subprocess.Popen[str]) -> tuple[int, str]:
    """Return status and text of the page, once the server listens."""
    until = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
                return page.status, page.read().decode("utf-8")
        except OSError:
            assert server.poll() is None, server.communicate()[0]
            assert time.monotonic() < until, "the server did not answer"
            time.sleep(0.2)


needs_its_environment = pytest.mark.skipif(
    not (HOME / ".run").exists(), reason="'make solaratest' makes what the page needs, and runs this"
)


@needs_its_environment
def test_the_page_is_drawn_steps_and_plays(tmp_path):
    checks = subprocess.run(
        [str(PYTHON), str(ROOT / "tests" / "solara_checks.py")],
        cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert checks.returncode == 0, checks.stdout + checks.stderr
    assert "Traceback" not in checks.stderr
    assert re.search(r"^[7-9] checks passed$", checks.stdout, re.MULTILINE), checks.stdout


@needs_its_environment
def test_the_server_answers(tmp_path):
    port = free_port()
    server = subprocess.Popen(
        [str(PYTHON), "-m", "solara", "run", "collabsim.solara_page", "--host", "127.0.0.1",
         "--port", str(port), "--no-open", "--production"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        status, text = answer(port, server)
    finally:
        server.terminate()
        said = server.communicate(timeout=60)[0]
    assert status == 200
    assert "solara" in text
    assert "Traceback" not in said, said


def test_every_release_that_the_page_needs_is_pinned():
    lines = (ROOT / "requirements-solara.txt").read_text(encoding="utf-8").split()
    assert "pandas<3" in lines
    assert all("==" in line for line in lines if line != "pandas<3")
    assert "mesa==3.3.1" in lines
    assert "mesa==3.3.1" in (ROOT / "constraints.txt").read_text(encoding="utf-8").split()  # and no other


def test_continuous_integration_makes_the_environment_and_runs_the_page():
    assert "make solaratest" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (target,) = re.findall(r"^solaratest:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert "tests/test_solara_page.py" in target
