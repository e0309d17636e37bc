"""Pages for who watches: service centre and county office."""
