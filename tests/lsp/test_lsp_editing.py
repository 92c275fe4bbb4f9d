"""What the language server writes: completions, names changed everywhere, fixes, the one layout."""

from pathlib import Path

import pytest
from editor import Text
from exchanging import replaced
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from dsl.formatted import formatted

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def offered(text, marked):
    found = await text.client.text_document_completion_async(text.params(types.CompletionParams, marked))
    return {item.label: item.detail for item in found.items}


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
    await iv.change(
        replaced(good, "drug: line.drug in { ketamine, lidocaine }", text.replace("|", "") + "\n")
    )
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
    await iv.change(replaced(good, "    replace code J2001 with J2002, J2003", text.replace("|", "")))
    found = await offered(iv, text)
    assert offers.keys() <= found.keys()
    for label, detail in offers.items():
        assert detail in (None, "") or found[label] == detail
    await iv.change(good)


async def test_completion_of_the_bands_of_a_scale(client, library):
    text = Text(client, library / "cms/ncd_240_4.pol")
    await text.open()
    await text.change(replaced(text.text, "claim.ahi == at_least_15", "claim.ahi ==", 1))
    assert "at_least_15" in await offered(text, "claim.ahi ==|")
    await text.close()


async def test_completion_of_imports(iv):
    good = iv.text
    await iv.change(replaced(good, "import codes.cpt\n", "import \nimport codes.cpt\n"))
    assert {"codes.carc", "concepts.sleep"} <= (await offered(iv, "import |\n")).keys()
    await iv.change(good)


@pytest.mark.parametrize(
    ("marked", "offers"),
    [("equal to |", {"cms.ncd_240_4"}), ("equal to cms.ncd_240_4 on codes |", {"J2003", "96365"})],
)
async def test_completion_of_what_another_policy_decides_alike(iv, marked, offers):
    good = iv.text
    stated = f'claim "as Medicare" {{ {marked} }}'
    await iv.change(f"{good}\n{stated.replace('|', '')}\n")
    assert offers <= (await offered(iv, stated)).keys()
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
    said = await iv.change(replaced(text, good, wrong, 1))
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
    await iv.change(replaced(good, "            purpose: ", " purpose:  "))
    (edit,) = await formatting(iv)
    assert edit.new_text == formatted(iv.text) == good
    await iv.change(replaced(good, "{", "", 1))
    assert await formatting(iv) == []
    await iv.change(good)
    assert await formatting(iv) == []
