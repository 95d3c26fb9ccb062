"""Generated packages, imported as users import them."""

import importlib
import itertools
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stdbctl.codegen import write_files

_NUMBERS = itertools.count()


@contextmanager
def imported(files: Mapping[str, str]) -> Iterator[Any]:
    """The package that these files make, under a name of its own; Any: what it holds is known only now."""
    name = f"generated_{next(_NUMBERS)}"
    with tempfile.TemporaryDirectory() as folder:
        write_files(files, Path(folder) / name)
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            yield importlib.import_module(name)
        finally:
            sys.path.remove(folder)
            for module in [module for module in sys.modules if module.partition(".")[0] == name]:
                del sys.modules[module]
