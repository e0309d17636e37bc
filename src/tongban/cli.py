"""Where `tongban …` starts; the commands are in `commandline`."""

from tongban.commandline.group import tongban as main

__all__ = ["main"]

if __name__ == "__main__":
    main()
