"""The command line as a typer app, and how one command line is run."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from typer.core import TyperCommand

from stdbctl import __version__
from stdbctl.cli.commands.call import call
from stdbctl.cli.commands.check import check
from stdbctl.cli.commands.delete import delete
from stdbctl.cli.commands.deploy import deploy
from stdbctl.cli.commands.describe import describe
from stdbctl.cli.commands.dev import dev
from stdbctl.cli.commands.export import export
from stdbctl.cli.commands.generate import generate
from stdbctl.cli.commands.history import history
from stdbctl.cli.commands.import_ import import_
from stdbctl.cli.commands.init import init
from stdbctl.cli.commands.list_databases import list_databases
from stdbctl.cli.commands.logs import logs
from stdbctl.cli.commands.ps import ps
from stdbctl.cli.commands.reset import reset
from stdbctl.cli.commands.snapshot import snapshot_app
from stdbctl.cli.commands.sql import sql
from stdbctl.cli.commands.start import start
from stdbctl.cli.commands.stop import stop
from stdbctl.cli.commands.undo import undo
from stdbctl.cli.exits import ExitCode
from stdbctl.cli.options import Invocation
from stdbctl.cli.words import DeployCommand, DiagramCommand, WordsCommand

_HELP = {"help_option_names": ["--help", "-h"]}


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        sys.stdout.write(f"stdbctl {__version__}\n")
        raise typer.Exit


def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", "-V", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Real-time back ends in Python: deploy modules to an embedded SpacetimeDB server, generate typed clients."""
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


def build_app() -> typer.Typer:
    """The app with all commands, in the order in which `--help` shows them."""
    app = typer.Typer(name="stdbctl", add_completion=False, pretty_exceptions_enable=False, context_settings=_HELP)
    app.callback(invoke_without_command=True)(_root)
    kinds: dict[Callable[..., object], type[TyperCommand]] = {deploy: DeployCommand, describe: DiagramCommand}
    for command in (init, dev, start, stop, ps, deploy, generate, check, logs, history, sql, describe):
        app.command(cls=kinds.get(command), context_settings=_HELP)(command)
    app.command("call", cls=WordsCommand, context_settings=_HELP)(call)
    app.command(context_settings=_HELP)(export)
    app.command("import", context_settings=_HELP)(import_)
    app.command(context_settings=_HELP)(reset)
    app.command("list", context_settings=_HELP)(list_databases)
    app.command(context_settings=_HELP)(delete)
    app.command("publish", cls=DeployCommand, hidden=True, context_settings=_HELP, help="The same as `deploy`.")(deploy)
    app.add_typer(snapshot_app(_HELP), name="snapshot")
    app.command(context_settings=_HELP)(undo)
    client_sdk = typer.Typer(help="The same as `generate`, as `client-sdk generate`.", context_settings=_HELP)
    client_sdk.callback()(lambda: None)
    client_sdk.command("generate", cls=TyperCommand, context_settings=_HELP)(generate)
    app.add_typer(client_sdk, name="client-sdk", hidden=True)
    return app


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line and return the exit code."""
    invocation = Invocation()
    try:
        command = typer.main.get_command(build_app())
        result = command.main(list(arguments), prog_name="stdbctl", obj=invocation, standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:  # this is where a process ends: everything becomes an exit code
        from stdbctl.cli.failures import report

        return report(error, invocation.format)
    return result if isinstance(result, int) else ExitCode.DONE
