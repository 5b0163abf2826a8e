"""A whole page: its frame, its styles and scripts, and the policy that lets only those run."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from paygrade.reports.plain import spelled
from paygrade.reports.site import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paygrade.records.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """An inline script. `kind` is its type; anything but the default is data, and never runs."""

    text: str
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry of the navigation."""

    file: str
    name: str

    @property
    def href(self) -> str:
        """As it stands in a link."""
        return quote(self.file)


def suite_file(suite: str) -> str:
    """The page of a suite."""
    return f"suite-{suite}.html"


def samples_file(suite: str, runner: str, number: int) -> str:
    """A page of attempts of a suite with a runner; pages are counted from 1.

    No name holds `~`: no two suites and runners have the same page.
    """
    return f"samples-{suite}~{runner}~{number:03}.html"


def fragment(template: str, **values: Any) -> Markup:  # noqa: ANN401 -- whatever it shows
    """A part of a page, made before the page is."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 -- escaped


def render(  # noqa: PLR0913 -- what a page is made of
    site: Site,
    file: str,
    template: str,
    *,
    title: str,
    scripts: Sequence[Script] = (),
    sheets: Sequence[str] = (),
    fetches: bool = False,
    **values: Any,  # noqa: ANN401 -- whatever its template shows
) -> tuple[str, str]:
    """A page of the site: its file name and its text.

    `sheets` are style sheets of its own. `fetches` lets its scripts ask the folder or the server
    that the page came from.
    """
    style = Markup("".join(map(ours, ("style.css", *sheets))))  # noqa: S704 -- ours
    if site.live:
        scripts = (Script(text=ours("live.js")), *scripts)
    text = (
        _environment()
        .get_template(template)
        .render(
            site=site,
            page=file,
            stem=file.removesuffix(".html"),
            title=title,
            style=style,
            scripts=[_inline(each) for each in scripts],
            policy=_policy(style, scripts, fetches=fetches or site.live),
            links=_links(site),
            suite_links=[
                Link(file=suite_file(each.suite), name=each.suite) for each in site.suites
            ],
            **values,
        )
    )
    return file, text


def _links(site: Site) -> list[Link]:
    found = [Link(file="index.html", name="Overview")]
    if site.agents:
        found.append(Link(file="agents.html", name="Agents"))
    found.append(Link(file="gate.html", name="Gate"))
    found.append(Link(file="about.html", name="About"))
    return found


def _policy(style: str, scripts: Sequence[Script], *, fetches: bool) -> str:
    running = [_hash(each.text) for each in scripts if each.kind in {"", "module"}] or ["'none'"]
    rules = [
        "default-src 'none'",
        f"style-src {_hash(style)}",
        f"script-src {' '.join(running)}",
        "img-src data:",
        *(["connect-src 'self'"] if fetches else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _inline(script: Script) -> Markup:
    """The element; a text that could end it before its own end is refused."""
    if "</script" in script.text.lower() or "<!--" in script.text:
        raise ValueError("an inline script holds what would end it: escape '<' in its data")
    start = Markup("<script")
    if script.kind:
        start += Markup(' type="{}"').format(script.kind)
    if script.name:
        start += Markup(' id="{}"').format(script.name)
    return start + Markup(">") + Markup(script.text) + Markup("</script>")  # noqa: S704 -- ours


@functools.cache
def ours(name: str) -> str:
    """A file of this folder."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: ours(f"templates/{name}")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(parts.PARTS)
    return found


def _harmless(value: object) -> object:
    """Text that is not ours hides nothing and turns no direction. What is ours is markup."""
    return spelled(value) if isinstance(value, str) and not isinstance(value, Markup) else value
