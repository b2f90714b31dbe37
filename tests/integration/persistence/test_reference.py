"""Sites, protocol versions and the installation: kept from the first day on, never silently replaced."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import SECRET
from tests.databases import Urls
from tests.integration.persistence.people import EVERYWHERE, PARIS, set_up_sites
from workflow import bootstrap
from workflow.persistence.engine import Database, open_database
from workflow.persistence.errors import ProtocolHashMismatchError, WrongSecretError
from workflow.persistence.installation import is_rehearsal, mark_rehearsal, require_secret
from workflow.persistence.protocol_versions import StoredProtocol, list_versions, store_versions
from workflow.persistence.reach import Reach
from workflow.persistence.sites import SiteSetting, find_site, list_sites, put_site
from workflow.settings import Settings

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"
AT = datetime(2024, 1, 1, tzinfo=UTC)
FIRST = StoredProtocol("all-rez", "1", "a" * 64, "id = 'all-rez'")
OTHER = StoredProtocol("ukall", "3", "b" * 64, "id = 'ukall'\nname = 'Größe'")


def test_a_site_is_read_as_set_last_and_every_setting_is_kept(database: Database) -> None:
    rome = SiteSetting(
        id="rome",
        name="Roma",
        time_zone="Europe/Rome",
        working_days=(1, 2, 3, 4, 5, 6),
        holidays=(date(2024, 6, 2), date(2024, 12, 25)),
        contacts=("ward@example.org", "Tel. 1"),
        silent_after_days=10,
    )
    with database.write() as connection:
        put_site(connection, replace(rome, name="Rome", silent_after_days=None), AT, "local")
        put_site(connection, rome, AT, "local")
        assert find_site(connection, "rome") == rome
        assert find_site(connection, "oslo") is None
        assert connection.execute(text("SELECT count(*) FROM site_setting")).scalar_one() == 2


def test_sites_are_listed_within_reach(database: Database) -> None:
    set_up_sites(database)
    with database.read() as connection:
        assert [site.id for site in list_sites(connection, EVERYWHERE)] == ["berlin", "paris"]
        assert [site.id for site in list_sites(connection, Reach((PARIS, "oslo")))] == ["paris"]
        assert list_sites(connection, Reach(())) == ()


def test_protocol_bodies_are_stored_once(database: Database) -> None:
    with database.write() as connection:
        store_versions(connection, [FIRST], AT)
    with database.write() as connection:
        store_versions(connection, [FIRST, OTHER], AT.replace(year=2025))
        assert list_versions(connection) == (FIRST, OTHER)


def test_a_stored_version_with_another_body_is_refused(database: Database) -> None:
    with database.write() as connection:
        store_versions(connection, [FIRST], AT)
    changed = replace(FIRST, sha256="c" * 64, body="id = 'changed'")
    with (
        database.write() as connection,
        pytest.raises(
            ProtocolHashMismatchError, match=r"all-rez@1 has the hash c{12} here .* give the changed body a new"
        ),
    ):
        store_versions(connection, [OTHER, changed], AT)


def test_only_a_marked_database_is_for_rehearsal(database: Database, database_urls: Urls) -> None:
    with database.read() as connection:
        assert not is_rehearsal(connection)
    owner = open_database(database_urls.owner, secret=SECRET)
    with owner.write() as connection:
        mark_rehearsal(connection)
    owner.dispose()
    with database.read() as connection:
        assert is_rehearsal(connection)


def test_a_database_stays_with_the_secret_it_began_with(database: Database) -> None:
    require_secret(database)
    require_secret(database)
    with pytest.raises(WrongSecretError, match="put that file back from its copy") as refused:
        require_secret(replace(database, secret=b"another secret, also 32 bytes long"))
    # Who is called at night looks for these words.
    assert f'| "{str(refused.value).partition(";")[0]}" |' in OPERATIONS.read_text(encoding="utf-8")


def test_a_missing_secret_file_is_made_for_a_new_database_and_for_no_other(database_urls: Urls, tmp_path: Path) -> None:
    home = Settings(database=database_urls.app, data_dir=tmp_path, secret_file=tmp_path / "chain.secret")
    bootstrap.build(home).close()
    mistyped = tmp_path / "chian.secret"
    with pytest.raises(WrongSecretError, match=f"no secret file {mistyped}.*put it back.*SECRET_FILE") as refused:
        bootstrap.build(home.with_(secret_file=mistyped))
    assert '| "there is no secret file …" |' in OPERATIONS.read_text(encoding="utf-8")
    assert str(refused.value).startswith("there is no secret file ")
    assert not mistyped.exists()
    bootstrap.build(home).close()
