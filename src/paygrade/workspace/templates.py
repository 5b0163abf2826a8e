"""Prompt templates: Jinja2, sandboxed, strict, and without anything that computes.

A template is text with variables, `for`, `if` and filters. Calls, `set`, macros, includes and
arithmetic are refused when the file is read, so that neither a prompt nor the data that it shows
can run code or fill the memory. What a sample holds is data: braces in it are never read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import jinja2
from jinja2 import meta, nodes

from paygrade.errors import Mistake
from paygrade.workspace.template_data import BUDGET, ENVIRONMENT, Budget, RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from paygrade.records.json_value import Json

MAX_DEPTH = 60
MAX_LOOPS = 8

_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.Getitem, nodes.For, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And,
    nodes.Or, nodes.Not, nodes.Filter, nodes.Test, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair,
    nodes.Slice, nodes.Neg, nodes.Keyword,
)  # fmt: skip
_NAMES = {
    nodes.Call: "a call", nodes.Assign: "'set'", nodes.AssignBlock: "'set'",
    nodes.Macro: "a macro", nodes.Include: "'include'", nodes.Import: "'import'",
    nodes.FromImport: "'import'", nodes.Extends: "'extends'", nodes.Block: "'block'",
    nodes.CallBlock: "'call'", nodes.FilterBlock: "'filter'", nodes.With: "'with'",
    nodes.Concat: "'~'",
}  # fmt: skip
_ARITHMETIC = (nodes.BinExpr, nodes.UnaryExpr)
_OWN_NAMES = frozenset({"self", "super", "caller", "varargs", "kwargs"})
"""What Jinja would put there itself, whatever the data says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One compiled message: `names` are the variables it uses."""

    names: frozenset[str]
    compiled: jinja2.Template

    def render(self, context: Mapping[str, Json]) -> str:
        """Render with `context`.

        Raises:
            RenderError: a missing variable, or more output or work than a prompt needs.
        """
        budget = Budget()
        parts: list[str] = []
        try:
            for part in self.compiled.generate({**context, BUDGET: budget}):
                budget.write(len(part))
                parts.append(part)
        except RenderError as error:
            raise RenderError(str(error), error.line or _line(error)) from error
        except jinja2.TemplateError as error:
            raise RenderError(str(error), _line(error)) from error
        except (
            TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError
        ) as error:  # fmt: skip
            # a filter or a comparison given what it cannot work on, such as `sum` of text
            raise RenderError(f"cannot work on this data: {error}", _line(error)) from error
        return "".join(parts)


def compiled(
    source: str, path: str, line: int, written: str = ""
) -> tuple[Template | None, list[Mistake]]:
    """Compile `source`, which starts at `line` of `path`; all that is refused comes back too.

    `written` is the same text with its lines as they stand in the file, where they differ.
    """

    def at(number: int, problem: str, hint: str = "") -> Mistake:
        return Mistake(path=path, line=line + number - 1, problem=problem, hint=hint)

    try:
        tree = _parsed(source, written)
        mistakes = [at(*wrong) for wrong in _refused(tree)]
        if mistakes:
            return None, mistakes
        names = frozenset(meta.find_undeclared_variables(tree))
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "_rounds", [], [], None, None, lineno=loop.lineno)
        return Template(names=names, compiled=ENVIRONMENT.from_string(tree)), []
    except jinja2.TemplateSyntaxError as error:
        return None, [at(error.lineno, f"is not a template: {error.message}")]
    except RecursionError:
        return None, [at(1, "is nested too deeply")]
    except (ValueError, SyntaxError, MemoryError) as error:  # such as a number of 5,000 digits
        return None, [at(1, f"is not a template: {error}")]


def _parsed(source: str, written: str) -> nodes.Template:
    """Parse `source`; its nodes get the lines that they have in `written`."""
    if not written:
        return ENVIRONMENT.parse(source)
    there = ENVIRONMENT.parse(written)  # a syntax error is the same one, at the file's own line
    tree = ENVIRONMENT.parse(source)
    ours, theirs = list(_placed(tree)), list(_placed(there))
    alike = [type(node) for node in ours] == [type(node) for node in theirs]
    for index, node in enumerate(ours):
        node.lineno = theirs[index].lineno if alike else 1
    return tree


def _placed(tree: nodes.Node) -> Iterator[nodes.Node]:
    """The nodes that do not depend on the white space around them."""
    for node, _, _ in _walk(tree):
        if not isinstance(node, nodes.TemplateData | nodes.Output):
            yield node


def _refused(tree: nodes.Template) -> Iterator[tuple[int, str, str]]:
    hint = "use variables, for, if and filters; compute in the dataset"
    for node, depth, loops in _walk(tree):
        if depth > MAX_DEPTH or loops > MAX_LOOPS:
            yield node.lineno, "is nested too deeply", hint
            return
        if not isinstance(node, _ALLOWED):
            kind = "arithmetic" if isinstance(node, _ARITHMETIC) else type(node).__name__.lower()
            yield node.lineno, f"uses {_NAMES.get(type(node), kind)}, which a prompt may not", hint
        elif isinstance(node, nodes.Filter | nodes.Test):
            what, known = "filter", ENVIRONMENT.filters.keys()
            if isinstance(node, nodes.Test):
                what, known = "test", ENVIRONMENT.tests.keys()
            if node.name not in known or node.name == "_rounds":
                names = f"known: {', '.join(sorted(each for each in known if each[0] != '_'))}"
                yield node.lineno, f"uses the {what} {node.name!r}, which a prompt may not", names
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            yield node.lineno, f"reaches for {node.attr!r}", "names of data do not start with '_'"
        elif isinstance(node, nodes.Name) and node.name in _OWN_NAMES:
            yield node.lineno, f"uses {node.name!r}, which Jinja keeps for itself", "rename it"
        elif isinstance(node, nodes.For) and node.recursive:
            yield node.lineno, "uses a recursive 'for'", "data is shown level by level"


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """Every node with its depth and the loops around it, in reading order.

    Nothing below a node that is refused: one mistake is enough there.
    """
    waiting = [(tree, 0, 0)]
    while waiting:
        node, depth, loops = waiting.pop()
        loops += isinstance(node, nodes.For)
        yield node, depth, loops
        if isinstance(node, _ALLOWED):
            inner = [(child, depth + 1, loops) for child in node.iter_child_nodes()]
            waiting += reversed(inner)


def _line(error: BaseException) -> int | None:
    """The template line an error came from: jinja rewrites the traceback to template lines."""
    trace = error.__traceback__
    found = None
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found
