"""Figures of a row as they stand on a page: each with its interval and n, each marked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from paygrade.reports.figures import amount, interval, percent, signed

if TYPE_CHECKING:
    from paygrade.reports.site.marks import Line

_LEAST = 0.001  # a bound is written with one decimal: nearer to 0 or 100 % it would promise those
_CENT = 0.995  # below it two decimals of a dollar say too little
_SECOND = 0.9995
_MILLISECOND = 0.0005
_MINUTES = 120


def rate(line: Line, of: str = "rate", found: str = "failed", judged: str = "judged") -> Markup:
    """`26.8 % (21.6 to 32.6 %), 86 of 321`; `nothing scored` where nothing is known."""
    if line[of] is None:
        return nothing("nothing scored")
    return Markup("{} {}, {}").format(share(line, of), between(line), counted(line, found, judged))


def share(line: Line, column: str) -> Markup:
    """`26.8 %`."""
    return line.mark(column, percent(line[column]))


def between(line: Line, low: str = "low", high: str = "high") -> Markup:
    """`(21.6 to 32.6 %)`."""
    lower, upper = interval(line[low], line[high]).split(" to ")
    return Markup("({} to {})").format(line.mark(low, lower), line.mark(high, upper))


def counted(line: Line, found: str, judged: str) -> Markup:
    """`86 of 321`."""
    return Markup("{} of {}").format(count(line, found), count(line, judged))


def count(line: Line, column: str) -> Markup:
    """`1,234`, `not known` for NULL."""
    value = line[column]
    return line.mark(column, "not known" if value is None else f"{value:,}")


def plural(line: Line, column: str, word: str) -> Markup:
    """`1 error`, `2 errors`."""
    ending = "" if line[column] == 1 else "s"
    return Markup("{} {}").format(count(line, column), word + ending)


def effect(line: Line) -> Markup:
    """`4.8 % (2.8 to 8.2 %), 12 of 250`; `at most 1.2 %, 0 of 250`: what zeros leave possible."""
    if line["rate"] is None or line["bound"] is None:
        return rate(line, found="found")
    bound = min(max(line["bound"], _LEAST), 1 - _LEAST)
    word = "at least" if line["found"] else "at most"
    return Markup("{} {}, {} ({})").format(
        word,
        line.mark("bound", percent(bound)),
        counted(line, "found", "judged"),
        plural(line, "cases", "case"),
    )


def difference(line: Line, of: str = "difference", low: str = "low", high: str = "high") -> Markup:
    """`+2.3 points (0.4 to 4.1)`."""
    if line[of] is None:
        return nothing("not compared")
    said = Markup("{} points").format(line.mark(of, signed(line[of])))
    if line[low] is None or line[high] is None:
        return said
    ends = [line.mark(each, f"{round(line[each] * 100, 1) + 0.0:.1f}") for each in (low, high)]
    return Markup("{} ({} to {})").format(said, *ends)


def progress(line: Line) -> Markup:
    """`86 scored of 321 attempts`, with a bar of those that are done."""
    said = Markup("{} scored of {} attempts").format(count(line, "scored"), count(line, "attempts"))
    done, attempts = line["scored"] + line["errored"], line["attempts"]
    return Markup('<progress value="{}" max="{}" aria-label="{}"></progress><br>{}').format(
        done, attempts, f"{done:,} of {attempts:,} attempts are done", said
    )


def size(line: Line, column: str) -> Markup:
    """`5.2 points`: how large a difference is, whatever its direction; `not known` for NULL."""
    value = line[column]
    if value is None:
        return line.mark(column, "not known")
    return Markup("{} points").format(line.mark(column, percent(value).removesuffix(" %")))


def words(line: Line, column: str) -> Markup:
    """A sentence of a row, which may hold figures."""
    return line.mark(column, line[column] or "")


def money(line: Line, column: str) -> Markup:
    """`12.00 EUR`, in the currency of the row."""
    return line.mark(column, amount(line[column], plain_code(line["currency"])))


def plain_code(currency: str) -> str:
    """A currency as it may stand in an amount."""
    return currency or "(no currency)"


def dollars(line: Line, column: str) -> Markup:
    """`1.24 USD`, `0.0031 USD`, `not known` where nobody knows."""
    value = line[column]
    if value is None:
        return line.mark(column, "not known")
    if not value or abs(value) >= _CENT:
        return line.mark(column, f"{value:,.2f} USD")
    return line.mark(column, f"{value:.2g} USD")


def seconds(line: Line, column: str) -> Markup:
    """`1.24 s`, `38 ms`, `<1 ms`, `not known`."""
    value = line[column]
    if value is None:
        said = "not known"
    elif value >= _MINUTES:
        said = f"{value / 60:,.1f} min"
    elif value >= _SECOND:
        said = f"{value:.2f} s"
    elif value >= _MILLISECOND:
        said = f"{value * 1000:.0f} ms"
    else:
        said = "<1 ms"
    return line.mark(column, said)


def moment(line: Line, column: str) -> Markup:
    """`2026-11-28 12:16`, UTC."""
    return _time(line, column, "%Y-%m-%d %H:%M")


def day(line: Line, column: str) -> Markup:
    """`2026-11-28`."""
    return _time(line, column, "%Y-%m-%d")


def _time(line: Line, column: str, form: str) -> Markup:
    value = line[column]
    if value is None:
        return nothing("never")
    if not isinstance(value, datetime):
        return line.mark(column, str(value))
    return Markup('<time datetime="{}Z"{}>{}</time>').format(
        value.isoformat(), line.attributes(column), value.strftime(form)
    )


def nothing(word: str) -> Markup:
    """A word where a figure would stand."""
    return Markup('<span class="nothing">{}</span>').format(word)
