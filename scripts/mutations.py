"""The small changes that can be made to a module, each as one other piece of source: `scripts/mutate` tries them."""

import ast
import contextlib
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

SILENT = {"annotation", "returns", "type_params", "decorator_list", "format_spec"}  # they decide nothing
COMPARISONS = {"<=": "<", ">=": ">", "==": "!=", "!=": "==", "<": "<=", ">": ">=",
               "is not": "is", "not in": "in", "is": "is not", "in": "not in"}  # fmt: skip
LOGIC, EXTREMES = {"and": "or", "or": "and"}, {"min": "max", "max": "min"}
Edit = tuple[str, int, int, str]  # the kind of change, where it begins and ends, what is put there


class Source:
    """The bytes of a module, in which the places of its syntax tree are found."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.starts = [0, *itertools.accumulate(map(len, text.splitlines(keepends=True)))]

    def span(self, node: Any) -> tuple[int, int]:
        begin, end = self.starts[node.lineno - 1], self.starts[node.end_lineno - 1]
        return begin + node.col_offset, end + node.end_col_offset

    def between(self, kind: str, terms: list[ast.expr], words: dict[str, str]) -> Iterator[Edit]:
        """Put another word for the one that stands between two terms."""
        pattern = "|".join(rf"\b{word}\b" if word.isalpha() else word.replace(" ", r"\s+") for word in words)
        for left, right in itertools.pairwise(terms):
            begin, end = self.span(left)[1], self.span(right)[0]
            if found := re.compile(pattern.encode()).search(self.text, begin, end):
                yield kind, *found.span(), words[" ".join(found[0].decode().split())]

    def without(self, kind: str, node: ast.AST) -> Edit:
        """Take out one of several things that stand between commas."""
        begin, end = self.span(node)
        if comma := re.compile(rb"\s*,[ \t]*").match(self.text, end):
            return kind, begin, comma.end(), ""
        before = self.text[:begin].rstrip()
        return kind, len(before) - 1 if before.endswith(b",") else begin, end, ""

    def shorter(self, node: ast.Tuple | ast.Set) -> Iterator[Edit]:
        """Take each element out of a literal; a tuple without parentheses is none."""
        begin, end = self.span(node)
        if self.text[begin : begin + 1] + self.text[end - 1 : end] in (b"()", b"{}"):
            for element in node.elts:
                if isinstance(node, ast.Tuple) and len(node.elts) == 2:
                    other = node.elts[1] if element is node.elts[0] else node.elts[0]
                    kept = self.text[slice(*self.span(other))].decode()
                    yield "element", begin, end, f"({kept},)"  # without its comma it would be no tuple
                else:
                    yield self.without("element", element)


def edits(node: ast.AST, source: Source) -> Iterator[Edit]:
    """Give the small changes that can be made at a node."""
    match node:
        case ast.Compare():
            yield from source.between("compare", [node.left, *node.comparators], COMPARISONS)
        case ast.BoolOp():
            yield from source.between("logic", node.values, LOGIC)
        case ast.UnaryOp(op=ast.Not()):
            yield "not", source.span(node)[0], source.span(node)[0] + len("not"), ""
        case ast.If(body=[*_, ast.Raise() | ast.Return()]):
            yield "guard", *source.span(node.test), "False"
        case ast.Constant(value=value) if type(value) is int:
            yield "number", *source.span(node), str(value + 1)
            yield "number", *source.span(node), str(value - 1)
        case ast.Call(func=function):
            if isinstance(function, ast.Name) and function.id in EXTREMES:
                yield "minmax", *source.span(function), EXTREMES[function.id]
            yield from (source.without("keyword", keyword) for keyword in node.keywords if keyword.arg)
        case ast.Tuple(elts=[_, _, *_]) | ast.Set(elts=[_, _, *_]):
            yield from source.shorter(node)
        case ast.Return(value=ast.Constant(value=str()) as code):
            yield "code", *source.span(code), "None"
        case ast.Raise():
            yield "raise", *source.span(node), "pass"


class Mutation(NamedTuple):
    module: str
    line: int
    kind: str
    number: int
    path: str
    where: str  # the path, and the function
    before: str
    after: str
    text: bytes  # the module, changed

    @property
    def id(self) -> str:
        return f"{self.module}:{self.line}:{self.kind}:{self.number}"

    @property
    def place(self) -> tuple[str, str, str]:
        """What an explanation names; lines may move."""
        return self.where, self.before, self.after

    def __str__(self) -> str:
        where = self.where.replace(self.path, f"{self.path}:{self.line}", 1)
        return f"{where}\n- {self.before}\n+ {self.after}\n"


def nodes(tree: ast.AST, where: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Give every node that does something, with its function, in the order of the source."""
    yield tree, where
    if isinstance(tree, ast.FunctionDef | ast.ClassDef):
        where = f"{where}.{tree.name}" if where else f" in {tree.name}"
    for field, value in ast.iter_fields(tree):
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST) and field not in SILENT:
                yield from nodes(inner, where)


def mutations(module: str, path: str, text: bytes) -> Iterator[Mutation]:
    source, seen = Source(text), Counter[tuple[int, str]]()
    for node, where in nodes(ast.parse(text)):
        for kind, begin, end, new in edits(node, source):
            first, last = text.rfind(b"\n", 0, begin) + 1, (text + b"\n").find(b"\n", end)
            lines = text[first:last], text[first:begin] + new.encode() + text[end:last]
            changed = text[:first] + lines[1] + text[last:]
            with contextlib.suppress(SyntaxError):  # a parenthesis cut in two is no mutation
                ast.parse(changed)
                line = text.count(b"\n", 0, begin) + 1
                before, after = (" ".join(piece.decode().split()) for piece in lines)
                number = seen[line, kind]
                yield Mutation(module, line, kind, number, path, path + where, before, after, changed)
                seen[line, kind] += 1


def changes(root: Path, plan: dict[str, Any], only: str) -> list[Mutation]:
    """Find what can be changed in the modules that are asked for."""
    base = root / plan["base"]
    found: list[Mutation] = []
    for pattern in itertools.chain.from_iterable(group["modules"] for group in plan["group"]):
        for file in sorted(base.glob(f"{pattern}.py")):
            module = file.relative_to(base).with_suffix("").as_posix()
            if fnmatch(module, only):
                found += mutations(module, file.relative_to(root).as_posix(), file.read_bytes())
    return found


def spread(found: list[Mutation], number: int, seed: int) -> list[Mutation]:
    """Pick at random, but always from the module and the kind that were picked least."""
    rest, used = random.Random(seed).sample(found, len(found)), Counter[str]()
    picked: list[Mutation] = []
    while rest and len(picked) < number:
        picked.append(min(rest, key=lambda one: used[one.module] + used[one.kind]))
        rest.remove(picked[-1])
        used.update([picked[-1].module, picked[-1].kind])
    return picked


def explanations(file: Path) -> dict[tuple[str, ...], str]:
    """Read the blocks: the place, `- before`, `+ after`, and why no test can tell them apart."""
    explained: dict[tuple[str, ...], str] = {}
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for block in filter(None, re.split(r"\n\s*\n", re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE).strip())):
        parts = re.fullmatch(r"(\S+?)(?::\d+)?( in .+)?\n- (.+)\n\+ (.*)\n((?s:.+))", block)
        if not parts:
            raise SystemExit(f"{file}: the place, - before, + after and a reason are wanted here:\n{block}")
        explained[parts[1] + (parts[2] or ""), parts[3], parts[4]] = parts[5]
    return explained
