"""The formulae of the methods as pure functions; docs/formulae.md works each of them by hand.

Amounts and rates are exact decimals; nothing is rounded on the way. What cannot be a quantity of
its kind (a negative cost, a share above one) is a ValueError that names it.
"""
