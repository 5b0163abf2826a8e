"""Payment routing: messages of customers, labelled by the wish that they were written from."""

from paygrade.payments.routing.generator import GENERATOR_VERSION, generate

__all__ = ["GENERATOR_VERSION", "generate"]
