"""Pages for the 跨省通办 window: taking in, checking, pushing, handing out."""
