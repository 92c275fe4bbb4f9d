"""All back ends decide alike: the interpreter is the measure."""

import ast
import builtins
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from backends import LONG, Ways, examples, run_alone, three_ways
from hypothesis import given
from hypothesis import strategies as st

import policies
from compiler.emit.python import emit
from policyc import PolicyError, cache, load

ROOT = Path(__file__).parents[1]
IV = ROOT / "policies" / "bcbsks" / "iv_anesthetics.pol"
GOLDENS = {path: json.loads(path.read_bytes()) for path in sorted(ROOT.glob("policies/**/*.golden/*/*.json"))}
COMPARED = Counter()


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "folder", lambda: tmp_path_factory.getbasetemp() / "backends")
        yield


@pytest.fixture(scope="module")
def iv() -> Ways:
    return three_ways(IV)


def count(answer):
    COMPARED["claims"] += 1
    COMPARED["unreadable"] += "error" in answer
    for line in answer.get("lines", ()):
        COMPARED[line["determination"]] += 1
        COMPARED["missing"] += bool(line["missing"])
        COMPARED.update(edit["kind"] for edit in line["edits"])


# ---- the policies that are shipped --------------------------------------------------------------------


def policy_of(golden):
    folder = next(p for p in golden.parents if p.name.endswith(".golden"))
    return folder.with_suffix(".pol")


def test_every_golden():
    ways = {path: three_ways(path) for path in {policy_of(golden) for golden in GOLDENS}}
    assert ways
    for path, golden in GOLDENS.items():
        count(ways[policy_of(path)].agree(golden["claim"], golden.get("known_on")))


def test_with_the_standard_library_alone(iv, tmp_path):
    """As a command, claims that cannot be read among them; and it says no more than that."""
    by_day = defaultdict(list)
    for path, golden in GOLDENS.items():
        if policy_of(path) == IV:
            by_day[golden.get("known_on")].append(golden["claim"])
    assert len(by_day) > 1
    for known_on, stated in by_day.items():
        wanted = [iv.agree(claim, known_on) for claim in stated]
        lines = [json.dumps(claim) for claim in stated]
        arguments = ["--known-on", known_on] if known_on is not None else []
        done = run_alone(iv.text, tmp_path, "\n".join(lines).encode(), *arguments)
        assert done.stderr == b""
        assert [json.loads(line) for line in done.stdout.splitlines()] == wanted
        assert done.returncode == any("error" in answer for answer in wanted)
    hostile = b'{"claim_id": 1e999}\nnonsense\n\xff\n[1]\n{"claim_id": "C"}\n'
    done = run_alone(iv.text, tmp_path, hostile)
    codes = [json.loads(line)["error"]["code"] for line in done.stdout.splitlines()]
    assert codes == ["invalid-number", "not-json", "invalid-text", "not-an-object", "missing-key"]
    assert (done.returncode, done.stderr) == (1, b"")
    assert run_alone(iv.text, tmp_path, b"", "--known-on", "soon").returncode == 2


def test_every_module_of_the_built_one_is_of_the_standard_library(iv):
    imported = set()
    for node in ast.walk(ast.parse(iv.text)):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_known_on_is_read_with_the_same_checks(iv):
    decide, error = iv.module["decide"], iv.module["ClaimError"]
    claim = {"claim_id": "C", "lines": [{"line": 1, "procedure": "J2001", "service_date": "2024-10-01"}]}
    for wrong in ("2024-02-30", "yesterday", "20240101", 5, [], True):
        with pytest.raises(error):
            decide(claim, known_on=wrong)


# ---- shipped claims, changed at random ----------------------------------------------------------------

WORDS = ["G90.511", "G43.E09", "F32.1", "M54.5", "J2001", "J2002", "J2003", "J3490", "96366", "96367"]
WORDS += ["ketamine", "Ketamine HCl", "ketamne", "propofol", "lidocaine", "intravenous", "oral", "treatment"]
WORDS += ["2021-12-31", "2022-01-08", "2023-10-01", "2024-09-30", "2024-10-01", "2024-12-23", "2024-02-30"]
WORDS += ["", "x", "\ud800", "a\x00b", "É", "\u017f0000", "0", " J2001"]
VALUES = [*WORDS, None, True, False, 0, 1, -1, 2.5, 1e308, float("nan"), 10**200, [], {}, [None], [[]], "A"]
KEYS = [
    "drug",
    "route",
    "purpose",
    "units",
    "diagnoses",
    "contract",
    "member",
    "modifiers",
    "colour",
    "lines",
]


def places(value, at=()):
    """The containers inside a claim, each with one of its keys."""
    if isinstance(value, dict):
        yield from ((value, key) for key in value)
        inner = value.items()
    elif isinstance(value, list):
        yield from ((value, index) for index in range(len(value)))
        inner = enumerate(value)
    else:
        return
    for key, item in inner:
        yield from places(item, (*at, key))


def changed(claim, random):
    """A claim with a few changes, most of them of a kind that can still be read."""
    claim = copy.deepcopy(claim)
    for _ in range(random.randint(1, 4)):
        found = list(places(claim))
        if not found:
            break
        container, key = random.choice(found)
        match random.randint(0, 6):
            case 0:
                del container[key]
            case 1 | 2:
                container[key] = copy.deepcopy(random.choice(VALUES))
            case 3 | 4:
                container[key] = random.choice(WORDS) if isinstance(container[key], str) else container[key]
            case 5 if isinstance(container, list):
                container.append(copy.deepcopy(random.choice([container[key], None])))
            case _ if isinstance(container, dict):
                container[random.choice(KEYS)] = copy.deepcopy(random.choice(VALUES))
    if isinstance(claim.get("lines"), list) and random.random() < 0.5:
        for number, line in enumerate(claim["lines"], 1):
            if isinstance(line, dict):
                line["line"] = number
    return claim


@examples(600)
@given(
    st.sampled_from([golden["claim"] for golden in GOLDENS.values()]),
    st.randoms(use_true_random=False),
    st.sampled_from([None, None, "2022-01-08", "2024-01-04", "2024-10-01", "2024-12-23", "2000-01-01"]),
)
def test_changed_claims(iv, claim, random, known_on):
    count(iv.agree(changed(claim, random), known_on))


REQUIRED = ("claim_id", "lines", "line", "procedure", "service_date")
NATIONAL = [ROOT / "policies" / "cms" / name for name in ("ncd_210_14.pol", "ncd_240_4.pol")]


def blended(claim, other, random):
    """A claim with some facts left out, made unknown, or taken from another claim."""
    claim, taken = copy.deepcopy(claim), {key: box[key] for box, key in places(other) if key != "lines"}
    for container, key in list(places(claim)):
        if isinstance(container, dict) and key != "lines" and random.random() < 0.25:
            way = random.randint(0, 2)
            if way == 0 and key not in REQUIRED:
                container.pop(key, None)
            elif way == 1 and key not in REQUIRED:
                container[key] = None
            elif key in taken and key not in ("line", "claim_id"):
                container[key] = copy.deepcopy(taken[key])
        elif isinstance(container, list) and isinstance(key, int) and random.random() < 0.05:
            container[key] = None if container is not claim.get("lines") else container[key]
    return claim


@pytest.fixture(scope="module")
def national():
    return {path: three_ways(path) for path in NATIONAL}


@examples(250)
@given(st.sampled_from(NATIONAL), st.data(), st.randoms(use_true_random=False))
def test_blended_claims_of_national_policies(national, path, data, random):
    mine = [golden for at, golden in GOLDENS.items() if policy_of(at) == path]
    one, other = (data.draw(st.sampled_from(mine)) for _ in range(2))
    known_on = data.draw(st.sampled_from([None, "2008-06-01", "2015-01-01", "2016-06-01", "2022-06-01"]))
    count(national[path].agree(blended(one["claim"], other["claim"], random), known_on))


def test_threads_do_not_disturb_each_other():
    """What is found out about one line is shared with the next, and in a server with other threads."""
    stated = [golden["claim"] for golden in GOLDENS.values()]
    wanted = [json.dumps(load(IV).decide(claim)) for claim in stated[:40]]
    policy = load(IV)

    def answers(turn):
        order = list(range(40))[turn:] + list(range(40))[:turn]
        return {n: json.dumps(policy.decide(stated[n])) for n in order}

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(answers, range(0, 40, 5)):
            assert [found[n] for n in range(40)] == wanted


HEAVY = {
    "lark",
    "attr",
    "attrs",
    "rich",
    "hypothesis",
    "dsl",
    "compiler.program",
    "compiler.pipeline",
    "difflib",
}


@pytest.mark.parametrize(
    "work",
    [
        "import policyc",
        "policyc.load(sys.argv[1])",
        "policyc.load(sys.argv[1]).partition(None)",  # what `batch` needs
    ],
)
def test_the_compiler_is_loaded_where_something_is_compiled(work, tmp_path):
    command = f"import sys, policyc\n{work}\nprint(*sys.modules)"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    arguments = [sys.executable, "-c", command, str(IV)]
    for _ in range(2):
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())


# ---- made policies ------------------------------------------------------------------------------------


@examples(90)
@given(st.data())
def test_made_policies(data):
    written = data.draw(policies.policies())
    with tempfile.TemporaryDirectory() as folder:
        try:
            ways = three_ways(written.write(Path(folder)))
        except PolicyError:
            COMPARED["not compiled"] += 1
            return
    COMPARED["policies"] += 1
    random = data.draw(st.randoms(use_true_random=False))
    for _ in range(6):
        claim, known_on = data.draw(policies.claims(written.facts)), data.draw(policies.KNOWN_ON)
        count(ways.agree(claim, known_on))
        count(ways.agree(changed(claim, random), known_on))


def test_enough_was_compared():
    """Runs after the others: no kind of answer goes untested."""
    if COMPARED["policies"]:
        kinds = {"needs_information", "not_applicable", "experimental_investigational", "not_in_force"}
        kinds |= {"excluded_by_contract", "code_not_valid", "medically_necessary", "manual_review", "missing"}
        kinds |= {"unreadable", "not_listed", "contradicts_code", "unrecognized_value", "quantity"}
        assert all(COMPARED[kind] for kind in kinds), COMPARED
        assert COMPARED["unreadable"] < COMPARED["claims"] * 2 / 3, COMPARED
    if LONG:
        print("compared", dict(COMPARED))


# ---- the module as text -------------------------------------------------------------------------------


def test_two_builds_are_equal_whatever_the_seed_and_the_place(iv, tmp_path):
    command = "import sys; from pathlib import Path; from policyc.commands.build import run\n"
    command += "run(Path(sys.argv[1]), Path(sys.argv[2]), [])"
    for seed, path, cwd in (("1", IV, tmp_path), ("77", IV.relative_to(ROOT), ROOT)):
        output = tmp_path / f"{seed}.py"
        environment = {"PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
        arguments = [sys.executable, "-c", command, str(path), str(output)]
        subprocess.run(arguments, check=True, cwd=cwd, env=environment)
        assert output.read_text(encoding="utf-8") == iv.text


def test_what_it_says_of_itself(iv):
    head = iv.text.partition("\n\n\n")[0]
    assert "Intravenous anesthetics for chronic pain" in head
    assert iv.program.digest in head
    for revision in iv.program.revisions:
        assert f"#   {revision.name}  " in head
    for label in ("infusion", "indication", "drug", "purpose"):
        assert re.search(rf"^ +# {label}$", iv.text, re.MULTILINE)
    assert max(map(len, iv.text.split("\n"))) <= 120
    assert not re.search(r"\n{4}|[ \t]\n|\t", iv.text)


PREFIXES = "CODES|CELLS|QUESTIONS|VERSION|LISTED|RULES|EVIDENCE|ORDER|section|criterion"


def test_generated_names_hide_nothing(iv):
    """Whatever the author's names are, for each generated name has a prefix that nothing else has."""
    own = set(iv.module) - {"POLICY"}
    for statement in emit(iv.program):
        name = statement.name if isinstance(statement, ast.FunctionDef) else statement.targets[0].id
        assert re.match(
            r"(CODES|CELLS|QUESTIONS|VERSION|LISTED|RULES|EVIDENCE|ORDER|section)(_|$)|POLICY$", name
        )
        own.discard(name)
    taken = re.compile(rf"({PREFIXES}|each[0-9]*)(_|$)")
    assert not [name for name in own | set(dir(builtins)) if taken.match(name)]
