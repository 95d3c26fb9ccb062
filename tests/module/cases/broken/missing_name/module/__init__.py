from .helpers import shad
