"""
Filing of guides (指南备案) with the service centre: drafted, checked by somebody else, filed or returned, published, replaced.

Publishing without a filing stays possible to whoever runs the node (`tongban catalogue load`), and is how a node is set up: guides
from elsewhere must have somewhere to begin. No page and no endpoint does it. A filing whose guide was followed in that way is replaced too.
"""
