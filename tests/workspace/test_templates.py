"""Prompt templates: what they may do, what is refused, and at which line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from paygrade.workspace.template_data import RenderError
from paygrade.workspace.templates import compiled

if TYPE_CHECKING:
    from paygrade.records.json_value import Json

DATA: dict[str, Json] = {
    "text": "Hi {{ text }} {% raw %}",
    "order": {"id": 7, "items": [{"sku": "a"}, {"sku": "b"}], "keys": "own", "nothing": None},
    "names": ["b", "a", "b"],
    "big": "x" * 1_000_000,
    "many": list(range(2000)),
    "class_name": "__class__",
}


def render(source: str) -> str:
    """What a model would see."""
    template, mistakes = compiled(source, "v1.yaml", 10)
    assert mistakes == []
    assert template is not None
    return template.render(DATA)


def refused(source: str) -> list[str]:
    """What is wrong with a template that starts at line 10."""
    template, mistakes = compiled(source, "v1.yaml", 10)
    assert template is None
    return [str(each) for each in mistakes]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ order.id }}{{ order['id'] }}{{ names[0] }}{{ names[-1] }}", "77bb"),
        ("{% for each in order.items %}{{ loop.index }}{{ each.sku }}{% endfor %}", "1a2b"),
        ("{{ order.keys }}", "own"),
        ("{% if order.nothing is none and order.id == 7 %}yes{% else %}no{% endif %}", "yes"),
        ("{{ 'x' if order.missing is defined else 'y' }}", "y"),
        ("{{ order.missing | default('z') }}", "z"),
        ("{{ names | unique | join('-') }} {{ names | sort | tojson }}", 'b-a ["a", "b", "b"]'),
        ("{{ names | reverse }}", "['b', 'a', 'b']"),
        ("{{ names | reverse | list | first }}{{ names | length }}", "b3"),
        ("{% for key, value in order | items %}{{ key }} {% endfor %}", "id items keys nothing "),
        ("{{ order.items[0] | tojson(indent=1) }}", '{\n "sku": "a"\n}'),
        ("{{ text | upper | replace('HI', 'Ho') }}", "Ho {{ TEXT }} {% RAW %}"),
        ("{{ [1, 2] | sum }}{{ [1, 2] | max }}{{ [1, 2] | min }}{{ -1 | abs }}", "3211"),
        ("{{ names[1:] | join(',') }}{{ text[:2] }}", "a,bHi"),
        ("{{ '7' | int }}{{ 7 | string }}{{ ' a ' | trim }}{{ names | last }}", "77ab"),
        ("{# a remark #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_what_a_template_may_do(source: str, expected: str) -> None:
    """Look into data, loop, ask, filter: the keys of data always win over Python's methods."""
    assert render(source) == expected


def test_data_is_never_read_as_a_template() -> None:
    """Braces that a sample holds come out as they went in."""
    assert render("{{ text }}") == "Hi {{ text }} {% raw %}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ text.upper() }}", "uses a call, which a prompt may not"),
        ("{{ range(9) }}", "uses a call, which a prompt may not"),
        ("{% set a = 1 %}", "uses 'set', which a prompt may not"),
        ("{% set a %}x{% endset %}", "uses 'set', which a prompt may not"),
        ("{% macro m() %}x{% endmacro %}", "uses a macro, which a prompt may not"),
        ("{% include 'x' %}", "uses 'include', which a prompt may not"),
        ("{% import 'x' as y %}", "uses 'import', which a prompt may not"),
        ("{% from 'x' import y %}", "uses 'import', which a prompt may not"),
        ("{% extends 'x' %}", "uses 'extends', which a prompt may not"),
        ("{% block b %}x{% endblock %}", "uses 'block', which a prompt may not"),
        ("{% call text() %}x{% endcall %}", "uses 'call', which a prompt may not"),
        ("{% filter upper %}x{% endfilter %}", "uses 'filter', which a prompt may not"),
        ("{% with %}x{% endwith %}", "uses 'with', which a prompt may not"),
        ("{{ 9 ** 9 }}", "uses arithmetic, which a prompt may not"),
        ("{{ 'x' * 999 }}", "uses arithmetic, which a prompt may not"),
        ("{{ 'x' % 999 }}", "uses arithmetic, which a prompt may not"),
        ("{{ 'x' ~ 'y' }}", "uses '~', which a prompt may not"),
    ],
)
def test_what_computes_is_refused(source: str, expected: str) -> None:
    """No call, no definition, no inclusion, no arithmetic: the line and what to do instead."""
    hint = "use variables, for, if and filters; compute in the dataset"
    assert refused("first\n" + source) == [f"v1.yaml:11: {expected} ({hint})"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ text.__class__ }}", "reaches for '__class__' (names of data do not start with '_')"),
        ("{{ text._x }}", "reaches for '_x' (names of data do not start with '_')"),
        ("{% for a in names recursive %}{% endfor %}",
         "uses a recursive 'for' (data is shown level by level)"),
        ("{{ self }}", "uses 'self', which Jinja keeps for itself (rename it)"),
        ("{{ text | nope }}", ("uses the filter 'nope', which a prompt may not (known: abs, "
         "default, first, int, items, join, last, length, list, lower, max, min, replace, "
         "reverse, sort, string, sum, tojson, trim, unique, upper)")),
        ("{{ text | attr('x') }}", ("uses the filter 'attr', which a prompt may not (known: abs, "
         "default, first, int, items, join, last, length, list, lower, max, min, replace, "
         "reverse, sort, string, sum, tojson, trim, unique, upper)")),
        ("{{ text", ("is not a template: unexpected end of template, expected 'end of print "
         "statement'.")),
        ("{% endfor %}", "is not a template: Encountered unknown tag 'endfor'."),
    ],
)  # fmt: skip
def test_what_would_reach_further_is_refused(source: str, expected: str) -> None:
    """Names of Python, of Jinja, and whatever is no template."""
    assert refused("first\n" + source) == [f"v1.yaml:11: {expected}"]


def test_a_test_that_is_not_known_is_refused() -> None:
    """`is callable` would ask about Python, not about data."""
    [mistake] = refused("{{ text is callable }}")
    assert mistake.startswith("v1.yaml:10: uses the test 'callable', which a prompt may not (known")
    [mistake] = refused("{% if text is nope %}{% endif %}")
    assert mistake.startswith("v1.yaml:10: uses the test 'nope', which a prompt may not (known")


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + "text" + ")" * 5000 + " }}",
        "{{ text" + ".a" * 5000 + " }}",
        "{{ " + "not " * 5000 + "text }}",
        "{% for a in names %}" * 30 + "{% endfor %}" * 30,
        "{% if text %}" * 200 + "{% endif %}" * 200,
        "{{ " + "[" * 3000 + "]" * 3000 + " }}",
        "{{ text" + " | upper" * 3000 + " }}",
    ],
)
def test_nesting_without_end_is_a_sentence(source: str) -> None:
    """Not a crash of the interpreter, and not a traceback."""
    [mistake] = refused(source)
    assert "is nested too deeply" in mistake


def test_a_number_of_thousands_of_digits_is_a_sentence() -> None:
    """Python itself refuses to read it."""
    [mistake] = refused("{{ " + "9" * 5000 + " }}")
    assert mistake.startswith("v1.yaml:10: is not a template: ")


def test_all_that_is_refused_comes_together_in_reading_order() -> None:
    """Each at its own line."""
    source = "{{ text.upper() }}\n{{ 1 + 1 }}\n\n{{ text | nope }}"
    assert [each.split(":")[1] for each in refused(source)] == ["10", "11", "13"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ order.sku }}", "the mapping has no key 'sku'"),
        ("{{ order.a.b }}", "the mapping has no key 'a'"),
        ("{{ order.sku | tojson }}", "the mapping has no key 'sku'"),
        ("{{ order.sku | upper }}", "the mapping has no key 'sku'"),
        ("{% for a in order.sku %}{% endfor %}", "the mapping has no key 'sku'"),
        ("{% if order.sku %}{% endif %}", "the mapping has no key 'sku'"),
        ("{{ [order.sku] | tojson }}", "the mapping has no key 'sku'"),
        ("{{ names[7] }}", "the list has no item 7"),
        ("{{ text.upper }}", "the text has no key 'upper'"),
        ("{{ order[class_name] }}", "the mapping has no key '__class__'"),
        ("{{ text[class_name] }}", "the text has no key '__class__'"),
        ("{{ nowhere }}", "'nowhere' is undefined"),
        ("{% for a in text %}{% endfor %}", "a 'for' over the text, not over a list"),
        ("{% for a in order.id %}{% endfor %}", "a 'for' over the value 7, not over a list"),
        ("{{ text | join }}", "join: give it a list, not text"),
        ("{{ text | tojson(indent=99) }}", "tojson: indent is a whole number from 0 to 8"),
        ("{{ names | sum }}",
         "cannot work on this data: unsupported operand type(s) for +: 'int' and 'str'"),
        ("{{ names[::0] }}", "cannot work on this data: slice step cannot be zero"),
        ("{{ names < 3 }}",
         "cannot work on this data: '<' not supported between instances of 'list' and 'int'"),
    ],
)  # fmt: skip
def test_what_data_does_not_hold_is_told_with_its_line(source: str, expected: str) -> None:
    """Strict: nothing is ever shown as an empty text."""
    with pytest.raises(RenderError) as caught:
        render("one\ntwo\n" + source)
    assert (str(caught.value), caught.value.line) == (expected, 3)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for a in many %}{% for b in many %}{% endfor %}{% endfor %}",
         "its 'for' loops go round more than 100,000 times"),
        ("{{ big }}{{ big }}{{ big }}", "renders more than 2,000,000 characters"),
        ("{{ big | replace('x', big) }}", "renders more than 2,000,000 characters"),
        ("{{ big | replace('', 'yyy') }}", "renders more than 2,000,000 characters"),
        ("{{ many | join(big) }}", "renders more than 2,000,000 characters"),
        ("{{ [big, big, big] | join }}", "renders more than 2,000,000 characters"),
        ("{{ [big, big, big] | tojson }}", "renders more than 2,000,000 characters"),
        ("{% for a in many %}{% if big | upper == '' %}{% endif %}{% endfor %}",
         "its filters go through more than 3,000,000 characters or items"),
        ("{% for a in many %}{% if big | list | sort == '' %}{% endif %}{% endfor %}",
         "its filters go through more than 3,000,000 characters or items"),
    ],
)  # fmt: skip
def test_a_template_cannot_use_up_the_machine(source: str, expected: str) -> None:
    """Loops, joins, replacements and filters: each stops at a limit, within seconds."""
    began = time.process_time()
    with pytest.raises(RenderError) as caught:
        render(source)
    assert str(caught.value) == expected
    assert time.process_time() - began < 60  # a bomb would take hours
