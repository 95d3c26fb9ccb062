def deeper(n: int) -> int:
    return deeper(n + 1)


LIMIT = deeper(0)
