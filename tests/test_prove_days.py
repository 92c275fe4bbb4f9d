"""What is proved holds on every day, not on the first of a revision, or of the first revision, alone."""

from compiling import compiled

from compiler.diff.cut import cut
from compiler.diff.diff import diff
from compiler.diff.side import Side
from compiler.proofs.prove import prove

MN, NC = "medically_necessary", "not_covered"
LINE = "line.service_date"
HEAD = """package made.policy
codes hcpcs { X1001 "a" }
facts { claim.a date  claim.b date  claim.c date }
policy "Days" { payer "P" }
"""


def versions(folder, criteria):
    """Versions of March 2022: in one a rule stands, in the other on the first day alone."""
    text = f"""{HEAD}
revision 2022-03-01 "r" {{
    section A "a" {{ {MN} if {{ {criteria} }} {NC} otherwise }}
    codes {{ X1001 }}
}}
revision 2022-03-02 "s" {{ replace section A "a" {{ {NC} otherwise }} }}
revision 2022-04-02 "t" {{ retire "over" }}
claim "never" {{ never {MN} }}
"""
    program = compiled(folder, text)
    first, _, last = program.consolidated.policy.revisions
    return cut(program, (first, last)), program


# The month before 1 March has no two days that lie 31 days apart; that before 1 April does.
SOMETIMES = f"claim.a within 1 month before {LINE}  claim.b within 1 month before {LINE}"


def test_what_some_days_alone_allow_is_found(tmp_path):
    before, after = versions(tmp_path, f"{SOMETIMES}  claim.b 31 days or more after claim.a")
    proved = {(each.kind, each.about): each for each in prove(before)}
    assert proved["reachable", MN].proved is True
    assert proved["rule", MN].proved is True
    assert proved["claim", "never"].proved is False
    for each in (proved["reachable", MN], proved["claim", "never"]):
        assert Side(before).decide(each.claim)["lines"][0]["determination"] == MN
    assert diff(Side(before), Side(after)).equal is False


def test_what_no_day_allows_is_proved_so(tmp_path):
    before, after = versions(tmp_path, f"{SOMETIMES}  claim.b 32 days or more after claim.a")
    proved = {(each.kind, each.about): each.proved for each in prove(before)}
    assert proved["claim", "never"] is True
    assert (proved["reachable", MN], proved["rule", MN]) == (False, False)
    assert diff(Side(before), Side(after)).equal is True


def test_what_some_days_alone_allow_is_found_beside_a_third_date(tmp_path):
    third = f"{SOMETIMES}  claim.c within 10 days after claim.a"
    before, after = versions(tmp_path, f"{third}  claim.b 31 days or more after claim.a")
    proved = {(each.kind, each.about): each for each in prove(before)}
    assert (proved["reachable", MN].proved, proved["rule", MN].proved) == (True, True)
    assert proved["claim", "never"].proved is False
    assert Side(before).decide(proved["claim", "never"].claim)["lines"][0]["determination"] == MN
    assert diff(Side(before), Side(after)).equal is False


def test_what_an_order_makes_up_for_is_needed_where_the_order_is_gone(tmp_path):
    """Where rules are many the orders with rules that cannot hold of a value are not looked at."""
    others = [at for at in range(26) if at != 1]
    asks = 'section S{0} "s" {{ ' + MN + " if {{ line.kind == v{0}  claim.met }} }}\n"
    orders = "".join(f"S{at} overrides B\n" for at in others)
    text = f"""package made.policy
codes hcpcs {{ X1001 "a" }}
facts {{ claim.met boolean  line.kind {{ {", ".join(f"v{at}" for at in range(26))} }} }}
policy "Orders" {{ payer "P" }}
revision 2022-03-01 "r" {{
    {"".join(map(asks.format, others))}
    section B "b" {{ {NC} if {{ line.kind == v1  claim.met }} }}
    {orders}
    codes {{ X1001 }}
}}
LATER
"""
    gone = "".join(f"remove S{at} overrides B\n" for at in others)
    found = []
    for later in ("", f'revision 2022-04-01 "s" {{ {gone} }}'):
        program = compiled(tmp_path, text.replace("LATER", later))
        found += [(e.kind, e.proved) for e in prove(program) if e.about == "line.kind == v1"]
    assert found == [("redundant", True), ("criterion", True)]
