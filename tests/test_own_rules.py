"""Rules of a user's own may do what Numba lets them: print, raise, make arrays, call themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collabsim.compiled import JIT

RULE = '''
import numpy as np
import collabsim as cs
from collabsim.compiled import rule

GIVEN = np.arange(5.0)

@rule
def even(n):
    if n <= 0:
        return 1
    return odd(n - 1)

@rule
def odd(n):
    if n <= 0:
        return 0
    return even(n - 1)

def watch(s, m, p):
    month = int(s.clock[0].month)
    print("month", month, 1.5)
    made = np.sort(np.zeros(3) + GIVEN[month])
    listed = [made[0], made[1]]
    listed.append(made[2])
    s.organisation[0].courage = 0.1 * (sum(listed) / 3.0 + even(month + 2))
    if month == 2:
        raise ValueError("in month", month, "of", len(listed))

schedule = cs.SCHEDULE.insert(watch, after="deliver")
try:
    cs.run("pair", months=4, schedule=schedule)
except ValueError as error:
    print(error.args)
result = cs.run("pair", months=2, schedule=schedule)
print(round(float(result.state.organisation[0].courage), 3))
'''

SAID = "month 0 1.5\nmonth 1 1.5\nmonth 2 1.5\n('in month', 2, 'of', 3)\nmonth 0 1.5\nmonth 1 1.5\n"


def told(file: Path, cache: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script with a cache of its own."""
    surroundings = {**os.environ, "COLLABSIM_CACHE": str(cache), **more}
    return subprocess.run(
        [sys.executable, str(file)], env=surroundings, capture_output=True, text=True, check=True, timeout=300
    )


@pytest.mark.skipif(not JIT, reason="nothing is compiled")
def test_a_rule_may_print_raise_make_arrays_and_call_itself_and_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "watching.py"
    file.write_text(RULE, encoding="utf-8")
    plain = told(file, tmp_path / "none", NUMBA_DISABLE_JIT="1")
    first, again = told(file, tmp_path / "cache"), told(file, tmp_path / "cache")
    assert plain.stdout.startswith(SAID)
    assert first.stdout == again.stdout == plain.stdout
    assert "Compiling" in first.stderr
    assert again.stderr == ""  # machine code is found again, though a script's own module has no name


@pytest.mark.skipif(not JIT, reason="nothing is compiled")
def test_an_index_out_of_bounds_is_told_when_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "wild.py"
    file.write_text(
        "import collabsim as cs\n"
        "def wild(s, m, p):\n    s.pair.contact[10**6] = 1.0\n"
        "try:\n    cs.run('pair', months=3, schedule=cs.SCHEDULE.replace('learn', wild))\n"
        "except IndexError as error:\n    print(error)\n",
        encoding="utf-8",
    )
    done = told(file, tmp_path / "cache", NUMBA_BOUNDSCHECK="1")
    assert done.stdout == "index is out of bounds\n"
