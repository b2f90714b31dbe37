"""What every payload shares: strictness, and the few value types whose written form matters."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Annotated, ClassVar, LiteralString, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_before_validator_function

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Three digits of exponent hold every number that a laboratory writes, and none that overflows.
_DECIMAL = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
LONGEST_DECIMAL = 40
# Beyond these a year is a slip of the keyboard (0225 for 2025), and near 9999 a threshold would have no date.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


@dataclass(frozen=True, slots=True)
class Entries:
    """Beside a tuple's type: it is read from a list of `least` to `most` entries.

    They are counted before the first one is read: each that is wrong would cost an error, and a body holds many.
    """

    most: int
    least: int = 0

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic reads it."""
        bounds = Field(strict=False, min_length=self.least or None, max_length=self.most)
        return no_info_before_validator_function(self._counted, handler(Annotated[source, bounds]))

    def _counted(self, sent: object) -> object:
        if isinstance(sent, list) and len(sent) > self.most:
            told = {"field_type": "Tuple", "max_length": self.most, "actual_length": len(sent)}
            raise PydanticKnownError("too_long", told)
        return sent


class Payload(BaseModel):
    """The `data` of one fact type: immutable, no unknown fields, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    # What a payload needs besides its required fields, said for people who ask what a fact would take.
    also_needs: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _blank_is_absent(self) -> Self:
        """Forget what was sent as null, `[]` or `{}`: the stored text leaves it out, and must read back the same."""
        for name in [name for name in self.model_fields_set if _is_blank(getattr(self, name))]:
            self.__dict__[name] = type(self).model_fields[name].get_default()
            self.__pydantic_fields_set__.discard(name)
        return self


def _is_blank(value: object) -> bool:
    return value is None or value == () or (isinstance(value, Payload) and not value.model_fields_set)


def read_day(value: object) -> date:
    """Read a calendar date written YYYY-MM-DD; anything else, a date-time included, is an error."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("no_such_date", "is not a date that exists; check day and month") from None
        if EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            return day
        raise PydanticCustomError("year_out_of_range", "must lie between 1900 and 2199; check the year")
    raise PydanticCustomError("date_format", "must be a date written YYYY-MM-DD")


def read_instant(value: object) -> datetime:
    """Read an instant in ISO 8601 with its offset, as UTC; a time without offset is an error."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("instant_format", "must be a time like 2026-01-31T08:30:00+01:00") from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise PydanticCustomError("instant_format", "must be a time like 2026-01-31T08:30:00+01:00") from None
    raise PydanticCustomError("instant_offset", "must be a time with its offset, like 2026-01-31T08:30:00+01:00")


def read_asked_instant(value: object) -> datetime:
    """Read an instant that a question names: as `read_instant`, within the years of our calendars."""
    instant = read_instant(value)
    if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise PydanticCustomError("year_out_of_range", "must lie between 1900 and 2199; check the year")
    return instant


def _decimal_text(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    return value if isinstance(value, str) else None


def _decimal(value: object, rule: LiteralString) -> Decimal:
    text = _decimal_text(value)
    if text is None or len(text) > LONGEST_DECIMAL or not _DECIMAL.fullmatch(text):
        raise PydanticCustomError("decimal_format", rule)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise PydanticCustomError("decimal_format", rule) from None


def read_decimal(value: object) -> Decimal:
    """Read a finite decimal from a JSON number or string and keep its digits as written."""
    return _decimal(value, "must be a decimal number, like 0.0005")


def read_amount(value: object) -> Decimal:
    """Read the number of a result as `read_decimal`; the error says how one is sent that has no number."""
    return _decimal(
        value,
        "must be a decimal number, like 0.0005, without a unit or percent sign; a result below its detection limit is "
        "sent as below: 0.0001, without value",
    )


def read_measure(value: object) -> float:
    """Read a finite measurement from a JSON number or a numeric string."""
    number = float(_decimal(value, "must be a number, like 12.5, without a unit or percent sign"))
    if not isfinite(number):
        raise PydanticCustomError("decimal_format", "must be a finite number")
    return number


Day = Annotated[date, BeforeValidator(read_day, json_schema_input_type=str)]
Instant = Annotated[datetime, BeforeValidator(read_instant, json_schema_input_type=str)]
WrittenDecimal = Annotated[
    Decimal, BeforeValidator(read_decimal, json_schema_input_type=float | str), PlainSerializer(str, return_type=str)
]
WrittenAmount = Annotated[
    Decimal, BeforeValidator(read_amount, json_schema_input_type=float | str), PlainSerializer(str, return_type=str)
]
Measure = Annotated[float, BeforeValidator(read_measure, json_schema_input_type=float | str), Field(ge=0, le=1e9)]
Percent = Annotated[float, BeforeValidator(read_measure, json_schema_input_type=float | str), Field(ge=0, le=100)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]+$")]
PositiveCount = Annotated[int, Field(ge=1, le=99)]
