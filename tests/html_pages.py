"""Rendered pages as tests read them."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from typer.testing import CliRunner

from policyc.cli import app

ROOT = Path(__file__).parents[1]
POLICIES = ROOT / "policies"


def render(path, out, *options):
    result = CliRunner().invoke(app, ["render", str(path), "-o", str(out), *map(str, options)])
    assert result.exit_code == 0, result.output
    return out


VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """The links, anchors, tags and marked words of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.open = [], [], []
        self.marked = {"ins": [], "del": []}
        self.text = []
        self.feed(path.read_text(encoding="utf-8"))
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.anchors += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        if tag in self.marked:
            self.marked[tag].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        for tag, found in self.marked.items():
            if tag in self.open:
                found[-1] += data

    def said(self):
        return " ".join("".join(self.text).split())


def marks(path, tag):
    words = (" ".join(each.split()) for each in Page(path).marked[tag])
    return [re.sub(r"^(Added|Removed): | written by revision .*$", "", each) for each in words]


def well_linked(site):
    """The number of pages, each of whose links leads somewhere."""
    pages = {path: Page(path) for path in site.rglob("*.html")}
    for path, page in pages.items():
        assert not any(" " in anchor for anchor in page.anchors), path
        assert len(page.anchors) == len(set(page.anchors)), path
        for link in page.links:
            address, anchor = urldefrag(link)
            target = (path.parent / unquote(address)).resolve() if address else path
            assert target.is_file(), (path, link)
            assert not anchor or anchor in pages[target].anchors, (path, link)
    return len(pages)
