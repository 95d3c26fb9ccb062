class ConfigError(Exception):
    """Raised below."""


def configure(level: int) -> None:
    if level > 3:
        raise ConfigError(f"level {level} is too high")


configure(4)
