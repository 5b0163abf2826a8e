"""How an unknown outcome may be found out. There is no default, because there is no safe one."""

from pytx.model import LookUp, Recovery, Schedule


def by_key(window: float) -> "Recover":
    """Send again under the same provider key: the provider itself does not repeat the effect.

    Args:
        window: Seconds for which the provider remembers a key, such as 86400. Outside of it
            nothing is sent again.

    Raises:
        ValueError: the window is not positive.
    """
    if not window > 0:
        raise ValueError(f"the window is {window}; say for how many seconds a key is remembered")
    return Recover(Recovery(window=window))


def by_lookup(  # noqa: PLR0913 - each is one promise of the provider
    look_up: LookUp,
    *,
    first_after: float = 2,
    tries: int = 5,
    within: float = 7200,
    settle_after: float = 120,
    absent_is_final: bool,
) -> "Recover":
    """Ask the provider what became of it.

    Args:
        look_up: Gets a `Reference`, returns `Found`, `Refused`, `Pending` or `Absent`. What it
            raises counts as `Pending`.
        first_after: Seconds from the send to the first look-up; each pause is twice the one before.
        tries: How many look-ups there are in all.
        within: Seconds from the send after which nobody asks any more.
        settle_after: Seconds after the first owner's lease from when on `Absent` may be believed.
        absent_is_final: Whether `Absent` ever proves that nothing happened. Where the provider's
            answer may be late (UPI's U48), it does not.

    Raises:
        ValueError: a number is not what it must be.
    """
    numbers = {"first_after": first_after, "within": within, "settle_after": settle_after}
    for name, value in numbers.items():
        if not value >= 0:
            raise ValueError(f"{name} is {value}; it is a number of seconds")
    if tries < 1:
        raise ValueError(f"tries is {tries}; without a look-up it is pytx.manual()")
    schedule = Schedule(first_after=first_after, tries=tries, within=within)
    recovery = Recovery(
        look_up=look_up,
        schedule=schedule,
        settle_after=settle_after,
        absent_is_final=absent_is_final,
    )
    return Recover(recovery)


def manual() -> "Recover":
    """Only a statement or a person can tell: `guard.open()` lists, `guard.resolve` settles."""
    return Recover(Recovery())


class Recover:
    """A way to recover. `by_key(…) | by_lookup(…)` sends again inside the window, then looks up."""

    def __init__(self, recovery: Recovery) -> None:
        """Use `by_key`, `by_lookup` or `manual`."""
        self.recovery = recovery

    def __or__(self, other: "Recover") -> "Recover":
        """Send again inside the window of this one, look up by the other after it.

        Raises:
            ValueError: this one is not `by_key`, the other is not `by_lookup`, or its look-ups end
                before the window does.
        """
        one, two = self.recovery, other.recovery
        if one.window is None or one.look_up or two.look_up is None:
            raise ValueError("write by_key(…) | by_lookup(…), in this order")
        if two.schedule is not None and two.schedule.within <= one.window:
            raise ValueError(
                f"the look-ups end {two.schedule.within:g} s after the send, and before the window "
                f"of {one.window:g} s does; say a longer within="
            )
        recovery = Recovery(
            window=one.window,
            look_up=two.look_up,
            schedule=two.schedule,
            settle_after=two.settle_after,
            absent_is_final=two.absent_is_final,
        )
        return Recover(recovery)
