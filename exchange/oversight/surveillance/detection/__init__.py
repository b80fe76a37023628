"""What in a trading history is out of the ordinary. Pure: facts in, findings out.

Every rule is a function of facts and thresholds alone. No fact has a field for region, kind, size
or name of an organization, so that the same behavior gives the same finding whoever behaves so.
"""
