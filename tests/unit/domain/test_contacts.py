"""A contact is an address that a mail's header holds as it is, or the word log; anything else means the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from workflow.domain.contacts import SERVER_LOG, channel_of, is_address, read_contact, recipients_of

ADDRESSES = ("ward-3@north.example", "a.b+night@sub.hospital.example", "ward@berlin", "o'neill_1@h.example")
NO_ADDRESSES = (
    "",
    "Tel. 1",
    "ward 3",
    "ward@",
    "@north.example",
    "a@b@c",
    "ward@north..example",
    ".ward@north.example",
    "ward.@north.example",
    "ward@-north.example",
    "ward@north.example.",
    "ward@[192.0.2.1]",
    "Ward 3 <ward-3@north.example>",
    "<ward-3@north.example>",
    '"ward 3"@north.example',
    "ward@north.example, other@north.example",
    "ward@north.example\n",
    "ward@north.example\r\nBcc: x@y.example",
    "ward\x00@north.example",
    "wärd@north.example",
    "ward@nörth.example",
    "ward@north.example\u2028",
    f"{'a' * 65}@north.example",
    f"ward@{'a' * 64}.example",
    f"ward@{'.'.join(['a' * 60] * 5)}",
)


@pytest.mark.parametrize("contact", ADDRESSES)
def test_an_address_is_written_to(contact: str) -> None:
    assert is_address(contact)
    assert channel_of(contact) == ("email", contact)
    assert read_contact(contact) == contact


@pytest.mark.parametrize("contact", NO_ADDRESSES)
def test_what_is_no_address_is_refused_when_set_and_goes_to_the_log_when_it_stands(contact: str) -> None:
    assert not is_address(contact)
    assert channel_of(contact) == SERVER_LOG
    with pytest.raises(PydanticCustomError, match="must be an email address without a name around it"):
        read_contact(contact)


def test_the_word_log_is_a_contact() -> None:
    assert read_contact("log") == "log"
    assert channel_of("log") == ("log", "log")


def test_each_place_is_told_once_and_a_site_without_contacts_tells_the_log() -> None:
    assert recipients_of(()) == (SERVER_LOG,)
    assert recipients_of(("b@x.example", "Tel. 1", "a@x.example", "b@x.example", "log")) == (
        ("email", "b@x.example"),
        SERVER_LOG,
        ("email", "a@x.example"),
    )


@given(st.text(), st.text())
def test_no_address_holds_what_ends_a_header_or_begins_another_address(before: str, after: str) -> None:
    contact = f"{before}@{after}"
    if is_address(contact):
        assert contact.isascii()
        assert contact.isprintable()
        assert not set(contact) & set(' <>()[],:;"\\')
        assert contact.count("@") == 1
