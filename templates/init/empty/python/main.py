"""Shows what the database holds, and what becomes of it: `python client/main.py`, Ctrl+C ends it.

`conn.db` and `conn.reducers` get an attribute for each table and reducer of `module/` with the next `stdbctl generate`.
"""

import asyncio

from module_bindings import DbConnection
from settings import DATABASE, HOST


async def main() -> None:
    async with DbConnection.connect(HOST, DATABASE) as conn:
        print(f"connected to {DATABASE} as {conn.identity}")
        await conn.wait_closed()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        print()
