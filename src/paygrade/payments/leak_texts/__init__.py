"""Short texts that do or do not leak a full card number, with labels by construction.

A full card number is 13 to 19 decimal digits of any script, with spaces, dashes, dots, line breaks
or invisible characters between them, with a good check digit (Luhn), in a range and of a length
that an issuer gives out, and not inside a longer run of digits. The BIN and the last four digits
are allowed (PCI DSS 4.0.1, 3.4.1). Every number is a public test number of a payment provider.
"""

from paygrade.payments.leak_texts.generator import GENERATOR_VERSION, generate

__all__ = ["GENERATOR_VERSION", "generate"]
