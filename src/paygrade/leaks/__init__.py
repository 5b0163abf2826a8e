"""Finding and masking card numbers, codes, track data, secrets and personal data in any text.

A `Policy` says what is masked, and a `Barrier` does it: what no policy can keep (`MASKED_KINDS`),
IBANs and e-mail addresses unless they are kept, and patterns of a workspace's own. The functions
here mask what no policy can keep, unless they are told more.

`find` says what leaks where, `mask` takes it out of a text, `mask_value` out of a JSON-like value.
Numbers are read as a reader could read them: in the digits of any script, with spaces, dashes,
dots, line breaks or invisible characters between them, as JSON, percent or HTML escapes, in JSON
inside JSON. A masked text has nothing left to mask, whatever it was, and JSON stays JSON.

A run of digits that satisfies every rule of a card number (see `paygrade.leaks.cards`) is masked
even where it is none: one in ten has a good check digit by chance, so a list of four-digit numbers
without commas can lose a few of them. This gate fails closed.

What it does not see: digits spelled out ("four one one one"), base64 and other encodings, images,
digits between letters or markup (`4 and 111…`, `<b>4</b>111…`), a number in pieces that a comma or
a JSON string ends. An answer can be without findings and still give a number away.
"""

from paygrade.leaks.barrier import Barrier
from paygrade.leaks.detect import find
from paygrade.leaks.finding import KINDS, MASKED_KINDS, Finding, Masked
from paygrade.leaks.mask import mask
from paygrade.leaks.policy import ALWAYS, DEFAULT, KEEPABLE, Pattern, Policy
from paygrade.leaks.values import mask_value

__all__ = [
    "ALWAYS",
    "DEFAULT",
    "KEEPABLE",
    "KINDS",
    "MASKED_KINDS",
    "Barrier",
    "Finding",
    "Masked",
    "Pattern",
    "Policy",
    "find",
    "mask",
    "mask_value",
]
