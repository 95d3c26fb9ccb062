SEEN: set[str] = set()
NAMES = ["a"]
count = 0


def remember(name: str) -> None:
    SEEN.add(name)


def forget() -> None:
    NAMES[:] = []


def prepare() -> None:
    NAMES.append("b")


prepare()
