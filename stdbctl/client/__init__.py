"""Talking to a server from Python: `http.py` is the control client that the command line and `dev` use."""
