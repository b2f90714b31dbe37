"""The one writer of alerts: catch up, judge what is known now, and tell the difference to the ledger as it stands."""

from collections.abc import Callable, Sequence
from datetime import datetime

from workflow.domain.alerts import Alert, LedgerChanges
from workflow.domain.errors import Refusal
from workflow.rules.acts import Act, ActingBook
from workflow.rules.ledger import Book
from workflow.rules.occasion import Occasion, Side
from workflow.rules.thresholds import Threshold, thresholds


def any_due(sides: Sequence[Side], now: datetime) -> bool:
    """Whether some threshold has passed, so that the ledger has to be looked at."""
    return any(threshold.fires_at <= now for side in sides for threshold in thresholds(side.state, side.site))


def judge(before: Side | None, after: Side, ledger: Sequence[Alert], occasion: Occasion) -> LedgerChanges:
    """Return what changes in the ledger of a patient who was known as `before` and is known as `after` now.

    First what fell due before the new facts were known is raised; then what no longer stands is resolved, what is
    found open and passed is raised or reopened. `before` is None for a patient who was not known. Judging again with
    the same sides yields nothing new.
    """
    book = Book(ledger, occasion, after.site)
    return book.closed(_told(book, before, after, occasion))


def judge_act(side: Side, ledger: Sequence[Alert], occasion: Occasion, act: Act) -> LedgerChanges | Refusal:
    """Return what changes by an act upon an alert of the ledger, once it was judged like everything else; or why not.

    A refusal is told of the alert as it stands now, so whoever looked a while ago may learn that it has ended since.
    """
    book = ActingBook(ledger, occasion, side.site)
    stands = _told(book, side, side, occasion)
    refusal = book.refusal(act, stands)
    if refusal is not None:
        return refusal
    book.act(act)
    return book.closed(stands)


def _told(book: Book, before: Side | None, after: Side, occasion: Occasion) -> tuple[Threshold, ...]:
    """Tell a book what fell due, what is known now and what is over; return the thresholds that stand."""
    stood = thresholds(before.state, before.site) if before else ()
    for threshold in stood:
        if threshold.fires_at <= occasion.now and before is not None:
            promised = occasion.promised_at is not None and occasion.promised_at <= threshold.fires_at
            since = threshold.fires_at if promised else occasion.now
            book.catch_up(threshold, since=since, proof=_lazily(occasion, before, threshold))
    stands = thresholds(after.state, after.site)
    book.settle(stands, after.state)
    known = {threshold.key for threshold in stood}
    for threshold in stands:
        if threshold.fires_at <= occasion.now:
            proof = _lazily(occasion, after, threshold)
            book.stand(threshold, newly=threshold.key not in known, proof=proof)
    book.account(occasion.dead)
    book.wake(stands)
    book.repeat(stands)
    if before is not None and before.site.id != after.site.id:
        book.hand_over()
    else:
        book.address_anew()
    return stands


def _lazily(occasion: Occasion, side: Side, threshold: Threshold) -> Callable[[], str]:
    return lambda: occasion.prove(side, threshold.window, threshold.key.threshold_on)
