from dataclasses import dataclass

from stdbctl.module import u64


@dataclass
class Spot:
    y: u64
