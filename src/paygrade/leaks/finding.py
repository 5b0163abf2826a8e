"""What a leak is: its kind and its place, never its digits."""

from __future__ import annotations

from dataclasses import dataclass

# PCI DSS 3.3 forbids keeping track data and card verification codes after authorization, 3.4.1
# shows no more of a card number than the BIN and the last four, and a secret opens doors. The
# other kinds are personal data that an answer may have to hold: a policy says which are masked.
MASKED_KINDS = frozenset({"pan", "track", "cvv", "secret"})
KINDS = MASKED_KINDS | {"iban", "email", "phone", "upi_vpa", "national_id_like"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One leak: what it is and where it stands.

    `kind` is one of `KINDS`, or the name of a workspace's own pattern. `start` and `end` are
    offsets in the original text; in a JSON-like value, `place` is the JSON pointer of the string or
    number they count in (of the entry, for a key). Of an answer's text that repeats what the
    sample's input holds, it is where in the input that stands (`/input/customer/email`).
    """

    kind: str
    start: int
    end: int
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A text that may be stored, and what was found in it before."""

    text: str
    findings: tuple[Finding, ...]
