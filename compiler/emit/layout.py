"""Generated statements as text that people read: one idea a line, with the author's labels as comments.

Code comes from `ast.unparse` alone; comments are made of printable ASCII, so that no label can end one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from compiler.emit.literals import printable

WIDTH = 100
_LONGEST_COMMENT = 85
_STEP = "    "


def comment(node: ast.AST, text: str) -> None:
    """A comment to stand above a node when the module is written down, and above those that it has."""
    node.comments = [text, *_comments(node)]  # type: ignore[attr-defined]


def comment_line(text: str) -> str:
    """A text as one comment line, whatever it contains."""
    return f"# {printable(text)}".rstrip()


def layout(statements: Iterable[ast.stmt]) -> str:
    """The text of a module's statements, two blank lines around a function and one elsewhere."""
    text = ""
    before: ast.stmt | None = None
    for statement in statements:
        if before is not None:
            apart = isinstance(before, ast.FunctionDef) or isinstance(statement, ast.FunctionDef)
            text += "\n\n" if apart else "\n"
        text += "\n".join(_statement(statement)) + "\n"
        before = statement
    return text


def _comments(node: ast.AST) -> list[str]:
    return getattr(node, "comments", [])


def _said(node: ast.AST, indent: str) -> Iterator[str]:
    for text in dict.fromkeys(_comments(node)):
        line = comment_line(text)
        yield indent + (line if len(line) <= _LONGEST_COMMENT else line[:_LONGEST_COMMENT] + "...")


def _statement(statement: ast.stmt) -> Iterator[str]:
    yield from _said(statement, "")
    match statement:
        case ast.FunctionDef(body=[ast.Expr(), ast.Return(value=ast.expr() as value)]):
            # The head and the docstring, which is printable and so of one line.
            yield from ast.unparse(ast.fix_missing_locations(statement)).split("\n")[:2]
            yield from _said(value, _STEP)
            yield from _expression(value, _STEP, "return ", "")
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            yield from _expression(value, "", f"{target} = ", "")
        case _:
            yield ast.unparse(ast.fix_missing_locations(statement))


def _expression(node: ast.expr, indent: str, before: str, after: str) -> Iterator[str]:
    """The lines of an expression: one, if it fits and holds no comment, else one a part."""
    whole = ast.unparse(node)
    parts = _parts(node)
    commented = any(_comments(inner) for inner in ast.walk(node) if inner is not node)
    if parts is None or (not commented and len(indent) + len(before) + len(whole) < WIDTH):
        yield f"{indent}{before}{whole}{after}"
        return
    opening, items, closing = parts
    yield f"{indent}{before}{opening}"
    if isinstance(node, ast.Tuple) and not commented and all(_is_short(part) for part in node.elts):
        yield from _filled((f"{ast.unparse(part)}," for part in node.elts), indent + _STEP)
    else:
        for write in items:
            yield from write(indent + _STEP)
    yield f"{indent}{closing}{after}"


Write = Callable[[str], Iterator[str]]


def _is_short(node: ast.expr) -> bool:
    return len(ast.unparse(node)) < WIDTH // 3


def _filled(texts: Iterable[str], indent: str) -> Iterator[str]:
    """Short parts, as many on a line as fit."""
    line = indent
    for text in texts:
        if line.strip() and len(line) + 1 + len(text) > WIDTH:
            yield line
            line = indent
        line += (" " if line.strip() else "") + text
    yield line


def _parts(node: ast.expr) -> tuple[str, list[Write], str] | None:
    """How an expression opens, what it consists of, and how it closes; None of one that has no parts."""
    match node:
        case ast.Call(func=function, args=arguments, keywords=named) if arguments or named:
            items = [_item(part) for part in arguments]
            items += [_item(keyword.value, f"{keyword.arg}=") for keyword in named]
            return f"{ast.unparse(function)}(", items, ")"
        case ast.Tuple(elts=parts) if parts:
            return "(", [_item(part) for part in parts], ")"
        case ast.Set(elts=parts) if parts:
            return "{", [_item(part) for part in parts], "}"
        case ast.Dict(keys=keys, values=values) if values:
            pairs = zip(keys, values, strict=True)
            return "{", [_item(value, f"{ast.unparse(key)}: ") for key, value in pairs if key], "}"
        case ast.Lambda(args=arguments, body=body):
            # In brackets, so that the body may begin on a line of its own.
            return f"{f'lambda {ast.unparse(arguments)}'.rstrip()}: (", [_item(body, after="")], ")"
    return None


def _item(node: ast.expr, before: str = "", after: str = ",") -> Write:
    def write(indent: str) -> Iterator[str]:
        yield from _said(node, indent)
        yield from _expression(node, indent, before, after)

    return write
