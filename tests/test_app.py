"""The page's server: what it gives, what it refuses in words, and how it starts and ends."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import collabsim as cs
from collabsim.app.requests import MOST_BYTES, read_request
from collabsim.cli import main
from collabsim.player.trajectory import trajectory
from conftest import Server

pytestmark = pytest.mark.xdist_group("page")

SMALL = {"scenario": {"partnership": "pair", "months": 12, "programme": [], "name": "x"}, "compare": None}


@pytest.fixture
def ask(server: Server) -> Iterator[Any]:
    """Ask the server for something: returns status, headers and body."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def asked(
        path: str, body: Any = None, headers: dict[str, str] | None = None, method: str | None = None
    ) -> tuple[int, dict[str, str], Any]:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        line.request(method or ("GET" if data is None else "POST"), path, data, headers or {})
        answer = line.getresponse()
        text = answer.read()
        kind = answer.headers.get("content-type", "")
        return (
            answer.status,
            {name.casefold(): value for name, value in answer.headers.items()},
            json.loads(text) if "json" in kind else text.decode(),
        )

    yield asked
    line.close()


def test_the_page_and_its_parts_are_served_with_a_policy_that_lets_nothing_else_in(ask: Any) -> None:
    status, headers, page = ask("/")
    assert status == 200
    assert '<html lang="en">' in page
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for path in ("static/page.js", "static/player.css", "static/d3.min.js", "static/d3.LICENSE",
                 "static/trajectory.schema.json"):  # fmt: skip
        assert ask(f"/{path}")[0] == 200


def test_a_trajectory_is_that_of_the_library(ask: Any) -> None:
    scenario = cs.Scenario.from_dict(SMALL["scenario"])
    body = {**SMALL, "seed": 5, "world": 3, "luck": 2, "labels": ["With", "Without"]}
    status, _, document = ask("/api/trajectory", body)
    assert status == 200
    made = trajectory([scenario, scenario.untreated()], ["With", "Without"], seed=5, world=3, luck=2)
    assert document == json.loads(json.dumps(made))
    run = cs.run(scenario, seed=5, world=3, luck=2)
    told = np.array(document["runs"][0]["outcomes"]["trust"], float)
    np.testing.assert_array_equal(told, run.monthly["trust"].to_numpy())


def test_worlds_and_a_file_can_be_asked_for(ask: Any) -> None:
    status, _, found = ask("/api/worlds", SMALL)
    assert (status, found["worlds"], len(found["runs"])) == (200, 50, 2)
    status, headers, page = ask("/api/export", SMALL)
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert "collabsim-trajectory" in page


def without(**changes: Any) -> dict[str, Any]:
    return {**SMALL, **changes}


FAULTS: list[tuple[Any, str]] = [
    (b"{", "not JSON"),
    (b"[]", "must be a JSON object"),
    (b"\xff\xfe", "not JSON"),
    (b'{"scenario": {"months": NaN}}', "NaN"),
    (b"[" * 5000, "not JSON"),
    ({}, "'scenario' is missing"),
    ({"scenario": 3}, "must be an object"),
    (without(sed=1), "unknown key 'sed'; did you mean 'seed'?"),
    (without(seed=-1), "seed must be a whole number from 0"),
    (without(seed="one"), "seed must be a whole number"),
    (without(labels=[1]), "'labels' must be a list"),
    ({"scenario": {"partnership": "random:1000000"}}, "1,000,000 organisations are more than the 150"),
    ({"scenario": {"partnership": "random:150:100"}}, "ties are more than the 4,000"),
    ({"scenario": {"partnership": "pair", "months": 10**9}}, "1,000,000,000 months are more than the 240"),
    ({"scenario": {"partnership": "../../etc/passwd"}}, "there is no partnership '../../etc/passwd' here"),
    ({"scenario": {"partnership": "no.toml"}}, "there is no partnership"),
    ({"scenario": {"partnership": ["pair"]}}, "'partnership' must be a name"),
    ({"scenario": {"partnership": "pear"}}, "did you mean 'pair'?"),
    (without(scenario={"programme": [{"practice": "trust"}]}), "there is no practice 'trust'"),
    ({"scenario": {"partnership": "pair", "parameters": {"cost": 99}}}, "cost"),
    (without(compare={"partnership": "rural-lead-agency"}), "differ in partnership or months"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "fault"), FAULTS, ids=[str(k) for k in range(len(FAULTS))])
def test_whatever_is_wrong_is_said_in_words(ask: Any, body: Any, fault: str) -> None:
    status, _, said = ask("/api/trajectory", body)
    assert status == 400
    assert fault in " ".join(said["faults"])
    assert "Traceback" not in json.dumps(said)


def test_several_faults_are_told_at_once(ask: Any) -> None:
    wrong = {"scenario": {"partnership": "pair", "months": 0}, "seed": -1, "x": 1}
    _, _, said = ask("/api/trajectory", wrong)
    assert len(said["faults"]) == 3


def test_another_page_and_another_name_are_kept_out(ask: Any, server: Server) -> None:
    own = f"127.0.0.1:{server.port}"
    for host in ("evil.example", f"evil.example:{server.port}", ""):
        assert ask("/", headers={"Host": host})[0] == 421
        assert ask("/api/trajectory", SMALL, {"Host": host})[0] == 421
    for origin in ("http://evil.example", "null", f"http://localhost:{server.port}", "http://127.0.0.1"):
        assert ask("/api/trajectory", SMALL, {"Host": own, "Origin": origin})[0] == 403
    assert ask("/api/trajectory", SMALL, {"Host": own, "Origin": f"http://{own}"})[0] == 200
    assert ask("/", headers={"Host": f"localhost:{server.port}"})[0] == 200


def test_long_requests_are_refused_whether_they_say_so_or_not(server: Server) -> None:
    for headers, chunked in (({"Content-Length": str(10**9)}, False), ({}, True)):
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        if chunked:
            chunks = (b"x" * 8192 for _ in range(3 * MOST_BYTES // 8192))
            line.request("POST", "/api/trajectory", chunks, headers, encode_chunked=True)
        else:
            line.request("POST", "/api/trajectory", headers=headers)
        answer = line.getresponse()
        assert answer.status in (400, 413)
        assert b"at most 65,536 bytes" in answer.read()
        line.close()


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nothing", "GET", 404), ("/static/../server.py", "GET", 404), ("/static/page.py", "GET", 404),
     ("/api/trajectory", "GET", 405), ("/", "DELETE", 405)],
)  # fmt: skip
def test_other_addresses_get_words(ask: Any, path: str, method: str, status: int) -> None:
    found, _, said = ask(path, method=method)
    assert found == status
    assert said["faults"]


def test_a_request_that_takes_long_does_not_hold_up_another_visitor(server: Server) -> None:
    """While the worlds of the largest that is allowed are computed, a page is there at once."""

    def post(path: str, body: Any) -> float:
        begun = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        line.request("POST" if body else "GET", path, json.dumps(body).encode() if body else None)
        assert line.getresponse().read()
        line.close()
        return time.monotonic() - begun

    long = {"scenario": {"partnership": "random:120:20", "months": 100, "name": "long"}, "compare": None}
    took: list[float] = []
    thread = threading.Thread(target=lambda: took.append(post("/api/worlds", long)))
    thread.start()
    time.sleep(0.3)
    quick = []
    while thread.is_alive() and len(quick) < 6:
        quick.append(post("/", None))
        quick.append(post("/api/trajectory", without(seed=len(quick))))
    thread.join()
    assert len(quick) >= 4, "the long request was not long enough to tell"
    assert max(quick) < took[0]


def test_it_starts_and_stops_cleanly_and_says_where_it_is() -> None:
    begun = time.monotonic()
    running = Server("pair", "--allow-host", "class.example")
    started = time.monotonic() - begun
    try:
        assert running.address == f"http://127.0.0.1:{running.port}/"
        line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
        line.request("GET", "/", headers={"Host": f"class.example:{running.port}"})
        answer = line.getresponse()
        assert answer.status == 200
        assert '"start":"pair"' in answer.read().decode()
    finally:
        code, said = running.stop()
    assert code == 0
    assert "Stopped." in said and "Traceback" not in said
    assert started < 10  # two seconds warm, on a machine that does nothing else


def test_a_taken_port_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["app", "--no-open", "--port", str(port)]) == 2
    assert f"port {port} is taken" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--port", "x"], "--port must be a whole number, not 'x'"),
        (["--port", "70000"], "70000"),
        (["no-such-scenario"], "there is no scenario"),
        (["random:1000"], "1,000 organisations are more than the 150"),
        (["--host", "203.0.113.7"], "cannot listen at 203.0.113.7"),
    ],
)
def test_what_cannot_be_served_is_refused_in_words(
    words: list[str], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["app", "--no-open", *words]) == 2
    assert fault in capsys.readouterr().err


def test_a_scenario_of_ones_own_file_can_be_asked_for_by_its_partnership_and_by_nothing_else() -> None:
    own = cs.Scenario.from_dict({"name": "mine", "partnership": "random:20:4:9", "months": 9})
    body = json.dumps({"scenario": {"partnership": own.partnership.name, "months": 9}}).encode()
    assert read_request(body, {"mine": own}).scenarios[0].partnership is own.partnership
