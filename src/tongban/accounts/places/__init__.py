"""
Where somebody sits and for whom: divisions (行政区划), organisations, halls and windows; loading the list of divisions, and
amending what is registered.
"""
