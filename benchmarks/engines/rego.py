"""Rego, by regorus: compiled once, run by its virtual machine, which is faster than its interpreter."""

import json
from importlib import import_module

from engines import Engine, Facts, iv, one_by_one, quoted

POLICY = f"""
package iv
import rego.v1

answer := "not_in_force" if input.day < {iv.BEGUN}
else := "code_not_valid" if not_valid
else := concat("", sections)

not_valid if {{ input.code == "J2001"; input.day >= {iv.CHANGE} }}
not_valid if {{ input.code in {{"J2002", "J2003"}}; input.day < {iv.CHANGE} }}

infusion if {{
    input.drug in {{{quoted(iv.DRUGS)}}}
    input.route == "intravenous"
    input.purpose == "treatment"
}}

sections contains "A" if {{ infusion; some d in input.diagnoses; pain(d) }}
sections contains "B" if {{
    infusion
    some d in input.diagnoses
    substring(d, 0, 3) in {{{quoted(iv.PSYCHIATRIC)}}}
}}

pain(d) if d in {{{quoted(iv.PAIN_EXACTLY)}}}
pain(d) if strings.any_prefix_match(d, [{quoted(iv.PAIN)}])
pain(d) if {{ input.day >= {iv.DIVIDED}; strings.any_prefix_match(d, [{quoted(iv.PAIN_DIVIDED)}]) }}
"""


def engine() -> Engine:
    regorus = import_module("regorus")
    machine = regorus.Rvm()
    machine.load_program(
        regorus.Program.compile_from_modules("{}", [("iv.rego", POLICY)], ["data.iv.answer"])
    )

    def ask(line: Facts) -> str:
        machine.set_input_json(json.dumps(line))
        return json.loads(machine.execute_entry_point("data.iv.answer"))

    return one_by_one(ask)
