"""
Pages for people: applicant, counter, officer, supervisor. Translates HTTP, decides nothing.

Every errand works without JavaScript; htmx and a few lines of script make it pleasant.
"""
