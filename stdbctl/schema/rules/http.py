"""Rules on HTTP handlers and routes."""

from collections.abc import Sequence

from stdbctl.schema.definition import HttpHandlerDef, HttpRouteDef
from stdbctl.schema.problems import DefProblem, Subject, did_you_mean
from stdbctl.schema.raw import RawHttpRouteDef
from stdbctl.schema.rules.draft import Draft
from stdbctl.schema.rules.names import DuplicateHttpHandler, Namespace, check_source_name

_PATH_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_~/")


class RoutePath(DefProblem):
    """A route's path has a form that is not allowed."""

    code = "schema.route_path"
    what_text = "{subject} is no path of a route"
    why_text = "a path is empty or begins with `/`, and is made of a-z, 0-9, `-`, `_`, `~` and `/`"
    fix_text = "change the path"


class NoSuchHttpHandler(DefProblem):
    """A route names a handler that is not there."""

    code = "schema.no_such_http_handler"
    what_text = "{subject} goes to the handler `{name}`, which does not exist{hint}"
    fix_text = "name an HTTP handler of this module"


class DuplicateRoute(DefProblem):
    """Two routes answer the same requests."""

    code = "schema.duplicate_route"
    what_text = "{subject} is there twice for the method {method}"
    why_text = "a route for any method leaves no room for another on its path"
    fix_text = "remove one, or change its path or method"


def check_handlers(draft: Draft) -> tuple[HttpHandlerDef, ...]:
    """Check and name the HTTP handlers; they may share names with reducers."""
    names = Namespace(draft.report, DuplicateHttpHandler)
    handlers = []
    for source in draft.raw.http_handlers:
        subject: Subject = (*draft.prefix, "http_handler", source)
        name = draft.namer.function(source)
        if check_source_name(draft.report, subject, source, name):
            names.claim(name, subject)
        handlers.append(HttpHandlerDef(name=name, accessor=source))
    return tuple(handlers)


def check_routes(draft: Draft, handlers: Sequence[HttpHandlerDef]) -> tuple[HttpRouteDef, ...]:
    """Check the routes; a route that collides with an earlier one is the problem."""
    routes: list[HttpRouteDef] = []
    for raw in draft.raw.http_routes:
        subject: Subject = (*draft.prefix, "http_route", raw.path)
        if not set(raw.path) <= _PATH_CHARACTERS or raw.path[:1] not in ("", "/"):
            draft.report.add(RoutePath(subject))
        route = HttpRouteDef(handler=_handler(draft, subject, raw, handlers), method=raw.method, path=raw.path)
        if any(_overlap(route, earlier) for earlier in routes):
            draft.report.add(DuplicateRoute(subject, method=route.method or "any"))
        routes.append(route)
    return tuple(routes)


def _handler(draft: Draft, subject: Subject, raw: RawHttpRouteDef, handlers: Sequence[HttpHandlerDef]) -> str:
    by_source = {handler.accessor: handler.name for handler in handlers}
    name = by_source.get(raw.handler_function) or draft.namer.function(raw.handler_function)
    names = set(by_source.values())
    if name not in names and raw.handler_function in names:
        name = raw.handler_function
    if name not in names:
        hint = did_you_mean(raw.handler_function, by_source)
        draft.report.add(NoSuchHttpHandler(subject, name=raw.handler_function, hint=hint))
    return name


def _overlap(a: HttpRouteDef, b: HttpRouteDef) -> bool:
    return a.path == b.path and (a.method is None or b.method is None or a.method == b.method)
