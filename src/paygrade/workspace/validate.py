"""From pydantic's errors to our mistakes: file, line, problem, mend."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from paygrade.errors import WorkspaceError
from paygrade.leaks import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from paygrade.workspace.yaml_reader import Document

M = TypeVar("M", bound=BaseModel)


def closest(word: str, known: Iterable[str]) -> str:
    """`did you mean …?` for the nearest of `known`, or the list when it is short, or nothing."""
    names = sorted(set(known))
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else ""  # noqa: PLR2004 - what fits a line


def validated(model: type[M], document: Document) -> M:
    """Validate a whole document.

    Raises:
        WorkspaceError: every mistake in it, each with its line.
    """
    if not isinstance(document.data, dict):
        got = "is empty" if document.data is None else "is not a mapping of keys to values"
        keys = ", ".join(name for name, field in model.model_fields.items() if field.is_required())
        raise WorkspaceError([document.mistake((), got, f"it needs: {keys}" if keys else "")])
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        mistakes = [
            document.mistake(place, problem, hint) for place, problem, hint in explain(error, model)
        ]
        raise WorkspaceError(mistakes) from error


def explain(
    error: ValidationError, model: type[BaseModel]
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yield place, problem and hint of each error of `error`, once per place and problem."""
    wanted: dict[tuple[str | int, ...], list[str]] = {}
    first: dict[tuple[str | int, ...], Any] = {}
    for each in error.errors(include_url=False, include_context=True):
        place = _place(each)
        first.setdefault(place, each)
        wanted.setdefault(place, []).append(_WANTED.get(each["type"], ""))
    for place, each in first.items():
        name = ".".join(str(part) for part in place)
        if all(wanted[place]):
            what = " or ".join(dict.fromkeys(wanted[place]))
            yield place, f"{name!r} must be {what}, not {_shown(each['input'])}", ""
        else:
            yield place, *_sentence(each, name, place, model)


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_too_short": "text",
}


def _place(each: Any) -> tuple[str | int, ...]:  # noqa: ANN401 - pydantic's own TypedDict is private
    """Where the error is in the file. An unknown key may be any word, those of labels too."""
    loc: tuple[str | int, ...] = each["loc"]
    key = loc[-1:] if each["type"] == "extra_forbidden" else ()
    above = loc[: len(loc) - len(key)]
    return (*(part for part in above if not _is_union_label(part)), *key)


def _is_union_label(part: str | int) -> bool:
    """Pydantic puts the member's type into the place of a union's error."""
    return isinstance(part, str) and ("[" in part or part in {"str", "int", "float", "bool"})


_READ = 2000  # more than is shown, so that what is masked is seen whole


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    text = str(value).lower() if isinstance(value, bool) else mask(repr(value)[:_READ]).text
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - what fits a line


def _sentence(
    each: Any,  # noqa: ANN401 - as above
    name: str,
    place: tuple[str | int, ...],
    model: type[BaseModel],
) -> tuple[str, str]:
    got = f"{name!r} is {_shown(each['input'])}"
    if name == "key_env":
        got = "'key_env' does not name a variable"  # what stands there may be the key
    sentences = {
        "missing": (f"the key {name!r} is missing", ""),
        "too_short": (f"{name!r} is empty", "list at least one"),
    }
    if each["type"] in sentences:
        return sentences[each["type"]]
    context = each.get("ctx", {})
    match each["type"]:
        case "extra_forbidden":
            return f"unknown key {name!r}", _meant(place, model)
        case "string_pattern_mismatch":
            return got, _pattern_hint(context["pattern"])
        case "value_error":
            return got, str(context["error"])
        case "literal_error":
            return got, f"one of {context['expected']}"
    wanted = each["msg"].removeprefix("Input ").removeprefix("String ")
    return f"{name!r} {wanted}, not {_shown(each['input'])}", _fraction(each["input"], context)


def _fraction(value: Any, context: dict[str, Any]) -> str:  # noqa: ANN401 - as above
    """People write five percent as 5."""
    limit = context.get("lt", context.get("le"))
    if limit is None or limit > 1 or value not in range(1, 101):
        return ""
    return f"a fraction: {value / 100:g} is {value:g} %"


_PATTERN_HINTS = {  # a piece of the pattern: what to write; the first that fits
    "PFE": "a letter an attempt (P, F, E or -), a space between sessions",
    "@v": "write NAME@vN, such as refund_reply@v1",
    ".py": "write FILE.py:FUNCTION",
    "^[0-9a-f]{64}": "64 hex digits",
    "^[0-9a-f]{0,64}": "the hash of a commit, or empty",
    "^[1-9][0-9]": "a whole number above 0",
    "0-9a-f": "64 hex digits, or empty while the version is a draft",
    "A-Z]{3}": "a three-letter ISO 4217 code, such as EUR",
    "https?": "an address such as http://127.0.0.1:8000/v1, without a password in it",
    "^[A-Za-z_]": "the name of an environment variable",
    "x00]": "some text, without a NUL in it",
    "x00": "text without control characters, 200 characters at most",
}


def _pattern_hint(pattern: str) -> str:
    fitting = (hint for piece, hint in _PATTERN_HINTS.items() if piece in pattern)
    return next(fitting, "letters, digits, '_', '.' and '-'")


def _meant(place: tuple[str | int, ...], model: type[BaseModel]) -> str:
    """The key that was probably meant by the unknown one at `place`, or what it belongs below."""
    fields = _fields(model)
    for part in place[:-1]:
        if isinstance(part, str):  # a number is a place in a list
            inner = _models_in(fields.get(part))
            fields = {key: value for each in inner for key, value in _fields(each).items()}
    word = str(place[-1])
    for name, annotation in fields.items():
        if any(word in _fields(each) for each in _models_in(annotation)):
            return f"it belongs below {name!r}"
    hint = closest(word, fields)
    return hint if len(hint) <= 100 else ""  # noqa: PLR2004 - what fits a line


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    """Each key of `model` as files write it, with its type."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - any type form
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models_in(inner)
