"""
Where the program is put together: Django's settings, the URLs, the WSGI application. It may import everything and nothing
imports it; whoever starts a process names it.
"""
