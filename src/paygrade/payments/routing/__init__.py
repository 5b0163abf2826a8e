"""Messages to a payments company's support, with the intent that each belongs to by construction.

`generate` chooses the wishes of a message first and then words that say them; the definitions and
the rules of precedence are in `paygrade.payments.routing.intents`.
"""

from paygrade.payments.routing.generator import GENERATOR_VERSION, generate

__all__ = ["GENERATOR_VERSION", "generate"]
