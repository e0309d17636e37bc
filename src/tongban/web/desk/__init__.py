"""
The desk (办公台): one pattern of pages for every procedure: lists, a matter's story, the form of an act, the form that opens one.

What a procedure says in words for its pages is its design (`web.designs`); what is special keeps a page of its own elsewhere.
"""
