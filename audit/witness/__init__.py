"""A witness: a program of its own that vouches for what a log shows it (C2SP tlog-witness).

It keeps the newest tree head it saw of each log, and signs another one only when that continues
it. A log that cannot show two histories to its witnesses cannot show two to anybody.

Needs the standard library, `cryptography` and `verify`; nothing of the exchange, so that somebody
else can run it. `python3 -m audit.witness` is the same as `manage.py witness`.
"""
