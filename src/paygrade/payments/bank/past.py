"""The books as stale reads show them: as they were before money moved last."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from paygrade.payments.bank.books import Books
from paygrade.payments.bank.opening import open_books

if TYPE_CHECKING:
    from paygrade.payments.bank.faults import Faults
    from paygrade.payments.bank.world import Facts


class Past:
    """A second set of books, where a case has stale reads."""

    def __init__(self, books: Books, facts: Facts, faults: Faults) -> None:
        """Before any money moved: a state without what the faults hide."""
        self._now = books
        self.books = books
        stale = faults.of("stale_read")
        if stale:
            hidden: set[str] = set()
            for fault in stale:
                names = fault.options.get("hides", [])
                hidden |= {str(each) for each in names} if isinstance(names, list) else set()
            self.books = Books()
            weakref.finalize(self, self.books.close)
            open_books(self.books, facts, without=hidden)

    def remember(self) -> None:
        """Something is about to happen."""
        if self.books is not self._now:
            self._now.copy_to(self.books)
