"""What functions do with `ctx.db`, judged from the syntax tree before anything runs.

No type checker can see that `find(idd=7)` names no column, or that `filter(kind=300)` asks for what no u8 is. Here
names are followed (`scopes`), expressions get a meaning where there is no doubt (`meanings`), and calls are compared
with the tables (`calls`, `rows`). What is in doubt is passed over in silence.
"""

from stdbctl.module.accesses.check import access_problems
from stdbctl.module.accesses.problems import CATCHABLE

__all__ = ["CATCHABLE", "access_problems"]
