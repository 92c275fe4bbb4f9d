"""The language for Pygments, so that any page of Sphinx or MkDocs highlights blocks of `pol`."""

from __future__ import annotations

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, Punctuation, String, Whitespace

DECLARATIONS = "evidence|facts|judgement|policy|revision"
KEYWORDS = (
    "absent|add|after|all|also|always|and|applies|as|assumption|at|because|before|between|by|calendar|carc|cites"
    "|claim|codes|consecutive|count|different|earliest|edition|ended|equal|every|evidenced|exactly|except|fall|for|from"
    "|full|gap|given|gives|governed|greatest|has|if|in|known|latest|least|less|lifetime|limit|lines|max|means|min"
    "|more|most|names|needs|never|no|none|not|of|on|only|open|or|other|otherwise|out|outcome|overrides|payer|per"
    "|percent|posted|rarc|reasons|reconstructed|remove|renamed|replace|replaced|retire|rise|same|scope|some|source"
    "|stating|subject|sum|supersedes|table|than|the|then|though|to|unless|until|with|within|without|wording"
)
TYPES = "boolean|code|date|integer|list|number"
DETERMINATIONS = (
    "medically_necessary|not_medically_necessary|experimental_investigational|not_covered|manual_review"
)
UNIT = (
    "(?:cmH2O|mmol|umol|nmol|pmol|inch|kcal|mmHg|degC|degF|mcg|mol|mEq|mIU|min|kPa|bpm|mGy|kg|mg|ug|ng|lb|oz|dL|mL"
    "|uL|IU|kU|km|cm|mm|um|ft|kJ|Pa|Hz|Gy|g|L|U|m|h|s|J|W|%)[23]?"
)
NAME = "[a-z][a-z0-9_]*"
BLANK = r"([ \t]+)"
NOT_IN_A_PATH = r"(?<![\w.])"
NO_NAME = r"(?![\w.]|[ \t]*(?::|,|\}|==|!=|[<>]|boolean\b|date\b|integer\b|number\b))"
"""Words of the language are names in a path, as a label, in a list, where they are compared or declared."""


class PolLexer(RegexLexer):
    """Highlights coverage policies and their libraries."""

    name = "pol"
    aliases: ClassVar[list[str]] = ["pol"]
    filenames: ClassVar[list[str]] = ["*.pol"]
    url = ""

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"(?:\\["\\]|[^"\\\n])*"', String),
            (r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-])", Literal.Date),
            (
                rf"(package|import){BLANK}({NAME}(?:\.{NAME})*)",
                bygroups(Keyword.Namespace, Whitespace, Name.Namespace),
            ),
            (
                rf"(section){BLANK}([A-Z0-9]+|{NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (
                rf"{NOT_IN_A_PATH}(concept|record|register|parameter|scale|variant){BLANK}({NAME})",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (
                rf"(codes){BLANK}(?!open\b|cites\b|of\b)({NAME})(?=\s*\{{)",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
            ),
            (
                rf"(overrides){BLANK}([A-Z0-9]+|{NAME})",
                bygroups(Keyword, Whitespace, Name.Class),
            ),
            (
                rf"(==|!=){BLANK}(?!(?:true|false)\b)({NAME})(?![\w.(]|\s+of\b)",
                bygroups(Operator, Whitespace, Name),
            ),
            (rf"(assume){BLANK}({NAME})", bygroups(Keyword, Whitespace, Name.Label)),
            (rf"{NAME}(?=\s*:(?!=))", Name.Label),
            (rf"(?:{DETERMINATIONS})\b", Name.Builtin),
            (rf"{NOT_IN_A_PATH}(?:true|false)\b", Keyword.Constant),
            (rf"{NOT_IN_A_PATH}(?:{DECLARATIONS})(?![\w.])", Keyword.Declaration),
            (rf"{NOT_IN_A_PATH}(?:{TYPES})(?![\w.])", Keyword.Type),
            (rf"(in){BLANK}(/?{UNIT}(?:[./]{UNIT})*)(?![\w(.])", bygroups(Keyword, Whitespace, Keyword.Type)),
            (rf"{NOT_IN_A_PATH}any(?![\w.:])", Keyword),
            (rf"{NOT_IN_A_PATH}(?:{KEYWORDS}){NO_NAME}", Keyword),
            (
                r"(?:days|weeks|months|years)\b|(?:(?<=[0-9] )|(?<=per )|(?<=the ))(?:day|week|month|year)\b",
                Keyword,
            ),
            (rf"{NAME}(?=\s+if\b|\s*:=)", Name.Function),
            (
                rf"(-?[0-9]+(?:\.[0-9]+)?)([ \t]+|(?=[%/]))(/?{UNIT}(?:[./]{UNIT})*)(?![\w(])",
                bygroups(Number, Whitespace, Keyword.Type),
            ),
            (r"-?[0-9]+(?:\.[0-9]+)?(?=\.\.|[^\w.]|$)", Number),
            (r"[A-Z0-9]+(?:\.[A-Z0-9]+)?x?(?![A-Za-z_])", Literal),
            (rf"{NAME}(?:\.{NAME})+", Name.Variable),
            (NAME, Name),
            (r"==|!=|<=|>=|[<>+*/-]|:=|\.\.", Operator),
            (r"[{}(),.:]", Punctuation),
        ]
    }
