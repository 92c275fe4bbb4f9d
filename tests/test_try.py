"""`policyc try`: what the server answers and whom it refuses; what a claim is on another day."""

import http.client
import json
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from policyc import load
from policyc.pages.fields import fields
from policyc.pages.server import LARGEST, TryServer
from policyc.pages.trial import at

POLICIES = Path(__file__).parents[1] / "policies"
IV = POLICIES / "bcbsks" / "iv_anesthetics.pol"
CLAIM = {
    "claim_id": "C",
    "diagnoses": ["G90.511"],
    "lines": [
        {"line": 1, "procedure": "96365", "service_date": "2024-09-30"},
        {"line": 2, "procedure": "J2001", "service_date": "2024-09-30", "units": 30},
    ],
}
SIDES = [{"day": "2024-09-30", "known_on": ""}, {"day": "2024-10-01", "known_on": None}]


@pytest.fixture(scope="module")
def server():
    with TryServer(load(IV)) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def call(server, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def ask(server, question, **headers):
    body = question if isinstance(question, bytes) else json.dumps(question).encode()
    return call(server, "POST", "/decide", body, **{"Content_Type": "application/json", **headers})


def test_a_claim_is_decided_on_both_days(server):
    answer, text = ask(server, {"claim": CLAIM, "sides": SIDES})
    assert answer.status == 200
    before, after = json.loads(text)["sides"]
    assert before.count("experimental / investigational") == 2
    assert "code not valid" in after and "needs information" in after
    assert 'data-fact="line.drug"' in after and "data-fact" not in before


def test_what_cannot_be_read_is_told_on_its_side(server):
    answer, text = ask(server, {"claim": {"lines": [{"line": 1}], "drug": "<b>"}, "sides": SIDES})
    assert answer.status == 200
    assert all("Not read." in side and "<b>" not in side for side in json.loads(text)["sides"])


def test_a_day_of_knowledge_counts(server):
    side = {"day": "2024-10-01", "known_on": "2021-01-01"}
    _, text = ask(server, {"claim": CLAIM, "sides": [side]})
    assert "not in force" in json.loads(text)["sides"][0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Length": str(LARGEST + 1)}, 413),
        ({"Content_Length": "9" * 5000}, 413),
        ({"Content_Length": "-1"}, 411),
    ],
)
def test_strangers_and_giants_are_refused(server, headers, status):
    answer, text = ask(server, {"claim": CLAIM, "sides": SIDES}, **headers)
    assert answer.status == status
    assert "sides" not in text


def test_it_answers_to_its_own_names(server):
    for name in ("127.0.0.1", "localhost"):
        own = f"{name}:{server.server_port}"
        answer, _ = ask(server, {"claim": CLAIM, "sides": []}, Host=own, Origin=f"http://{own}")
        assert answer.status == 200
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"sides": [1]}',
        b'{"sides": [{"day": "2024-13-01"}]}',
        b'{"sides": [{}, {}, {}]}',
        b'{"sides": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    ],
)
def test_what_is_no_question_is_refused(server, body):
    answer, _ = ask(server, body)
    assert answer.status == 400


def test_pages_and_nothing_else_are_served(server):
    for path in ("/", "/style.css", "/try.css", "/try.js", "/?x=1"):
        answer, _ = call(server, "GET", path)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in ("/../pyproject.toml", "/decide", "/style.css/"):
        assert call(server, "GET", path)[0].status == 404
    assert call(server, "POST", "/", b"{}", Content_Type="application/json")[0].status == 404


def test_fields_are_the_facts_that_the_policy_declares():
    found = fields(load(POLICIES / "cms" / "ncd_240_4.pol").program)
    by_path = {field["path"]: field for scope in found.values() for field in scope}
    assert "member.age" not in by_path and by_path["member.birth_date"]["kind"] == "date"
    assert by_path["line.phase"]["options"] == ["first_12_weeks", "after_12_weeks"]
    assert (by_path["claim.recorded_sleep"]["low"], by_path["claim.recorded_sleep"]["high"]) == ("0", "24")
    assert by_path["claim.recorded_sleep"]["unit"] == "h"
    assert [each["name"] for each in by_path["claim.nights"]["fields"]] == ["day", "hours"]
    assert by_path["claim.benefited"]["question"].startswith("did the patient benefit")
    assert by_path["line.procedure"]["options"] == ["E0601"]
    assert "line.charge" not in by_path


@pytest.mark.parametrize(
    ("claim", "governed", "moved"),
    [
        (
            {"lines": [{"service_date": "2024-01-05"}, {"service_date": "2024-01-07"}, {}]},
            "line.service_date",
            {"lines": [{"service_date": "2024-03-01"}, {"service_date": "2024-03-03"}, {}]},
        ),
        ({"lines": [{"service_date": "x"}, 3]}, "line.service_date", {"lines": [{"service_date": "x"}, 3]}),
        ({"lines": "x"}, "line.service_date", {"lines": "x"}),
        ({"admitted_on": "2020-01-01"}, "claim.admitted_on", {"admitted_on": "2024-03-01"}),
        ({"lines": [{}]}, "line.begun_on", {"lines": [{"begun_on": "2024-03-01"}]}),
        ({}, "contract.begun_on", {"contract": {"begun_on": "2024-03-01"}}),
        ([], "line.service_date", []),
    ],
)
def test_a_claim_is_moved_to_a_day(claim, governed, moved):
    assert at(claim, date(2024, 3, 1), governed) == moved


def test_the_command_says_where_it_is_and_ends_when_told():
    command = [sys.executable, "-c", "import policyc.cli; policyc.cli.main()", "try", str(IV)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        with urlopen(address, timeout=30) as page:
            assert b"Intravenous anesthetics" in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


# ---- in a browser


@pytest.fixture
def tab(server, chromium):
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector(".answer .decided")
    yield page
    context.close()


def say(page, label, value):
    """Put a value into a field, and wait for what is then decided."""
    with page.expect_response("**/decide"):
        field = page.get_by_label(label, exact=True).first
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def test_a_form_decides_while_one_types(tab):
    say(tab, "procedure", "J2001")
    say(tab, "diagnoses", "G90.511")
    say(tab, "route", "intravenous")
    say(tab, "The services are moved to", "2024-09-30")
    expect(tab.locator("#answer-first")).to_contain_text("experimental")
    expect(tab.locator("#answer-second")).to_contain_text("code not valid")
    assert '"route": "intravenous"' in tab.locator("#text").input_value()


def test_what_is_asked_leads_to_its_field(tab):
    say(tab, "procedure", "96365")
    tab.wait_for_selector("[data-fact='line.drug']")
    tab.locator("#answer-second [data-fact='line.drug']").click()
    focused = tab.evaluate("document.activeElement.closest('[data-path]').dataset.path")
    assert focused == "line.drug"
    assert "asked" in tab.locator("[data-path='line.drug']").get_attribute("class")
    say(tab, "drug", "ketamine")
    tab.wait_for_selector("[data-fact='line.drug']", state="detached")
    assert "asked" not in tab.locator("[data-path='line.drug']").get_attribute("class")


def test_lines_and_records_are_added_and_taken_away(tab):
    with tab.expect_response("**/decide"):
        tab.get_by_role("button", name="Add a line").click()
    expect(tab.locator("#answer-first .decided")).to_have_count(2)
    with tab.expect_response("**/decide"):
        tab.get_by_role("button", name="Remove line 1").click()
    expect(tab.locator("#answer-first .decided")).to_have_count(1)
    lines = json.loads(tab.locator("#text").input_value())["lines"]
    assert [line["line"] for line in lines] == [2]


def test_json_and_form_show_one_claim_and_the_link_holds_it(tab, server):
    tab.get_by_role("button", name="JSON", exact=True).click()
    text = json.dumps({**CLAIM, "note": 1})
    with tab.expect_response("**/decide"):
        tab.locator("#text").fill(text)
    expect(tab.locator("#answer-first")).to_contain_text("note")
    with tab.expect_response("**/decide"):
        tab.locator("#text").fill(json.dumps(CLAIM))
    expect(tab.locator("#answer-first .decided")).to_have_count(2)
    with tab.expect_request("**/decide") as sent:
        tab.locator("#text").press("End")
        tab.locator("#text").press("Space")
    assert "#" not in sent.value.url and not sent.value.headers.get("referer")
    link = tab.url
    tab.goto("about:blank")
    tab.goto(link)
    tab.wait_for_selector(".answer .decided")
    assert json.loads(tab.locator("#text").input_value()) == CLAIM
    assert tab.get_by_label("units", exact=True).nth(1).input_value() == "30"


def test_what_is_no_json_yet_is_told(tab):
    tab.get_by_role("button", name="JSON", exact=True).click()
    tab.locator("#text").fill('{"lines": [')
    assert "Not JSON yet" in tab.locator("#wrong").inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (320, "light")])
def test_the_page_meets_wcag_2_2_aa(server, chromium, axe, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(server.address)
    page.wait_for_selector(".answer .decided")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
