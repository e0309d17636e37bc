"""
The engine: what every procedure (程序) of the office has in common, from its rules to its dossier; knows none by name.

A procedure is rows (`rule`), put together in a `procedure.Procedure` and entered in the `register`; a matter (事) is one run of it.
"""
