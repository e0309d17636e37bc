"""
Notices (消息): whom it concerns is told what has happened, in a box on the pages, and applicants by SMS or mail besides.

Follows events; no act knows of it. What reaches nobody although the law wants them told becomes a duty of the window.
What a notice says is in `data/texts.json`, who is told of what in `rows.py`.
"""
