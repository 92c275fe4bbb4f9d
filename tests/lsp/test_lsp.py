"""The language server through its protocol: on shipped policies, and on texts with mistakes."""

import subprocess
from pathlib import Path

import pytest
from editor import SERVER, Text
from exchanging import replaced
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECTION_A = """
    section A "Chronic pain" cites "POLICY A" {
        for pain.chronic_pain open names neuropathic_pain, chronic_daily_headache, fibromyalgia
        experimental_investigational if {
            infusion: anesthetic_infusion
            indication: some diagnosis in claim.diagnoses { diagnosis in pain.chronic_pain }
            purpose: line.purpose == treatment
        }
    }
"""


async def hover(text, marked):
    found = await text.client.text_document_hover_async(text.params(types.HoverParams, marked))
    return found.contents.value if found is not None else None


# ---- diagnostics ------------------------------------------------------------------------------------------


async def test_diagnostics_come_while_typing_and_go(iv):
    good = iv.text
    (said,) = await iv.change(replaced(good, "line.route ==", "line.ruote =="))
    assert (said.code, said.source, iv.said(said.range)) == ("unknown-name", "policyc", "line.ruote")
    assert "did you mean `line.route`?" in said.message
    assert await iv.change(good) == []


async def test_every_part_with_a_mistake_is_told_of(iv):
    said = await iv.change(
        replaced(replaced(iv.text, " if {", " iff {", 2), "remove assumption", "remove asumption")
    )
    assert len({d.range.start.line for d in said}) == 3
    assert {d.severity for d in said} == {types.DiagnosticSeverity.Error}


async def test_a_mistake_of_an_open_import_is_told_in_both(client, library, iv):
    codes = Text(client, library / "codes/hcpcs.pol")
    await codes.open()
    await codes.change(replaced(codes.text, "replaced by J2002", "replaces J2002"))
    (said,) = await iv.until(["unexpected-word"])
    assert iv.said(said.range) == "codes.hcpcs"
    await codes.close()
    await iv.until([])


async def test_a_mistake_of_an_import_that_is_not_open_is_told_when_it_changes_on_disk(iv, library):
    path = library / "codes/cpt.pol"
    good = path.read_text()
    changed = types.DidChangeWatchedFilesParams(
        [types.FileEvent(path.as_uri(), types.FileChangeType.Changed)]
    )
    path.write_text(replaced(good, "codes cpt", "codes cpt cpt"))
    iv.client.workspace_did_change_watched_files(changed)
    (said,) = await iv.told()
    assert iv.said(said.range) == "codes.cpt"
    path.write_text(good)
    iv.client.workspace_did_change_watched_files(changed)
    assert await iv.told() == []


async def test_what_lint_finds_is_told(client, library):
    codes = Text(client, library / "codes/demo.pol")
    (said,) = await codes.open('package codes.demo\n\ncodes hcpcs { J9999 "J9999" }\n')
    assert (said.code, said.severity) == ("label-repeats-code", types.DiagnosticSeverity.Warning)
    await codes.close()


# ---- hover ------------------------------------------------------------------------------------------------


async def test_hover_on_a_code_says_label_validity_unit_and_revisions(iv):
    said = await hover(iv, "replace code J20|01")
    assert '```pol\nJ2001 "lidocaine for intravenous infusion" from 2004-01-01 until 2024-10-01' in said
    assert "valid from 2004-01-01 through 2024-09-30; one unit is 10 mg; then J2002, J2003" in said
    assert "revisions: 2022-01-08 “Policy posted”, 2024-10-01 “Coding section updated”" in said


async def test_hover_on_a_criterion_says_its_citation_and_revision(iv):
    said = await hover(iv, "indicat|ion: some diagnosis in claim.diagnoses { diagnosis in pain")
    assert "diagnosis in pain.chronic_pain" in said
    assert "cites `POLICY A`" in said
    assert "2022-01-08" in said


@pytest.mark.parametrize(
    ("marked", "says"),
    [
        ("pain.chro|nic_pain }", "concept chronic_pain of icd10cm"),
        ("infusion: anes|thetic_infusion", "anesthetic_infusion if {"),
        ("section |B cites", 'section B "Psychiatric disorders"'),
        ("revision 2024-|10-01", "Coding section updated"),
        ("line.pur|pose", "absent means treatment"),
        ("remove assumption diag|nosis_box", "assume diagnosis_box"),
        ("drug: line.drug in { keta|mine", 'ketamine also "ketamine hcl"'),
        ("claim.diag|noses", "every policy knows"),
    ],
)
async def test_hover_on_names(iv, marked, says):
    assert says in await hover(iv, marked)


async def test_hover_holds_on_a_broken_file(iv):
    good = iv.text
    await iv.change(
        replaced(good, "purpose: line.purpose == treatment", "purpose: line.purpose = = treatment", 1)
    )
    assert "until 2024-10-01" in await hover(iv, "replace code J20|01")
    assert "concept chronic_pain" in await hover(iv, "in pain.chronic_pa|in }")
    await iv.change(good)


# ---- symbols ----------------------------------------------------------------------------------------------


async def test_symbols_are_by_revision_and_section_on_a_broken_file_too(iv):
    good = iv.text
    await iv.change(replaced(good, "infusion: anesthetic_infusion", "infusion: anesthetic_infusion and", 1))
    found = await iv.client.text_document_document_symbol_async(iv.params(types.DocumentSymbolParams))
    outline = {symbol.name: [child.name for child in symbol.children or ()] for symbol in found}
    assert "section B Psychiatric disorders" in outline["2022-01-08 Policy posted"]
    assert "section A Chronic pain" in outline["2022-01-08 Policy posted"]
    assert outline["2024-10-01 Coding section updated"] == ["replace code J2001 with J2002, J2003"]
    await iv.change(good)


# ---- hints and lenses -------------------------------------------------------------------------------------


async def hints_on(text, day):
    show = types.ExecuteCommandParams("policyc.showOn", [day])
    await text.client.workspace_execute_command_async(show)
    whole = types.Range(types.Position(0, 0), text.at(len(text.text)))
    found = await text.client.text_document_inlay_hint_async(text.params(types.InlayHintParams, range=whole))
    lines = text.text.split("\n")
    return {lines[hint.position.line].strip(): hint.label for hint in found}


async def test_hints_show_what_stands_on_a_day(iv):
    good = iv.text
    await iv.change(
        good + '\nrevision 2025-01-01 "Changed" {\n    replace A.purpose with { line.purpose == other }\n}\n'
    )
    assert await hints_on(iv, "2021-01-01") == {good.split("\n")[8]: "not in force on 2021-01-01"}
    early = await hints_on(iv, "2024-09-30")
    assert (
        early['revision 2024-10-01 "Coding section updated" cites "REVISIONS 10-01-2024" {']
        == "not yet on 2024-09-30"
    )
    assert "J2001" not in early
    late = await hints_on(iv, "2025-01-01")
    assert late["J2001"] == "not listed on 2025-01-01"
    assert late["purpose: line.purpose == treatment"] == "on 2025-01-01: line.purpose == other"
    named = "for psychiatry.disorders open names obsessive_compulsive_disorder"
    assert late[named].startswith("on 2025-01-01 also treatment_resistant_depression, post_")
    assert await hints_on(iv, None) == {}
    await iv.change(good)


async def lenses(text):
    found = await text.client.text_document_code_lens_async(text.params(types.CodeLensParams))
    return {text.text.split("\n")[lens.range.start.line].strip(): lens.command for lens in found}


async def test_lenses_count_golden_files_and_run_them(iv, library):
    found = await lenses(iv)
    title = 'policy "Intravenous anesthetics for chronic pain and psychiatric disorders" {'
    assert found[title].title == "run 6 golden files"
    rule = found["experimental_investigational if {"]
    (goldens,) = found[title].arguments
    run = types.ExecuteCommandParams(rule.command or "policyc.runGoldens", [goldens])
    assert await iv.client.workspace_execute_command_async(run) == {"passed": 6, "failures": {}}
    golden = Path(goldens[0])
    right = golden.read_text()
    golden.write_text(replaced(right, '"2024-10-01"', '"2024-10-02"', 1))
    failed = await iv.client.workspace_execute_command_async(run)
    assert (failed["passed"], list(failed["failures"])) == (5, [str(golden)])
    golden.write_text(right)


TABLE = """package demo.tabled

policy "Demo" { payer "A plan" }

codes cpt { 96365 "infusion, first hour" }

facts { line.route { oral, other } }

revision 2024-01-01 "Posted" {
    section A "Infusions" cites "POLICY A" {
        table line.route {
            oral then not_covered
            other then medically_necessary
        }
    }
    codes { 96365 }
}
"""
GOLDEN = """{"about": "by mouth", "claim": {"claim_id": "1", "lines": [{"line": 1, "procedure": "96365",
"service_date": "2024-02-01", "route": "oral"}]},
"decision": {"lines": [{"determination": "not_covered"}]}}"""


async def test_each_row_of_a_decision_table_has_a_lens(client, library):
    text = Text(client, library / "demo/tabled.pol")
    golden = library / "demo/tabled.golden/2024-01-01/oral.json"
    golden.parent.mkdir(parents=True)
    golden.write_text(GOLDEN)
    text.path.write_text(TABLE)
    assert await text.open(TABLE) == []
    titles = {line: lens.title for line, lens in (await lenses(text)).items()}
    assert titles["oral then not_covered"] == "run 1 golden file"
    assert titles["other then medically_necessary"] == "no golden file"
    await text.close()


# ---- whatever the text ------------------------------------------------------------------------------------


async def test_it_holds_wherever_a_text_is_cut_off(client, library):
    text = Text(client, library / "demo/policy.pol")
    whole = 'package demo.policy\n\nimport concepts.pain\n\npolicy "Demé 😀" { payer "A plan" }\n\n'
    whole += f'revision 2024-01-01 "Posted" {{{SECTION_A}}}\n'
    await text.open("")
    for end in range(1, len(whole), 23):
        await text.change(whole[:end])
        last = types.Position(text.at(end).line, text.at(end).character)
        named = types.TextDocumentIdentifier(text.uri)
        await client.text_document_completion_async(types.CompletionParams(named, last))
        await client.text_document_hover_async(types.HoverParams(named, last))
        await client.text_document_document_symbol_async(types.DocumentSymbolParams(named))
    await text.close()
    assert client.error is None


async def test_without_pygls_the_command_says_what_to_install():
    hidden = "import sys; sys.modules['pygls'] = None; "
    command = [SERVER[0], "-c", hidden + SERVER[2], "lsp"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'policyc[lsp]'" in done.stderr
