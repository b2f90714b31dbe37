"""The second fence in PostgreSQL: which rows the app role sees and writes, whatever a query of ours forgets to ask."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alembic import op

# Behind it stand the same memberships as behind `patients.member_of`: a site reaches the patients of whom a row of
# `patient_site` names it and has not ended. Who acts, and for which sites, is what the unit of work tells each
# transaction (`app.actor`, `app.sites`, and `app.now` where the database lives by another clock). One that told nothing
# sees no patient. The owner of the tables is not held: it migrates, folds anew and backs up.
#
# It holds against a condition that we forgot. It does not hold against somebody who sends SQL of their own as the app
# role: they may tell what they like (docs/decisions/0031).

Command = Literal["SELECT", "INSERT", "UPDATE", "DELETE"]
# Conditions of policies are written as PostgreSQL tells them, so that `db verify` can compare (fence_check.as_told).
# Whoever looks or changes asks in a scalar subselect: once for a statement and not once for a row. Few rows are added
# by one statement, and to set up a subselect costs more than to ask for each of them.
_ALL, _REMEMBERED, _ME = (
    "current_setting('app.sites', true) = '*'",
    "current_setting('app.reached', true)",
    "current_setting('app.actor', true)",
)
EVERYWHERE = f"(SELECT {_ALL})"
REMEMBERED = f"(SELECT {_REMEMBERED} AS current_setting)"
ME = f"(SELECT {_ME} AS current_setting)"
# A list asks for all that is reached at once; who looks at one patient asks for each row. Both say the same.
AT_ONCE = "(SELECT current_setting('app.lists', true) = 'on')"
SITES = "string_to_array(COALESCE(current_setting('app.sites', true), ''), chr(10))"
# A membership that ends in this very transaction ends after it began: what belongs to the act may still be written.
BEGAN = "COALESCE(NULLIF(current_setting('app.now', true), '')::timestamp with time zone, now())"
# Read from the index alone (tables.patients): the lists of a site begin with all its memberships.
_COVERING = "CREATE INDEX ix_patient_site_site_id ON patient_site (site_id, patient_id)"
MEMBER = f"site_id = ANY ({SITES}) AND (until_at IS NULL OR until_at >= {BEGAN})"
_MEMBERS = "public.patient_site"
_ALERTS = f"public.alert JOIN {_MEMBERS} USING (patient_id)"


# What a question is said to cost, in PostgreSQL's measure of an operator. Of patients and their spans lists look at
# many rows, and ask once for all: plans shall be those without a fence. Alerts and notices are looked up one by one.
FREE, HONEST = 1, 250


@dataclass(frozen=True, slots=True)
class Function:
    """A question to memberships that no policy hides.

    What is asked of a row by a subselect in the policy itself would be cheaper, and its estimated price turns lists
    upside down (docs/decisions/0031).
    """

    arguments: str
    returns: str
    question: str
    remembers: bool = False
    price: int = FREE

    @property
    def body(self) -> str:
        """Return the function's text: in PL/pgSQL, whose plans are kept from one statement to the next."""
        return f"BEGIN RETURN ({self.question}); END"

    @property
    def kind(self) -> str:
        """Return what PostgreSQL may assume of it."""
        return "VOLATILE" if self.remembers else "STABLE PARALLEL SAFE"


FUNCTIONS: Mapping[str, Function] = {
    "reaches_patient": Function(
        "wanted text",
        "boolean",
        f"SELECT EXISTS (SELECT FROM {_MEMBERS} WHERE patient_id = wanted AND {MEMBER})",  # noqa: S608 -- our own text
    ),
    "reaches_patient_of_alert": Function(
        "wanted text", "boolean", "SELECT public.reaches_patient(wanted)", price=HONEST
    ),
    "reached_patients": Function("", "text[]", f"SELECT array_agg(patient_id::text) FROM {_MEMBERS} WHERE {MEMBER}"),  # noqa: S608 -- our own text
    "reaches_alert": Function(
        "wanted text",
        "boolean",
        f"SELECT EXISTS (SELECT FROM {_ALERTS} WHERE alert.id = wanted AND {MEMBER})",  # noqa: S608 -- our own text
        price=HONEST,
    ),
    "reached_alerts": Function("", "text[]", f"SELECT array_agg(alert.id::text) FROM {_ALERTS} WHERE {MEMBER}"),  # noqa: S608 -- our own text
    "reaches_notice": Function(
        "wanted text",
        "boolean",
        "SELECT EXISTS (SELECT FROM public.notice JOIN public.alert ON alert.id = notice.alert_id "  # noqa: S608 -- our own text
        f"JOIN {_MEMBERS} USING (patient_id) WHERE notice.id = wanted AND {MEMBER})",
        price=HONEST,
    ),
    # What is added may come in the statement that makes its patient or alert, which sees neither of them yet. Whoever
    # is known to nobody is new: a patient without a membership exists at no time.
    "may_add_to_patient": Function(
        "wanted text",
        "boolean",
        f"SELECT COALESCE(bool_or({MEMBER}), true) FROM {_MEMBERS} WHERE patient_id = wanted",  # noqa: S608 -- our own text
    ),
    "may_add_to_alert": Function(
        "wanted text",
        "boolean",
        f"SELECT COALESCE(bool_or({MEMBER}), true) FROM {_ALERTS} WHERE alert.id = wanted",  # noqa: S608 -- our own text
    ),
    # Asked for the patient whose row was locked, and remembered until the transaction ends: all that is read and
    # written of them then is reached, and no row asks again. It is this function that knows, not who calls it.
    "remember_reached": Function(
        "wanted text",
        "boolean",
        "SELECT CASE WHEN public.reaches_patient(wanted) THEN set_config('app.reached', wanted, true) = wanted END",
        remembers=True,
    ),
    # The one thing asked of another hospital's patients, with yes or no: a hand-over must not lead onto somebody else.
    "pseudonym_taken": Function(
        "of_site text, wanted text, but text",
        "boolean",
        "SELECT EXISTS (SELECT FROM public.patient "
        "WHERE site_id = of_site AND pseudonym = wanted AND id IS DISTINCT FROM but)",
    ),
}
# An array is made in one go; unnested in the policy it is hashed, as PostgreSQL expects few of anything in an array.
# Not the caller's search path: whoever can make a table or an operator of the same name would be asked in our place.
SEARCH_PATH = "pg_catalog, pg_temp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Which rows may be seen (and changed, or deleted), and which may be added, as SQL conditions."""

    seen: str
    added: str
    changed: bool = True
    deleted: str | None = None

    def policies(self) -> Iterator[tuple[Command, str | None, str | None]]:
        """Yield each command with what it may find and what it may leave there."""
        yield "SELECT", self.seen, None
        yield "INSERT", None, self.added
        if self.changed:
            yield "UPDATE", self.seen, self.seen
        if self.deleted is not None:
            yield "DELETE", self.deleted, None


def _of_patient(
    column: str = "patient_id", *, changed: bool = True, known: str = EVERYWHERE, asked: str = "reaches_patient"
) -> Fence:
    return Fence(
        seen=_reached(column, "reached_patients", asked, f"{known} OR {column} = {REMEMBERED}"),
        added=f"{_ALL} OR {column} = {_REMEMBERED} OR may_add_to_patient({column})",
        changed=changed,
    )


def _of_alert(*, changed: bool) -> Fence:
    return Fence(
        seen=_reached("alert_id", "reached_alerts", "reaches_alert"),
        added=f"{_ALL} OR may_add_to_alert(alert_id)",
        changed=changed,
    )


def _reached(column: str, all_of_them: str, this_one: str, known: str = EVERYWHERE) -> str:
    """Return whether a row is reached: it is `known` to be, or asked of all at once, or for each row."""
    # In a subselect of its own, or PostgreSQL would make the array while it plans, to learn how long it is.
    at_once = f"SELECT unnest((SELECT {all_of_them}() AS {all_of_them})) AS unnest"
    return f"{known} OR CASE WHEN {AT_ONCE} THEN {column} IN ({at_once}) ELSE {this_one}({column}) END"


# One's own memberships need no second look: most conditions of ours ask for these.
_ONES_SITES = f"((SELECT {SITES} AS string_to_array)::text[])"
_OWN = f"{EVERYWHERE} OR site_id = ANY {_ONES_SITES} AND (until_at IS NULL OR until_at >= {BEGAN})"
_OF_NOTICE = f"{EVERYWHERE} OR reaches_notice(notice_id)"
FENCES: Mapping[str, Fence] = {
    "patient": Fence(seen=_of_patient("id").seen, added=f"{_ALL} OR site_id = ANY ({SITES})"),
    "patient_site": _of_patient(known=_OWN),
    "fact": _of_patient(changed=False),
    "state_span": _of_patient(),
    "window_span": _of_patient(),
    "alert": _of_patient(asked="reaches_patient_of_alert"),
    "alert_event": _of_alert(changed=False),
    "notice": _of_alert(changed=True),
    "attempt": Fence(seen=_OF_NOTICE, added=_OF_NOTICE, changed=False),
    # Heads of all chains, made and compared by who sees all sites.
    "sealed_head": Fence(seen=EVERYWHERE, added=_ALL, changed=False),
    # An act is logged by who acts; what others did is read by who sees all sites.
    "access_log": Fence(seen=f"{EVERYWHERE} OR actor_id = {ME}", added=f"actor_id = {_ME}", changed=False),
    # An answer is its actor's own, until it is forgotten by who sees all sites.
    "idempotency": Fence(
        seen=f"{EVERYWHERE} OR actor_id = {ME}", added=f"actor_id = {_ME}", changed=False, deleted=EVERYWHERE
    ),
}
OPEN: Mapping[str, str] = {
    "actor": "who a key stands for is asked before anybody is introduced; holds nothing of a patient",
    "actor_grant": "as actor",
    "api_key": "as actor; of a key it holds a digest",
    "ended_session": "as actor; digests of cookies",
    "site_setting": "a hospital's calendar and contacts; a hand-over names other hospitals",
    "protocol_version": "what everybody treats by",
    "protocol_signature": "who released what everybody treats by",
    "seal": "hashes and counts over all patients",
    "heartbeat": "counts of what the clock's work did",
    "installation": "one row about the database itself",
}


def name_of(table: str, command: Command) -> str:
    """Return what the policy of a table for a command is called."""
    return f"{table}_{command.lower()}_within_reach"


def create() -> None:
    """Put the fence up; on SQLite there is none."""
    if op.get_context().dialect.name != "postgresql":
        return
    _lock_tables()
    # A trigger fires without it.
    op.execute("REVOKE ALL ON FUNCTION refuse_change() FROM PUBLIC")
    op.execute("DROP INDEX ix_patient_site_site_id")
    op.execute(f"{_COVERING} INCLUDE (until_at)")
    for name, function in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}({function.arguments}) RETURNS {function.returns} LANGUAGE plpgsql "
            f"{function.kind} SECURITY DEFINER COST {function.price} SET search_path = {SEARCH_PATH} "
            f"AS $${function.body}$$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
    for table, fence in FENCES.items():
        for command, using, check in fence.policies():
            found = f" USING ({using})" if using else ""
            left = f" WITH CHECK ({check})" if check else ""
            op.execute(f"CREATE POLICY {name_of(table, command)} ON {table} FOR {command}{found}{left}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")


def drop() -> None:
    """Take the fence down."""
    if op.get_context().dialect.name != "postgresql":
        return
    _lock_tables()
    for table, fence in FENCES.items():
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for command, _, _ in fence.policies():
            op.execute(f"DROP POLICY {name_of(table, command)} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP INDEX ix_patient_site_site_id")
    op.execute(_COVERING)
    op.execute("GRANT EXECUTE ON FUNCTION refuse_change() TO PUBLIC")


def _lock_tables() -> None:
    """Lock all tables at once, before any of them is changed: whoever works at them stands in the way only here."""
    op.execute(f"LOCK TABLE {', '.join(FENCES)} IN ACCESS EXCLUSIVE MODE")
