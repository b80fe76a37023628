"""Check the exchange's log, receipts and signatures without the exchange.

Standard library and `cryptography` only, so that a buyer, a court or a regulator can read all of
it in an hour and run it on a machine that has never seen the platform.
"""
