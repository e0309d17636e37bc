"""The account manager's desk (账号管理): people and posts, grants by two, leave, windows, keys of machines, a list of staff as a file."""
