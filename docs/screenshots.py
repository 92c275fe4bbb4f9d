"""Makes the README's pictures of the rendered IV-anesthetics policy: `python docs/screenshots.py`.

It needs the `dev` extra, Pillow and Debian's Chromium, and the fonts Charis SIL and Inter to look the same.
"""

from __future__ import annotations

import os
import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

from policyc import load
from policyc.pages.site import Source, write_site

DOCS = Path(__file__).parent
POLICY = DOCS.parent / "policies" / "bcbsks" / "iv_anesthetics.pol"
DAYS = {"2024-09-30": "2024-01-05.html", "2024-10-01": "2024-10-01.html"}
"""The days, each with the page of the text that is in force on it."""

WIDTH, FROM, TO = 820, ".payer", "table.codes"


def main() -> None:
    """Draw both days, from the payer to the table of codes."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        write_site([Source(POLICY, load(POLICY))], Path(folder))
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        page = browser.new_page(viewport={"width": WIDTH, "height": 900})
        for day, name in DAYS.items():
            page.goto((Path(folder) / "bcbsks.iv_anesthetics" / name).as_uri())
            top, bottom = (page.locator(each).first.bounding_box() for each in (FROM, TO))
            assert top is not None and bottom is not None
            height = bottom["y"] + bottom["height"] - top["y"] + 32
            clip = {"x": 0, "y": top["y"] - 16, "width": WIDTH, "height": height}
            drawn = Image.open(BytesIO(page.screenshot(full_page=True, clip=clip)))
            drawn.convert("RGB").quantize(200).save(DOCS / f"iv-anesthetics-{day}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
