"""A small policy with a library, and the entries that the cache keeps of it."""

import hashlib
import json
import marshal

from policyc import load

LIBRARY = 'package lib.drugs\n\ncodes hcpcs {{ J1000 "x" {rest} }}\n'
POLICY = """package made.one

import lib.drugs

facts {{ line.given boolean }}

policy "One" {{ payer "P" source "s" }}

revision 2020-01-01 "r" {{
    section A "A" {{ {determination} if {{ line.given }} }}
    codes {{ J1000 though ended "x" }}
}}
"""
CLAIM = {
    "claim_id": "C",
    "lines": [{"line": 1, "procedure": "J1000", "service_date": "2021-01-01", "given": True}],
}
COMMAND = "import json, sys, policyc; from pathlib import Path\n"
COMMAND += "print(json.dumps(policyc.load(sys.argv[1]).decide(json.loads(sys.argv[2]))['lines'][0]))"


def written(root, determination="not_covered", rest=""):
    for name, text in (("made/one", POLICY), ("lib/drugs", LIBRARY)):
        path = root / f"{name}.pol"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(determination=determination, rest=rest))
    return root / "made" / "one.pol"


def decided(path, roots=()):
    return load(path, roots=roots).decide(CLAIM)["lines"][0]["determination"]


def entries(kept):
    return sorted(kept.glob("*.policy"))


def only(kept):
    (entry,) = entries(kept)
    return entry


def entry_of(code, sources):
    """An entry as the cache writes it, with any body."""
    body = code if isinstance(code, bytes) else marshal.dumps(code)
    digests = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
    index = {"package": "made.one", "codes": ["J1000"], "facts": [], "schema": "[]"}
    head = json.dumps({**index, "sources": digests, "missed": [], "body": hashlib.sha256(body).hexdigest()})
    return f"{hashlib.sha256(head.encode()).hexdigest()} {head}\n".encode() + body
