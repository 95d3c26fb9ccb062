"""Both files are explained, and what is wrong in the third one."""

from . import first, second, third
