"""What a leak is: its kind and its place, never its digits."""

from __future__ import annotations

from dataclasses import dataclass

# PCI DSS 3.3 forbids keeping track data and card verification codes after authorization, 3.4.1
# shows no more of a card number than the BIN and the last four, and a secret opens doors. The
# other kinds are personal data that an answer may have to hold: they are reported, not masked.
MASKED_KINDS = frozenset({"pan", "track", "cvv", "secret"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One leak: what it is and where it stands.

    `kind` is one of pan, track, cvv, secret, iban, phone, upi_vpa, national_id_like. `start` and
    `end` are offsets in the original text; in a JSON-like value, `place` is the JSON pointer of
    the string or number they count in (of the entry, for a key).
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
