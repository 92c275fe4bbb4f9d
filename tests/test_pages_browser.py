"""Pages as a browser shows them: WCAG 2.2 AA, light and dark, narrow, by keyboard, without scripts."""

import pytest

IV, LUNG = "bcbsks.iv_anesthetics", "cms.ncd_210_14"
PAGES = [
    "index.html",
    f"{IV}/index.html",
    f"{IV}/2024-10-01.html",
    f"{IV}/decisions.html",
    f"{IV}/decisions-none.html",
    f"{IV}/assumptions.html",
    f"{IV}/source.html",
    f"{IV}/coverage.html",
    f"{LUNG}/2022-02-10.html",
    f"{LUNG}/2021-01-01-known-2016-01-04.html",
    f"{LUNG}/decisions-2015-02-05.html",
]


@pytest.fixture
def tab(chromium):
    """A tab of a width and a colour scheme, without scripts of the page."""
    contexts = []

    def opened(path, width=1200, scheme="light", scripts=False):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_meet_wcag_2_2_aa(site, tab, axe, name, scheme):
    page = tab(site / name, scheme=scheme, scripts=True)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert axe(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_off_a_page_of_320_pixels(site, tab, name):
    page = tab(site / name, width=320, scripts=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_changes_can_be_hidden_by_keyboard_without_scripts(site, tab):
    page = tab(site / IV / "2024-10-01.html")
    gone = page.locator("tr.gone")
    assert gone.is_visible()
    page.locator("#marks").focus()
    page.keyboard.press("Space")
    assert not gone.is_visible()
    assert page.locator("th", has_text="J2002").is_visible()


def test_days_are_reached_by_keyboard(site, tab):
    page = tab(site / IV / "2024-10-01.html")
    page.keyboard.press("Tab")
    assert page.locator(".skip").evaluate("each => each.getBoundingClientRect().left") >= 0
    page.locator(".dates a[rel=prev]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/2024-01-05.html")
    assert page.locator(".dates [aria-current]").inner_text() == "2024-01-05"


def test_a_page_prints_its_text_and_not_its_menus(site, tab):
    page = tab(site / IV / "decisions-none.html")
    page.emulate_media(media="print")
    assert not page.locator(".tabs").is_visible()
    assert page.locator("details pre").first.is_visible()
