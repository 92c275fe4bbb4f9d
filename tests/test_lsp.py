"""The language server through its protocol: on shipped policies, and on texts with mistakes."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio
import pytest_lsp
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from dsl.formatted import formatted

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHIPPED = Path(__file__).parents[1] / "policies"
SERVER = [sys.executable, "-c", "import policyc.cli; policyc.cli.main()", "lsp"]
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


@pytest_lsp.fixture(config=ClientServerConfig(server_command=SERVER), scope="module")
async def client(lsp_client: LanguageClient):
    @lsp_client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
    def refreshed(params):
        return None

    capabilities = client_capabilities("visual-studio-code")
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    yield lsp_client
    await lsp_client.shutdown_session()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A copy of the shipped policies, with one golden file."""
    folder = tmp_path_factory.mktemp("library") / "policies"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.golden"))
    golden = sorted((SHIPPED / "bcbsks/iv_anesthetics.golden/2024-10-01").glob("*.json"))
    goldens = folder / "bcbsks/iv_anesthetics.golden/2024-10-01"
    goldens.mkdir(parents=True)
    for path in golden[:6]:
        shutil.copy(path, goldens)
    return folder


class Text:
    """An open file of the editor, and places in it by what stands there: `|` marks the place."""

    def __init__(self, client, path):
        self.client, self.path, self.uri = client, path, path.as_uri()
        self.text = path.read_text() if path.exists() else ""
        self.version = 0

    async def open(self, text=None):
        self.text = self.text if text is None else text
        item = types.TextDocumentItem(self.uri, "pol", 1, self.text)
        self.version = 1
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.told()

    async def change(self, text):
        """Put another text in its place, by the smallest change."""
        before, after = self.text, text
        start = next(
            (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
            min(len(before), len(after)),
        )
        end = 0
        while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
            end += 1
        whole = types.Range(self.at(start), self.at(len(before) - end))
        part = types.TextDocumentContentChangePartial(range=whole, text=after[start : len(after) - end])
        self.text, self.version = text, self.version + 1
        named = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(named, [part]))
        return await self.told()

    async def told(self):
        """What the next diagnostics of this file say."""
        while True:
            said = await self.publication()
            if said.uri == self.uri:
                return list(said.diagnostics)

    async def publication(self):
        published = self.client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        return await asyncio.wait_for(published, timeout=60)

    async def until(self, codes):
        """Wait until the diagnostics of this file have some codes."""
        while [d.code for d in self.client.diagnostics[self.uri]] != codes:
            await self.publication()
        return self.client.diagnostics[self.uri]

    async def close(self):
        named = types.TextDocumentIdentifier(self.uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(named))
        await self.told()

    def at(self, offset):
        before = self.text[:offset]
        line = before[before.rfind("\n") + 1 :]
        return types.Position(before.count("\n"), len(line.encode("utf-16-le")) // 2)

    def place(self, marked):
        where = self.text.index(marked.replace("|", ""))
        return self.at(where + marked.index("|"))

    def said(self, place):
        """The text of a range."""
        lines = self.text.split("\n")
        assert place.start.line == place.end.line
        return lines[place.start.line][place.start.character : place.end.character]

    def params(self, kind, marked=None, **more):
        named = types.TextDocumentIdentifier(self.uri)
        place = {} if marked is None else {"position": self.place(marked)}
        return kind(text_document=named, **place, **more)

    def edited(self, edits):
        """The text after some edits."""
        lines = self.text.splitlines(keepends=True)
        starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
        found = self.text
        for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
            start, end = (starts[p.line] + p.character for p in (edit.range.start, edit.range.end))
            found = found[:start] + edit.new_text + found[end:]
        return found


@pytest_asyncio.fixture(loop_scope="module")
async def iv(client, library):
    text = Text(client, library / "bcbsks/iv_anesthetics.pol")
    assert [d.code for d in await text.open()] == []
    yield text
    await text.close()


async def hover(text, marked):
    found = await text.client.text_document_hover_async(text.params(types.HoverParams, marked))
    return found.contents.value if found is not None else None


async def offered(text, marked):
    found = await text.client.text_document_completion_async(text.params(types.CompletionParams, marked))
    return {item.label: item.detail for item in found.items}


# ---- diagnostics ------------------------------------------------------------------------------------------


async def test_diagnostics_come_while_typing_and_go(iv):
    good = iv.text
    (said,) = await iv.change(good.replace("line.route ==", "line.ruote =="))
    assert (said.code, said.source, iv.said(said.range)) == ("unknown-name", "policyc", "line.ruote")
    assert "did you mean `line.route`?" in said.message
    assert await iv.change(good) == []


async def test_every_part_with_a_mistake_is_told_of(iv):
    said = await iv.change(
        iv.text.replace(" if {", " iff {", 2).replace("remove assumption", "remove asumption")
    )
    assert len({d.range.start.line for d in said}) == 3
    assert {d.severity for d in said} == {types.DiagnosticSeverity.Error}


async def test_a_mistake_of_an_open_import_is_told_in_both(client, library, iv):
    codes = Text(client, library / "codes/hcpcs.pol")
    await codes.open()
    await codes.change(codes.text.replace("replaced by J2002", "replaces J2002"))
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
    path.write_text(good.replace("codes cpt", "codes cpt cpt"))
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
        good.replace("purpose: line.purpose == treatment", "purpose: line.purpose = = treatment", 1)
    )
    assert "until 2024-10-01" in await hover(iv, "replace code J20|01")
    assert "concept chronic_pain" in await hover(iv, "in pain.chronic_pa|in }")
    await iv.change(good)


# ---- completion -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        ("drug: line.drug in { |", {"ketamine", "lidocaine", "esketamine"}),
        ("drug: line.route == |", {"intravenous", "oral"}),
        ("    purpose: line.|", {"line.purpose", "line.drug", "line.service_date"}),
        ("    indication: some diagnosis in claim.diagnoses { |", {"diagnosis", "pain.chronic_pain"}),
        ("    infusion: an|", {"anesthetic_infusion"}),
    ],
)
async def test_completion_in_a_criterion_that_is_not_finished(iv, text, offers):
    good = iv.text
    await iv.change(good.replace("drug: line.drug in { ketamine, lidocaine }", text.replace("|", "") + "\n"))
    assert offers <= (await offered(iv, text)).keys()
    await iv.change(good)


@pytest.mark.parametrize(
    ("text", "offers"),
    [
        (
            "    replace code |",
            {"J2001": "lidocaine for intravenous infusion: valid from 2004-01-01 through 2024-09-30"},
        ),
        ("    replace code J2001 with J|", {"J2004": "lidocaine with epinephrine: valid from 2024-10-01 on"}),
        ("    section |", {"A": "Chronic pain", "B": "Psychiatric disorders"}),
        ("    replace |", {"A": "Chronic pain", "A.indication": None, "anesthetic_infusion": None}),
        ("    section B names |", {"post_traumatic_stress_disorder": ""}),
        ('    section B cites "|', {"POLICY B": None}),
    ],
)
async def test_completion_in_an_amendment_that_is_not_finished(iv, text, offers):
    good = iv.text
    await iv.change(good.replace("    replace code J2001 with J2002, J2003", text.replace("|", "")))
    found = await offered(iv, text)
    assert offers.keys() <= found.keys()
    for label, detail in offers.items():
        assert detail in (None, "") or found[label] == detail
    await iv.change(good)


async def test_completion_of_the_bands_of_a_scale(client, library):
    text = Text(client, library / "cms/ncd_240_4.pol")
    await text.open()
    await text.change(text.text.replace("claim.ahi == at_least_15", "claim.ahi ==", 1))
    assert "at_least_15" in await offered(text, "claim.ahi ==|")
    await text.close()


async def test_completion_of_imports(iv):
    good = iv.text
    await iv.change(good.replace("import codes.cpt\n", "import \nimport codes.cpt\n"))
    assert {"codes.carc", "concepts.sleep"} <= (await offered(iv, "import |\n")).keys()
    await iv.change(good)


# ---- definition, references, rename -----------------------------------------------------------------------


async def definition(text, marked):
    found = await text.client.text_document_definition_async(text.params(types.DefinitionParams, marked))
    return [(Path(place.uri.removeprefix("file://")).name, place.range.start.line) for place in found]


async def test_definitions_are_found_in_imports_and_in_the_file(iv, library):
    line = (
        (library / "codes/hcpcs.pol")
        .read_text()
        .split("\n")
        .index('    J2001 "lidocaine for intravenous infusion" from 2004-01-01 until 2024-10-01')
    )
    assert await definition(iv, "replace code J20|01") == [("hcpcs.pol", line)]
    own = iv.text[: iv.text.index("anesthetic_infusion if")].count("\n")
    assert await definition(iv, "infusion: anesth|etic_infusion") == [("iv_anesthetics.pol", own)]


async def test_references_go_through_all_files_of_the_library(iv):
    params = iv.params(types.ReferenceParams, "line.dr|ug in {", context=types.ReferenceContext(True))
    found = await iv.client.text_document_references_async(params)
    files = {Path(place.uri.removeprefix("file://")).name for place in found}
    assert {"infusion.pol", "hcpcs.pol", "iv_anesthetics.pol"} <= files
    assert len({(p.uri, p.range.start.line, p.range.start.character) for p in found}) == len(found)


async def rename(text, marked, new):
    params = text.params(types.RenameParams, marked, new_name=new)
    return (await text.client.text_document_rename_async(params)).changes


async def test_rename_changes_every_file_and_keeps_what_it_means(client, iv, library):
    changes = await rename(iv, "drug: line.dr|ug in", "agent")
    after = iv.edited(changes[iv.uri])
    assert "line.drug" not in after
    assert "drug: line.agent in { ketamine, lidocaine }" in after
    codes = Text(client, library / "codes/hcpcs.pol")
    assert "gives line.agent := lidocaine, line.route" in codes.edited(changes[codes.uri])
    back = {Path(uri.removeprefix("file://")) for uri in changes}
    assert library / "facts/infusion.pol" in back


@pytest.mark.parametrize(
    ("marked", "new", "line"),
    [
        ("section |A ", "C", 'section C "Chronic pain" cites "POLICY A" {'),
        ("remove assumption diag|nosis_box", "box", "remove assumption box"),
        (
            "some diag|nosis in claim.diagnoses { diagnosis in pain",
            "x",
            "some x in claim.diagnoses { x in pain",
        ),
        ("{ keta|mine, lidocaine }", "k", "line.drug in { k, lidocaine }"),
    ],
)
async def test_rename_of_other_names(iv, marked, new, line):
    assert line in iv.edited((await rename(iv, marked, new))[iv.uri])


@pytest.mark.parametrize(
    ("marked", "new", "why"),
    [
        ("line.dr|ug in", "Agent", "`Agent` is no name"),
        ("line.dr|ug in", "route", "names something else already"),
        ("replace code J20|01", "j", "no name here"),
    ],
)
async def test_a_rename_that_cannot_be_says_why(iv, marked, new, why):
    with pytest.raises(JsonRpcException, match=why):
        await rename(iv, marked, new)


# ---- symbols ----------------------------------------------------------------------------------------------


async def test_symbols_are_by_revision_and_section_on_a_broken_file_too(iv):
    good = iv.text
    await iv.change(good.replace("infusion: anesthetic_infusion", "infusion: anesthetic_infusion and", 1))
    found = await iv.client.text_document_document_symbol_async(iv.params(types.DocumentSymbolParams))
    outline = {symbol.name: [child.name for child in symbol.children or ()] for symbol in found}
    assert "section B Psychiatric disorders" in outline["2022-01-08 Policy posted"]
    assert "section A Chronic pain" in outline["2022-01-08 Policy posted"]
    assert outline["2024-10-01 Coding section updated"] == ["replace code J2001 with J2002, J2003"]
    await iv.change(good)


# ---- code actions -----------------------------------------------------------------------------------------


async def actions(text, said):
    context = types.CodeActionContext([said])
    params = text.params(types.CodeActionParams, range=said.range, context=context)
    return {
        a.title: a.edit.changes[text.uri] for a in await text.client.text_document_code_action_async(params)
    }


async def test_a_code_that_ended_is_replaced_by_its_successors_on_that_day(iv):
    good = iv.text
    start = good.index("revision 2024-10-01")
    without = good[:start] + good[good.index("revision 2024-12-23") :]
    (said,) = await iv.change(without)
    assert said.code == "code-after-end"
    found = await actions(iv, said)
    assert list(found) == ["replace code J2001 with J2002, J2003 on 2024-10-01"]
    (edits,) = found.values()
    mended = iv.edited(edits)
    assert 'revision 2024-10-01 "Codes updated" {\n    replace code J2001 with J2002, J2003\n}' in mended
    assert await iv.change(mended) == []
    await iv.change(good)


@pytest.mark.parametrize(
    ("good", "wrong"),
    [
        ("line.route == intravenous", "line.ruote == intravenous"),
        ("line.route == intravenous", "line.route = intravenous"),
        ("import facts.infusion", "import facts.infusoin"),
        ("experimental_investigational if", "experimental_investigationl if"),
        ("route: line.route == intravenous", "route: line.route == intravenuos"),
    ],
)
async def test_hints_are_actions(iv, good, wrong):
    text = iv.text
    said = await iv.change(text.replace(good, wrong, 1))
    found = await actions(iv, said[0])
    (edits,) = found.values()
    assert iv.edited(edits) == text
    await iv.change(text)


# ---- formatting -------------------------------------------------------------------------------------------


async def formatting(text):
    options = types.FormattingOptions(4, True)
    params = text.params(types.DocumentFormattingParams, options=options)
    return list(await text.client.text_document_formatting_async(params))


async def test_formatting_lays_out_and_leaves_a_broken_file_alone(iv):
    good = iv.text
    await iv.change(good.replace("            purpose: ", " purpose:  "))
    (edit,) = await formatting(iv)
    assert edit.new_text == formatted(iv.text) == good
    await iv.change(good.replace("{", "", 1))
    assert await formatting(iv) == []
    await iv.change(good)
    assert await formatting(iv) == []


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
    golden.write_text(right.replace('"2024-10-01"', '"2024-10-02"', 1))
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
