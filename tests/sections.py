"""A made policy of some sections, and lines decided under it by all back ends."""

from textwrap import indent

from backends import three_ways

HEAD = """package policy_made

facts {
    line.kind { scan, visit }
    line.site open { office, home }
    member.score number 0..10
    claim.a boolean
    claim.b boolean
    claim.c boolean
}

codes hcpcs {
    J1000 "plain"
    J1001 "old" from 2020-01-01 until 2023-01-01 per 10 mg replaced by J1002
    J1002 "new" from 2023-01-01 per 1 mg
}
"""


def made(tmp_path, sections, policy='payer "p" source "s"', items=""):
    path = tmp_path / "policy_made.pol"
    codes = 'codes { J1000 J1001 though ended "it was" J1002 }'
    text = f'{HEAD}{items}\npolicy "made" {{ {policy} }}\n'
    text += f'revision 2020-01-01 "r" {{\n{indent(sections, "    ")}\n    {codes}\n}}\n'
    path.write_text(text)
    return path


def deciding(tmp_path):
    """What decides a line under sections, by all back ends."""

    def decided(sections, line=None, policy='payer "p" source "s"', items="", lines=(), **claim):
        back_ends = three_ways(made(tmp_path, sections, policy, items))
        own = {"line": 1, "procedure": "J1000", "service_date": "2022-02-02", **(line or {})}
        claim = {"claim_id": "C", **claim, "lines": [own, *lines]}
        return back_ends.agree(claim)["lines"]

    return decided


def said(line):
    return line["determination"], line["rules"], line["missing"]
