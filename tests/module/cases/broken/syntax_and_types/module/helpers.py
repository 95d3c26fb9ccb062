from dataclasses import dataclass


@dataclass
class Color:
    red: int

def shade(color: Color -> int:
    return color.red
