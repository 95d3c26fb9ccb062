from .points import Point
