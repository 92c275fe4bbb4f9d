"""`policyc history --svg`: a policy's days as a picture that says in words what it draws."""

from xml.etree import ElementTree

from html_pages import POLICIES
from typer.testing import CliRunner

from policyc.cli import app


def svg(policy, tmp_path, *options):
    target = tmp_path / "history.svg"
    result = CliRunner().invoke(app, ["history", str(policy), "--svg", str(target), *options])
    assert result.exit_code == 0 and "wrote" in result.stderr
    return ElementTree.parse(target).getroot()


def test_the_picture_tells_in_words_what_it_draws(tmp_path):
    root = svg(POLICIES / "cms" / "ncd_210_14.pol", tmp_path)
    names = {f"{{http://www.w3.org/2000/svg}}{tag}" for tag in ("title", "desc")}
    ids = {each.get("id"): each.text for each in root if each.tag in names}
    assert [ids[each] for each in root.get("aria-labelledby").split()] == list(ids.values())
    told = ids["tl-desc"]
    assert "in force but not yet posted from 2022-02-10 through 2022-10-02" in told
    assert "posted on 2022-10-03" in told
    assert "G0297 low-dose CT to screen for lung cancer: " in told and "then 71271" in told
    assert "screening criteria: in force from 2015-02-05 on, changed on 2015-10-01" in told


def test_the_picture_knows_what_was_known(tmp_path):
    root = svg(POLICIES / "cms" / "ncd_210_14.pol", tmp_path, "--known-on", "2022-10-02")
    assert "2022-02-10" not in ElementTree.tostring(root, encoding="unicode")
