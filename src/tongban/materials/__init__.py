"""
What an applicant hands in: drafts, forms and files, checked before they are believed.

Owns drafts and the list of what lies in the vault for a case. Leaves to `catalogue` what a guide asks
for, and to `cases` who may add to a case once it is filed, and when.
"""
