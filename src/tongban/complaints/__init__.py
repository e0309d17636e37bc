"""
Complaints (投诉) about how a matter was handled, across places: taken in here, looked into where it happened, answered here.

Whoever is complained of is no party, so they see neither name nor text. A decision itself is not for a complaint but for review
(复议、诉讼): that is told, and the complaint declined.
"""
