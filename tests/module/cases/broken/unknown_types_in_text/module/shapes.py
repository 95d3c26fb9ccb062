from dataclasses import dataclass

from stdbctl.module import f32


@dataclass
class Spot:
    x: f32
    y: f32
