"""`python -m isocortex` is the console script."""

from isocortex.cli import main

if __name__ == "__main__":
    main()
