"""The kinds of value that several files share, and how strictly every model reads."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, StringConstraints

from paygrade import leaks

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)
"""Unknown keys are refused, and `"1"` is not `1`."""


def storable(text: str) -> str:
    """Names stand in run ids and file names, where nothing could mask them.

    Raises:
        ValueError: masking would change it.
    """
    if leaks.mask(text).text != text:
        raise ValueError("holds what must not be stored, such as a card number")
    return text


Name = Annotated[
    str, AfterValidator(storable), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$")
]
"""Names of prompts, datasets, runners, suites and sample ids' safe subset (also file names)."""

Reference = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}@v[1-9][0-9]{0,5}$")
]
"""`NAME@vN`."""

SampleId = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]

Text = Annotated[str, StringConstraints(min_length=1)]

FolderName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]


def _date(value: object) -> object:
    """A date is text of one form; numbers and times are no dates.

    Raises:
        ValueError: it is anything else.
    """
    if isinstance(value, str) and _DATE.match(value):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(value)
    raise ValueError("write a date as YYYY-MM-DD")


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
Date = Annotated[dt.date, BeforeValidator(_date)]


def _date_text(value: object) -> object:
    """As `_date`, and stays text."""
    _date(value)
    return value


DateText = Annotated[str, BeforeValidator(_date_text)]
