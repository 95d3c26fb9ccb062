"""The JSON of `POST /sql`: one result, its columns as types, its rows as lists of bare values."""

from starlette.responses import Response

from stdbctl.engine import QueryResult
from stdbctl.sats import AlgebraicType, JsonStyle, ProductElement, ProductType, Typespace, dumps, to_json, type_to_json
from stdbctl.server.hosting import HostedDatabase


def sql_answer(hosted: HostedDatabase, result: QueryResult, micros: int) -> Response:
    """The answer to one SELECT that took `micros`."""
    module = hosted.database.module
    typespace = Typespace() if module is None else module.typespace
    row_type = ProductType(tuple(ProductElement(name, type_) for name, type_ in result.columns))
    answer = {
        "schema": {"elements": [_element(name, type_) for name, type_ in result.columns]},
        "rows": [to_json(row_type, typespace, row, JsonStyle.BARE) for row in result.rows],
        "total_duration_micros": micros,
        "stats": {"rows_inserted": 0, "rows_deleted": 0, "rows_updated": 0},
    }
    headers = {"spacetime-execution-duration-micros": str(micros)}
    return Response(dumps([answer]), media_type="application/json", headers=headers)


def _element(name: str, type_: AlgebraicType) -> dict[str, object]:
    return {"name": {"some": name}, "algebraic_type": type_to_json(type_)}
