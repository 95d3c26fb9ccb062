"""stdbctl: write a real-time back end as one small Python package, serve it locally, generate its clients."""

__version__ = "0.1.0"
