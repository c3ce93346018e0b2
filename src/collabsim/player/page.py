"""The page itself: served in parts, or as one file with everything inside that opens from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

HOME = resources.files("collabsim") / "player"
STATIC, VENDOR = HOME / "static", HOME / "vendor"

MODULES = (
    "words.js", "read.js", "link.js", "palette.js", "network.js", "chart.js", "practices.js", "playback.js",
    "why.js", "tables.js", "download.js", "lessons.js", "about.js", "source.js", "page.js",
)  # fmt: skip
"""The player's modules, each after those it imports from."""

SINGLE_FILE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
"""A file that asks nothing of any network: the browser itself sees to it."""

_IMPORT = re.compile(r"^import [^;]*? from \"\./[\w.]+\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let) )", re.MULTILINE)


def text_of(name: str) -> str:
    """Return the text of one of the player's files."""
    folder = VENDOR if name.startswith("d3") else HOME if name.endswith(".json") else STATIC
    return (folder / name).read_text(encoding="utf-8")


def served(data: Mapping[str, Any]) -> str:
    """Return the page that fetches its parts from the server it came from."""
    parts = '<link rel="stylesheet" href="static/player.css">'
    scripts = '<script src="static/d3.min.js"></script>\n<script type="module" src="static/page.js"></script>'
    return _filled(parts, scripts, data)


def single_file(data: Mapping[str, Any]) -> str:
    """Return the page as one file: style, D3, the player and all it plays inside.

    The modules stand one after another in a single one, their imports and exports taken out, because a
    browser loads no module beside a file.
    """
    joined = "\n".join(_EXPORT.sub("", _IMPORT.sub("", text_of(name))) for name in MODULES)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{SINGLE_FILE_POLICY}">'
    head = f"{policy}\n<style>\n{text_of('player.css')}\n</style>"
    licence = " ".join(text_of("d3.LICENSE").split())
    scripts = (
        f"<!-- D3: {licence} -->\n<script>{_inside(text_of('d3.min.js'))}</script>\n"
        f'<script type="module">\n{_inside(joined)}\n</script>'
    )
    return _filled(head, scripts, data)


def _inside(script: str) -> str:
    """Write a script such that it cannot end the element it stands in."""
    return re.sub(r"</(?=script)", r"<\\/", script, flags=re.IGNORECASE)


def as_json(data: Any) -> str:
    """Write data for a ``<script type="application/json">``: nothing in it can be taken for markup."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _filled(head: str, scripts: str, data: Mapping[str, Any]) -> str:
    block = f'<script type="application/json" id="data">{as_json(data)}</script>\n{scripts}'
    return text_of("index.html").replace("<!-- HEAD -->", head).replace("<!-- SCRIPTS -->", block)
