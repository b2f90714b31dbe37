"""`coursewatch key`: API keys and whom they stand for."""

from typing import Annotated

import typer

from workflow.cli.options import Database, open_house, settings_for
from workflow.cli.talk import put, put_table, say
from workflow.domain.roles import Role

app = typer.Typer(help="API keys: who may do what, where.", no_args_is_help=True)
_ROLES = ", ".join(role.label for role in Role)


def _role(name: str) -> str:
    if name.lower() not in {role.label for role in Role}:
        raise typer.BadParameter(f"{name} is no role; one of {_ROLES}")
    return name.lower()


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whom the key stands for: a person or a service.")],
    *,
    role: Annotated[str, typer.Option(callback=_role, help=f"One of {_ROLES}.")],
    site: Annotated[list[str] | None, typer.Option(help="A site; repeat it for each. Without it: all sites.")] = None,
    database: Database = None,
) -> None:
    """Make a key and print it, once, alone on stdout."""
    from workflow.services import manage_keys

    with open_house(settings_for(database)) as house:
        key, cautions = manage_keys.create(house, name, Role.named(role), site or [])
    for caution in cautions:
        say(caution.message)
    put(key)


@app.command("list")
def list_keys(database: Database = None) -> None:
    """List the keys without their secrets."""
    from workflow.services import manage_keys
    from workflow.services.answers import instant

    with open_house(settings_for(database)) as house:
        keys = manage_keys.listed(house)
    put_table(
        None,
        ("id", "name", "may", "made", "revoked"),
        [
            (
                key.id,
                key.actor.name,
                ", ".join(f"{grant.role.label} at {grant.site or 'all sites'}" for grant in key.actor.grants),
                instant(key.made_at),
                instant(key.revoked_at) if key.revoked_at else None,
            )
            for key in keys
        ],
    )


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `key list` shows it.")],
    database: Database = None,
) -> None:
    """Make a key worthless within seconds."""
    from workflow.services import manage_keys

    with open_house(settings_for(database)) as house:
        manage_keys.revoke(house, key_id)
    say(f"Key {key_id} is revoked.")
