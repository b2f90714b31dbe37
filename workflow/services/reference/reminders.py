"""The page of the reminders: what is pushed to people, and on which day."""

from workflow.knowledge.reminders import CATALOGUE, DELIVERY_FAILURE, Reminder
from workflow.services.reference.blocks import Code, Heading, Listing, Page, Paragraph, Table, Words
from workflow.services.reference.cells import REMINDERS_PAGE, rule

_LEAD = (
    "A row names a threshold of a window, never its number: the numbers stand in the protocols. It ends by itself once "
    "the window has ended. Everything that the sources would also allow to remind of is in no row yet, and pushed to "
    "nobody."
)


def reminders_page() -> Page:
    """Return the page of the catalogue."""
    rows = (*CATALOGUE, DELIVERY_FAILURE)
    heads = ("row", "of", "what", "first day", "severity", "told again", "source")
    sentences = tuple((f"{reminder.id}: {reminder.sentence}") for reminder in rows)
    return Page(
        name=REMINDERS_PAGE,
        title="Reminders",
        about="what is pushed to people, from which day on, and how often",
        blocks=(
            Paragraph(_LEAD),
            Table("The catalogue", heads, tuple(_row(reminder) for reminder in rows)),
            Heading(2, "What is said"),
            Listing(sentences),
        ),
    )


def _row(reminder: Reminder) -> tuple[Words, ...]:
    repeat = f"every {reminder.repeat_days} days while it stands" if reminder.repeat_days else "no"
    return (
        reminder.id,
        rule(reminder.rule) if reminder.rule else "notices",
        reminder.title,
        _first_day(reminder),
        reminder.severity,
        repeat,
        reminder.source,
    )


def _first_day(reminder: Reminder) -> Words:
    if not reminder.rule:
        return "when every attempt has failed"
    if reminder.site_days:
        return (Code(reminder.threshold), " + the days in the site's ", Code(reminder.site_days))
    said: tuple[str | Code, ...] = (Code(reminder.threshold),)
    if reminder.shift_days:
        count = abs(reminder.shift_days)
        sign = "+" if reminder.shift_days > 0 else "−"
        said = (*said, f" {sign} {count} {'day' if count == 1 else 'days'}")
    return (*said, ", or the last working day before") if reminder.on_working_day else said
