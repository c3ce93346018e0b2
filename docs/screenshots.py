"""Take the pictures of the page that the documentation shows: ``python docs/screenshots.py [NAME ...]``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).parent / "images"

SHOTS: dict[str, tuple[str, int, int]] = {
    "explore": ("t=40&seed=1", 1280, 860),
    "why": ("t=40&seed=1&sel=7", 1440, 900),
    "tie": ("t=20&seed=1&sel=0-7", 1024, 768),
    "city": ("s=city&t=40", 1440, 900),
    "practices": ("t=30&seed=1&p=article-order&c=all-six", 1280, 1240),
    "lessons": ("lessons=1", 1280, 860),
    "lesson-predict": ("lesson=inertia&line=30.42.55.66.74.80.84", 1280, 800),
    "lesson-compare": ("lesson=inertia&step=confront&line=90.74.58.46.36.28.22&t=72", 1280, 800),
    "lesson-class": (
        "lesson=which-order&step=confront&choice=article&hands=article=12&hands=same=5&hands=reverse=3&t=72",
        1280, 800,
    ),
    "lesson-try": ("lesson=courage-before-trust&step=try&t=72", 1024, 768),
    "phone": ("s=rural-lead-agency&t=40", 390, 844),
}  # fmt: skip
"""Name, state of the page as a link, width and height."""


def take(page: Any, address: str, name: str) -> None:
    """Take one picture, of few colours, so that it stays small."""
    from PIL import Image

    state, width, height = SHOTS[name]
    page.set_viewport_size({"width": width, "height": height})
    page.goto("about:blank")
    page.goto(f"{address}#{state}")
    page.wait_for_selector("#net-0 .node, .lessons", timeout=120_000)
    page.wait_for_selector("body:not(.busy)", timeout=120_000)
    page.wait_for_timeout(400)
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    few = Image.open(file).convert("RGB").quantize(256, kmeans=3, dither=Image.Dither.NONE)
    few.save(file, optimize=True)
    print(f"{file} ({file.stat().st_size // 1000} kB)")


def main(names: list[str]) -> int:
    """Serve the page, and take the pictures named, or all."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("screenshots.py needs a Chromium", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "collabsim", "app", "--no-open", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as play:
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+/", server.stdout.readline())
            assert found is not None
            browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page()
            for name in names or SHOTS:
                take(page, found[0], name)
            browser.close()
        finally:
            server.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
