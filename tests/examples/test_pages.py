"""What the pages show of the Python client does what they say, on the sample's whiteboard."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server import REPOSITORY, RunningServer

BINDINGS = REPOSITORY / "docs" / "examples" / "terminal_whiteboard"
PAGES = ("README.md", "docs/python-client.md", "docs/generate-python.md")


def programs(page: str) -> list[str]:
    """The python blocks of a page that connect by themselves, made to run."""
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / page).read_text("utf-8"), re.DOTALL)
    start = "\n\nimport asyncio\n\nasyncio.run(main())\n"
    return [block + (start if "async def main" in block else "") for block in blocks if ".connect(" in block]


@pytest.mark.parametrize("page", PAGES)
def test_programs_of_the_pages_run_on_the_whiteboard(
    page: str, server: RunningServer, whiteboard: str, tmp_path: Path
) -> None:
    shown = programs(page)
    assert shown
    for number, text in enumerate(shown):
        assert '"http://127.0.0.1:3000", "whiteboard"' in text
        program = tmp_path / f"program_{number}.py"
        program.write_text(
            text.replace('"http://127.0.0.1:3000", "whiteboard"', f'"{server.url}", "{whiteboard}"'), "utf-8"
        )
        code = f"import runpy, sys; sys.path.insert(0, {str(BINDINGS)!r}); runpy.run_path({str(program)!r})"
        done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), text
