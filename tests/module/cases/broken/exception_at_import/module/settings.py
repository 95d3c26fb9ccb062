def share(total, parts):
    return total / parts


RATE = share(100, 0)
