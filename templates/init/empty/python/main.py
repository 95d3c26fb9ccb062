"""Connects to the database and stays: `python client/main.py`, Ctrl+C ends it.

`conn.db` and `conn.reducers` get an attribute for each table and reducer of `module/` with the next `stdbctl generate`.
"""

import asyncio
import sys

from module_bindings import DbConnection
from settings import DATABASE, HOST

from stdbctl.client import StdbctlError


async def main() -> None:
    async with DbConnection.connect(HOST, DATABASE) as conn:
        print(f"connected to {DATABASE} as {conn.identity}")
        await conn.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print()
    except StdbctlError as error:
        sys.exit(str(error))
