"""CLIPS, by clipspy: a line and its diagnoses are facts, sections are rules, and what fires asserts."""

from importlib import import_module

from engines import Engine, Facts, iv, one_by_one, quoted


def _one_of(values: list[str]) -> str:
    return quoted(values, "|")


INFUSION = f'(line (drug {_one_of(iv.DRUGS)}) (route "intravenous") (purpose "treatment") (day ?day))'
CONSTRUCTS = (
    "(deftemplate line (slot day) (slot code) (slot drug) (slot route) (slot purpose))",
    "(deftemplate told (slot text))",
    f"(defglobal ?*pain* = (create$ {quoted(iv.PAIN, ' ')}))",
    f"(defglobal ?*divided* = (create$ {quoted(iv.PAIN_DIVIDED, ' ')}))",
    f"(defglobal ?*exactly* = (create$ {quoted(iv.PAIN_EXACTLY, ' ')}))",
    f"(defglobal ?*psychiatric* = (create$ {quoted(iv.PSYCHIATRIC, ' ')}))",
    """(deffunction begins (?code $?with)
        (loop-for-count (?length 3 (str-length ?code))
            (if (member$ (sub-string 1 ?length ?code) ?with) then (return TRUE)))
        FALSE)""",
    f"""(deffunction painful (?code ?day)
        (or (begins ?code ?*pain*) (member$ ?code ?*exactly*)
            (and (>= ?day {iv.DIVIDED}) (begins ?code ?*divided*))))""",
    f"""(defrule not-in-force (declare (salience 2)) (line (day ?day&:(< ?day {iv.BEGUN})))
        => (assert (told (text "not_in_force"))))""",
    f"""(defrule too-late (declare (salience 2)) (line (code "J2001") (day ?day&:(>= ?day {iv.CHANGE})))
        => (assert (told (text "code_not_valid"))))""",
    f"""(defrule too-early (declare (salience 2))
        (line (code "J2002"|"J2003") (day ?day&:(>= ?day {iv.BEGUN})&:(< ?day {iv.CHANGE})))
        => (assert (told (text "code_not_valid"))))""",
    f"""(defrule section-a (declare (salience 1)) {INFUSION} (exists (diagnosis ?code&:(painful ?code ?day)))
        (not (told (text "not_in_force"|"code_not_valid"))) => (assert (told (text "A"))))""",
    f"""(defrule section-b {INFUSION} (exists (diagnosis ?code&:(begins ?code ?*psychiatric*)))
        (not (told (text "not_in_force"|"code_not_valid"))) => (assert (told (text "B"))))""",
    """(deffunction ask (?day ?code ?drug ?route ?purpose $?diagnoses)
        (progn$ (?each ?diagnoses) (assert (diagnosis ?each)))
        (assert (line (day ?day) (code ?code) (drug ?drug) (route ?route) (purpose ?purpose)))
        (run)
        (bind ?told "")
        (do-for-all-facts ((?fact told)) TRUE (bind ?told (str-cat ?told ?fact:text)))
        (reset)
        ?told)""",
)


def engine() -> Engine:
    environment = import_module("clips").Environment()
    for construct in CONSTRUCTS:
        environment.build(construct)

    # A function asserts the facts: those that Python asserts are never freed, and slow down what follows.
    def ask(line: Facts) -> str:
        stated = line["day"], line["code"], line["drug"], line["route"], line["purpose"]
        return environment.call("ask", *stated, *line["diagnoses"])

    return one_by_one(ask)
