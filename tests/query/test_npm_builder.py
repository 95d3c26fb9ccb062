"""Every condition that the official query builder can make, planned and compared with what the client itself says."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stdbctl.query import QueryError, plan_subscription
from stdbctl.sats import ConnectionId, Identity, Timestamp, Uuid
from stdbctl.schema import ModuleDef

HERE = Path(__file__).parent
ME, LINK, AT = Identity.from_int(0xC200), ConnectionId.from_int(77), Timestamp(1_700_000_000_123_456)
TAG = Uuid.parse("0190163d-8694-739b-aea5-966c26f8ad91")
ROWS: tuple[tuple[Any, ...], ...] = (  # rows as the engine keeps them
    (1, -5, "it's", 1.5, 0.5, True, ME, LINK, AT, TAG),
    (2, 0, "", -0.25, 2.0, False, Identity.from_int(1), LINK, Timestamp(0), TAG),
    (4294967295, 2**127 - 1, 'say "é" 猫', 1e300, 16777216.0, True, ME, ConnectionId.from_int(1), AT, Uuid.from_int(1)),
)
REFUSED = {
    "not": 'Unsupported expression: NOT ("person"."id" = 1)',
    "right semijoin": "Unsupported: JOIN in a subscription; subscribe to `person` and `member` one by one",
    "left semijoin": "Unsupported: JOIN in a subscription; subscribe to `member` and `person` one by one",
}


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:  # decoded JSON
    done = subprocess.run(
        ["node", str(HERE / "builder.mjs")],
        cwd=HERE.parent / "node",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    decoded: list[dict[str, Any]] = json.loads(done.stdout)
    return decoded


def test_conditions_of_the_official_builder_mean_what_the_client_means(
    cases: list[dict[str, Any]], module: ModuleDef
) -> None:
    served = [case for case in cases if case["name"] not in REFUSED]
    assert len(served) > 30
    for case in served:
        (plan,) = plan_subscription(case["sql"], module, ME, False)
        expected = [True] * len(ROWS) if case["matches"] is None else case["matches"]
        assert [plan.matches(row) for row in ROWS] == expected, case["sql"]


def test_what_the_builder_makes_but_is_not_served_gets_a_clear_error(
    cases: list[dict[str, Any]], module: ModuleDef
) -> None:
    refused = {case["name"]: case["sql"] for case in cases if case["name"] in REFUSED}
    assert refused.keys() == REFUSED.keys()
    for name, sql in refused.items():
        with pytest.raises(QueryError) as caught:
            plan_subscription(sql, module, ME, False)
        assert caught.value.text == f"{REFUSED[name]}, executing: `{sql}`"
